"""Records out of a file: CSV or JSON Lines, gzip or plain, told apart by their content, read as a stream."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, TextIO, cast

from tqdm import tqdm

CSV: Final = "csv"
JSON_LINES: Final = "json lines"
_GZIP: Final = b"\x1f\x8b"
_STEP: Final = 2_000  # records between two looks at how far the file is read


class Unreadable(ValueError):
    """A file that cannot be read at all, or not to its end; str() says why."""


@dataclass(slots=True)
class Record:
    """One record. `number` is its position among the records, `line` the line of the file on which it begins."""

    number: int
    line: int
    cells: list[str]  # of JSON Lines: the line itself, alone
    wrong: str | None = None  # why it could not be read as a record


@dataclass(frozen=True)
class File:
    """A file to import. It is read from its start as often as is asked."""

    path: Path
    form: str

    @classmethod
    def of(cls, path: Path) -> File:
        """Looks at the beginning. Raises Unreadable."""
        with _opened(path, "utf-8-sig") as (text, _):
            begin = text.read(4096).lstrip()
        if not begin:
            raise Unreadable(f"{path} is empty")
        if begin.startswith("["):
            raise Unreadable(f"{path} is a JSON array; events come as JSON Lines, one object a line")
        return cls(path, JSON_LINES if begin.startswith("{") else CSV)

    @contextmanager
    def records(
        self, *, encoding: str = "utf-8", delimiter: str = ",", words: str | None = None
    ) -> Iterator[tuple[list[str], Iterator[Record]]]:
        """The header (empty for JSON Lines) and the records. With `words` a bar that begins with them shows on a
        terminal how much of the file is read. Raises Unreadable."""
        with _opened(self.path, "utf-8-sig" if encoding == "utf-8" else encoding) as (text, position):
            size = self.path.stat().st_size
            with tqdm(
                total=size, desc=words, unit="B", unit_scale=True, leave=False, file=sys.stderr,
                disable=None if words else True,
            ) as bar:  # fmt: skip
                follow = _follow(bar, position)
                if self.form == JSON_LINES:
                    yield [], _lines(text, follow)
                else:
                    reader = csv.reader(text, delimiter=delimiter)
                    yield _header(reader, self.path), _rows(reader, follow)


@contextmanager
def _opened(path: Path, encoding: str) -> Iterator[tuple[TextIO, Callable[[], int]]]:
    """The text of a file, and a function that says how many bytes of the file were read."""
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP
            raw.seek(0)
            # what is not of the encoding is kept, so that only its own record is refused, and shown as it was
            source = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
            yield io.TextIOWrapper(source, encoding, errors="surrogateescape", newline=""), raw.tell
    except OSError as wrong:
        # of a damaged gzip too
        raise Unreadable(f"{path}: {wrong.strerror or wrong}") from None
    except (EOFError, zlib.error) as wrong:
        raise Unreadable(f"{path} is damaged: {wrong}") from None
    except UnicodeError as wrong:
        raise Unreadable(f"{path} is not {encoding}: {wrong}") from None


def _follow(bar: tqdm[Any], position: Callable[[], int]) -> Callable[[], None]:
    def follow() -> None:
        bar.update(position() - bar.n)

    return follow


def _header(reader: Iterator[list[str]], path: Path) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as wrong:
        raise Unreadable(f"{path} has no header: {wrong}") from None
    if not any(header):
        raise Unreadable(f"{path} has no header")
    return header


def _rows(reader: Iterator[list[str]], follow: Callable[[], None]) -> Iterator[Record]:
    number = 0
    last: int = reader.line_num  # type: ignore[attr-defined]
    while True:
        line, wrong = last + 1, None
        try:
            cells = next(reader)
        except StopIteration:
            follow()
            return
        except csv.Error as error:
            cells, wrong = [], str(error)
        last = reader.line_num  # type: ignore[attr-defined]
        if not cells and wrong is None:
            continue
        if wrong is not None:
            if last > line:
                wrong += f" (lines {line} to {last} were read as one row: is a quote not closed?)"
            cells = []
        number += 1
        if number % _STEP == 0:
            follow()
        yield Record(number, line, cells, wrong)


def _lines(text: TextIO, follow: Callable[[], None]) -> Iterator[Record]:
    number = 0
    for line, content in enumerate(text, 1):
        content = content.strip()
        if not content:
            continue
        number += 1
        if number % _STEP == 0:
            follow()
        yield Record(number, line, [content])
    follow()
