"""What was not taken, written down: line, reason and the row as it was.

The file of refused rows has the header and the encoding of its source, behind the columns `line` and `reason`, which no
mapping names: once its rows are put right it can be imported as it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .groups import Gathered
from .mapping import Mapping
from .reading import CSV, File


class Refused(NamedTuple):
    line: int
    reason: str


def write(file: File, gathered: Gathered, mapping: Mapping, path: Path) -> list[Refused]:
    """Reads the file again and writes every record not taken to `path`."""
    found = []
    encoding = mapping.encoding if file.form == CSV else "utf-8"
    with path.open("w", encoding=encoding, errors="surrogateescape", newline="") as text:
        out = csv.writer(text, delimiter=mapping.delimiter)
        out.writerow(["line", "reason", *(gathered.header if file.form == CSV else ["row"])])
        for refused, cells in listed(file, gathered, mapping):
            # a reason may quote what the encoding of the file has no character for
            reason = refused.reason.encode(encoding, "replace").decode(encoding)
            out.writerow([refused.line, reason, *cells])
            found.append(refused)
    return found


def listed(file: File, gathered: Gathered, mapping: Mapping) -> Iterator[tuple[Refused, list[str]]]:
    """Every record not taken, with its cells. Nothing is read where nothing was refused."""
    if not gathered.refusals:
        return
    reason_of, whose = gathered.refusals.reason, gathered.whose
    with file.records(encoding=mapping.encoding, delimiter=mapping.delimiter) as (_, records):
        for record in records:
            reason = reason_of(record.number, whose(record))
            if reason is not None:
                yield Refused(record.line, reason), record.cells
