"""Lines that cannot be taken, and the file in which what was refused is written down."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

from omnistream_console.work.importing import lines, mapping, refusals, rows
from omnistream_console.work.importing.groups import Gathered
from omnistream_console.work.importing.reading import File, Record

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_json_lines_and_what_falls_with_a_refused_one() -> None:
    told = [
        '{"id":"1","type":"conversation.created","conversation":"A","at":"2026-02-01T09:00:00Z","channel":"email","contact_name":"Budi"}',
        '{"id":"2","type":"status","conversation":"B","at":"2026-02-01T09:00:00Z","status":"open"}',
        '{"id":"3","type":"status","conversation":"A","at":"2026-02-01T09:00:00Z","status":"gone"}',
        "{",
        "[1]",
        "[" * 5_000,
        '{"id":"4","type":"status","conversation":"B","at":"2026-02-01T09:00:00Z","status":"\\ud800"}',
        '{"id":"5","type":"status","conversation":"C","at":"2026-02-01T09:00:00Z","status":"open","seq":7}',
    ]
    gathered = lines.gather(iter([Record(n, n, [line]) for n, line in enumerate(told, 1)]), "desk", NOW)
    assert list(gathered.groups) == ["B", "C"]
    assert [(e.source, e.position, e.seq) for e in gathered.groups["C"]] == [("desk", 8, 7)]
    found = gathered.refusals.records
    assert found[3] == "status: must be one of: open, pending, resolved, closed"
    assert found[5] == "must be an object"
    assert all(found[n].startswith("no JSON") for n in (4, 6, 7))
    assert gathered.refusals.reason(1, "A") == f"another row of its conversation is refused: {found[3]}"


def test_refused_rows_are_written_as_they_were_and_can_be_imported_once_put_right(tmp_path: Path) -> None:
    by = mapping.check(tomllib.loads(
        'rows = "conversations"\nencoding = "cp1252"\ndelimiter = ";"\n[columns]\nexternal_id = "Id"\nchannel = "Via"\n'
        'contact_name = "Who"\ncreated_at = "Since"'
    ))  # fmt: skip
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_bytes(
        "Id;Via;Who;Since\n1;email;Jürgen;gestern\n2;email;Ömer;2026-02-01T09:00:00Z\n3;email;\n".encode("cp1252")
    )

    def read(path: Path) -> tuple[File, Gathered]:
        file = File.of(path)
        with file.records(encoding=by.encoding, delimiter=by.delimiter) as (header, records):
            return file, rows.gather(header, records, by, "desk", NOW)

    file, gathered = read(path)
    assert list(gathered.groups) == ["2"]
    found = refusals.write(file, gathered, by, out)
    assert found == [
        (2, "created_at (column “Since”): “gestern” is no ISO 8601 date and time"),
        (4, "the row has 3 cells, the header has 4"),
    ]
    text = out.read_bytes().decode("cp1252")
    assert text.splitlines()[0] == "line;reason;Id;Via;Who;Since"
    assert (
        text.splitlines()[1]
        == "2;created_at (column “Since”): “gestern” is no ISO 8601 date and time;1;email;Jürgen;gestern"
    )
    out.write_bytes(
        text.splitlines()[0].encode()
        + b"\n"
        + text.splitlines()[1].replace(";gestern", ";2026-02-01T08:00:00Z").encode("cp1252")
    )
    assert list(read(out)[1].groups) == ["1"]
    assert read(out)[1].ignored == ["line", "reason"]


def test_bytes_that_are_not_of_the_encoding_are_written_as_they_were(tmp_path: Path) -> None:
    path, out = tmp_path / "in.csv", tmp_path / "out.csv"
    row = b"1,email,J\xfcrgen,2026-02-01T09:00:00Z"
    path.write_bytes(b"external_id,channel,contact_name,created_at\n" + row)
    file = File.of(path)
    with file.records() as (header, records):
        by = mapping.native(header)
        gathered = rows.gather(header, records, by, "desk", NOW)
    refusals.write(file, gathered, by, out)
    assert out.read_bytes().splitlines()[1] == "2,contact_name (column “contact_name”) is not utf-8,".encode() + row
