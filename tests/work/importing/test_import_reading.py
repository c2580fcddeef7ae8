"""Files to records: what they are is told by their content."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from omnistream_console.work.importing.reading import CSV, JSON_LINES, File, Record, Unreadable


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def read(path: Path, **options: str) -> tuple[list[str], list[Record]]:
    with File.of(path).records(**options) as (header, records):
        return header, list(records)


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["no BOM", "BOM"])
def test_csv_plain_or_zipped_with_or_without_a_bom(tmp_path: Path, zipped: bool, bom: bytes) -> None:
    content = bom + 'a,b\r\n1,"x\r\ny"\r\n\r\n2,Jakarta – Überweg\r\n'.encode()
    # the name says nothing: the content does
    path = write(tmp_path / "log.txt", gzip.compress(content) if zipped else content)
    assert File.of(path).form == CSV
    header, records = read(path)
    assert header == ["a", "b"]
    assert [(r.number, r.line, r.cells) for r in records] == [
        (1, 2, ["1", "x\r\ny"]),
        (2, 5, ["2", "Jakarta – Überweg"]),
    ]


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
def test_json_lines(tmp_path: Path, zipped: bool) -> None:
    content = b'\xef\xbb\xbf{"a": 1}\n\n{"b": 2}'
    path = write(tmp_path / "log", gzip.compress(content) if zipped else content)
    assert File.of(path).form == JSON_LINES
    assert [(r.number, r.line, r.cells) for r in read(path)[1]] == [(1, 1, ['{"a": 1}']), (2, 3, ['{"b": 2}'])]


def test_another_encoding_and_delimiter(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", "a;b\nä;ö\n".encode("cp1252"))
    assert read(path, encoding="cp1252", delimiter=";")[1][0].cells == ["ä", "ö"]
    path = write(tmp_path / "log16.csv", "a;b\nä;ö\n".encode("utf-16"))
    assert read(path, encoding="utf-16", delimiter=";")[1][0].cells == ["ä", "ö"]


def test_a_quote_that_is_never_closed_names_the_lines_it_swallowed(tmp_path: Path) -> None:
    path = write(tmp_path / "log.csv", b'a,b\n1,"x\n' + b"2,y\n" * 40_000)
    first, *rest = read(path)[1]
    assert first.line == 2
    assert first.wrong
    assert "lines 2 to" in first.wrong
    assert rest[-1].line == 40_002


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b",,\n1,2,3\n", "has no header"),
        (b'[{"a": 1}]', "is a JSON array"),
        (gzip.compress(b"a,b\n" + bytes(range(32, 127)) * 9_000)[:-400], "is damaged|ended before"),
        (b"\x1f\x8bthis is no gzip", "gzip|compression|method"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    path = write(tmp_path / "log.csv", content)
    with pytest.raises(Unreadable, match=said):
        read(path)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        File.of(tmp_path / "gone.csv")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="directory"):
        File.of(tmp_path)
