"""An import from its file to its summary."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from tqdm import tqdm

from ...store import history, organizations
from ...store.database import transaction
from ..events import MAX_SOURCE, in_english
from . import lines, refusals, rows
from . import mapping as mappings
from .apply import Group, Taken, Taking
from .groups import Gathered
from .mapping import BadMapping, Mapping
from .names import Names
from .reading import CSV, File, Unreadable

# Conversations a transaction: long enough to be fast, short enough that nobody who writes waits long.
BATCH: Final = 500


class ImportFailed(Exception):
    """Nothing could be imported; str() says why."""


@dataclass
class Summary:
    """What an import did."""

    records: int = 0
    accepted: int = 0
    duplicate: int = 0
    waiting: int = 0
    opened: int = 0
    changed: int = 0
    divisions: list[str] = field(default_factory=list)  # made, since they were not there yet
    ignored: list[str] = field(default_factory=list)  # columns that nothing was taken from
    refused: list[refusals.Refused] = field(default_factory=list)
    refused_path: Path | None = None


def import_file(
    path: Path,
    organization: str,
    source: str,
    *,
    mapping_path: Path | None = None,
    refused_path: Path | None = None,
    now: datetime,
) -> Summary:
    """Imports a file into an organization, whole conversation by whole conversation. Raises ImportFailed."""
    found = organizations.by_name(organization)
    if found is None:
        raise ImportFailed(f"there is no organization “{organization}”")
    source = source.strip()
    if not 1 <= len(source) <= MAX_SOURCE or not source.isprintable():
        raise ImportFailed(f"the source must be a name of 1 to {MAX_SOURCE} characters")
    if refused_path is not None and refused_path.exists() and refused_path.samefile(path):
        raise ImportFailed("the file of refusals cannot be the imported file itself")
    try:
        with _unhindered():
            file = File.of(path)
            by, gathered = _gather(file, mapping_path, source, now)
            summary = Summary(records=gathered.records, ignored=gathered.ignored)
            _apply(found.id, source, gathered, summary, now)
            _refusals(file, gathered, by, refused_path, summary)
    except (BadMapping, Unreadable) as wrong:
        raise ImportFailed(str(wrong)) from None
    return summary


def _gather(file: File, mapping_path: Path | None, source: str, now: datetime) -> tuple[Mapping, Gathered]:
    if file.form != CSV:
        if mapping_path is not None:
            raise ImportFailed(f"{file.path} is JSON Lines, which needs no mapping")
        with file.records(words="reading") as (_, records):
            return Mapping(), lines.gather(records, source, now)
    by = mappings.load(mapping_path) if mapping_path is not None else None
    delimiter, encoding = (by.delimiter, by.encoding) if by else (",", "utf-8")
    with file.records(encoding=encoding, delimiter=delimiter, words="reading") as (header, records):
        by = by or mappings.native(header)
        return by, rows.gather(header, records, by, source, now)


def _apply(organization_id: UUID, source: str, gathered: Gathered, summary: Summary, now: datetime) -> None:
    names = Names(organization_id)
    divisions = dict.fromkeys(e.division for events in gathered.groups.values() for e in events if e.division)
    if divisions:
        try:
            with history.conflicts(), transaction():
                summary.divisions = names.make(divisions, now)
        except history.Conflict:  # somebody else made one of them just now
            names = Names(organization_id)
            with transaction():
                summary.divisions = names.make(divisions, now)
    for events in gathered.groups.values():
        for event in events:
            if (errors := names.resolve(event)) is not None:
                gathered.refusals.add(event.position, in_english(errors), event.conversation)
    gathered.settle()
    groups = [Group(source, conversation, events) for conversation, events in gathered.groups.items()]
    gathered.groups.clear()
    with tqdm(
        total=len(groups), desc="importing", unit=" conversations", leave=False, file=sys.stderr, disable=None
    ) as bar:
        done, measure_at = 0, 0
        while groups:
            if done >= measure_at and len(groups) > BATCH:
                with transaction():
                    history.measured()
                measure_at = done * 4 or BATCH
            some = groups[:BATCH]
            del groups[:BATCH]  # what is written need not be kept
            done += len(some)
            taken = _batch(organization_id, some, now)
            summary.accepted += taken.accepted
            summary.duplicate += taken.duplicate
            summary.waiting += taken.waiting
            summary.opened += taken.opened
            summary.changed += taken.changed
            for event, errors in taken.refused:
                gathered.refusals.add(event.position, in_english(errors), event.conversation)
            bar.update(len(some))


def _batch(organization_id: UUID, groups: Sequence[Group], now: datetime) -> Taken:
    """Some conversations, in one transaction."""
    for hopeful in (True, False, False):
        try:
            with transaction():
                return Taking(organization_id, now, whole=True, hopeful=hopeful).run(groups)
        except history.Conflict:
            continue  # an event is known, or somebody else brought one of these conversations meanwhile
    with transaction():
        return Taking(organization_id, now, whole=True).run(groups)


def _refusals(file: File, gathered: Gathered, by: Mapping, path: Path | None, summary: Summary) -> None:
    if path is None:
        if not gathered.refusals:
            return
        path = file.path.with_name(file.path.name + ".refused.csv")
    try:
        summary.refused = refusals.write(file, gathered, by, path)
        summary.refused_path = path
    except OSError as wrong:
        summary.refused = [refused for refused, _ in refusals.listed(file, gathered, by)]
        print(f"{path} cannot be written: {wrong.strerror}", file=sys.stderr)


@contextmanager
def _unhindered() -> Iterator[None]:
    """Without the search for cyclic garbage: an import makes millions of values and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
