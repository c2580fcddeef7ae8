"""What the columns of a table mean: the mapping file, read and checked."""

from __future__ import annotations

import codecs
import tomllib
from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from ..events import AGENT, CUSTOMER, SENDERS, STATUSES, TYPES
from . import times

CONVERSATIONS: Final = "conversations"
EVENTS: Final = "events"

NATIVE: Final = (
    "external_id", "channel", "division", "contact_name", "subject",
    "created_at", "first_response_at", "resolved_at", "status", "agent_email",
)  # fmt: skip

# What a column can be, by the kind of rows; the second set has to be known, from a column or a default.
FIELDS: Final[Dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    CONVERSATIONS: (
        frozenset({*NATIVE, "contact_address", "opened_by", "status_at"}),
        frozenset({"external_id", "channel", "contact_name", "created_at"}),
    ),
    EVENTS: (
        frozenset({
            "conversation", "id", "seq", "type", "at", "created_at", "channel", "division", "contact_name",
            "contact_address", "subject", "opened_by", "sender", "body", "message", "status", "agent_email", "note",
            "event",
        }),
        frozenset({"conversation", "type", "at"}),
    ),
}  # fmt: skip
TIMES: Final = frozenset({"at", "created_at", "first_response_at", "resolved_at", "status_at"})
# The values a field may have; a channel may be any short lower-case name.
CHOICES: Final[Dict[str, Sequence[str]]] = {
    "type": TYPES,
    "status": STATUSES,
    "sender": SENDERS,
    "opened_by": (CUSTOMER, AGENT),
}
OTHERWISE: Final = "*"  # in a table of values: everything that it does not name


class BadMapping(ValueError):
    """A mapping file, or a table's header, that cannot be used; str() says why."""


@dataclass(frozen=True)
class Mapping:
    """Which column is what."""

    rows: str = CONVERSATIONS
    columns: Dict[str, Sequence[str]] = field(default_factory=lambda: {name: (name,) for name in NATIVE})
    values: Dict[str, Dict[str, str]] = field(default_factory=dict)
    defaults: Dict[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset({""})
    encoding: str = "utf-8"
    delimiter: str = ","
    time_format: str = times.ISO
    zone: ZoneInfo | None = None

    def places(self, header: Sequence[str]) -> dict[str, tuple[int, ...]]:
        """Where each field stands in a table with this header. Raises BadMapping for a header that lacks a column."""
        doubled = sorted({name for name in header if header.count(name) > 1})
        wanted = {name for names in self.columns.values() for name in names}
        if unclear := [name for name in doubled if name in wanted]:
            raise BadMapping(f"the header has more than one column {_listed(unclear)}")
        if lacking := sorted(wanted - set(header)):
            raise BadMapping(f"the header has no column {_listed(lacking)}; it has {_listed(header)}")
        return {name: tuple(header.index(column) for column in names) for name, names in self.columns.items()}

    def ignored(self, header: Sequence[str]) -> list[str]:
        """The columns that no field is taken from."""
        used = {name for names in self.columns.values() for name in names}
        return [name for name in header if name not in used]

    def instants(self) -> Callable[[str], datetime]:
        return times.reader(self.time_format, self.zone)


def native(header: Sequence[str]) -> Mapping:
    """The mapping of a table that uses the product's own names; columns that may be absent may be."""
    known, needed = FIELDS[CONVERSATIONS]
    lacking = sorted(needed - set(header))
    if lacking:
        raise BadMapping(
            f"the header has no column {_listed(lacking)}. Without a mapping it is: {', '.join(NATIVE)}. "
            "A mapping file says what other columns mean"
        )
    return Mapping(columns={name: (name,) for name in header if name in known})


def load(path: Path) -> Mapping:
    """Reads a mapping file. Raises BadMapping."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise BadMapping(f"{path}: {wrong.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise BadMapping(f"{path} is no TOML: {wrong}") from None
    try:
        return check(raw)
    except BadMapping as wrong:
        raise BadMapping(f"{path}: {wrong}") from None


def check(raw: Dict[str, Any]) -> Mapping:
    """The mapping that a TOML document says. Raises BadMapping, naming what is wrong."""
    _known("", raw, {"rows", "encoding", "delimiter", "missing", "time", "columns", "values", "defaults"})
    rows = raw.get("rows")
    if rows not in (CONVERSATIONS, EVENTS):
        raise BadMapping(f'rows must be "{CONVERSATIONS}" or "{EVENTS}"')
    fields, needed = FIELDS[rows]
    columns = _columns(_table(raw, "columns"), fields)
    defaults = _texts("defaults", _table(raw, "defaults"), fields - TIMES - {"id", "seq"})
    if lacking := sorted(needed - set(columns) - set(defaults)):
        raise BadMapping(f"[columns] does not say which column is {_listed(lacking)}")
    values = _values(_table(raw, "values"), columns)
    for name, choices in CHOICES.items():
        if name in defaults and defaults[name] not in choices:
            raise BadMapping(f"defaults.{name} must be one of: {', '.join(choices)}")
    missing = raw.get("missing", [""])
    if not isinstance(missing, list) or not all(isinstance(mark, str) for mark in missing):
        raise BadMapping('missing must be a list of texts, such as ["", "?"]')
    time_format, zone = _time(_table(raw, "time"))
    return Mapping(
        rows=rows,
        columns=columns,
        values=values,
        defaults=defaults,
        missing=frozenset({"", *missing}),
        encoding=_encoding(raw.get("encoding", "utf-8")),
        delimiter=_delimiter(raw.get("delimiter", ",")),
        time_format=time_format,
        zone=zone,
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _known(where: str, table: Dict[str, Any], known: set[str] | frozenset[str]) -> None:
    if unknown := sorted(set(table) - known):
        place = f"[{where}] has" if where else "the mapping has"
        raise BadMapping(f"{place} {_listed(unknown)}, which means nothing here; known are {', '.join(sorted(known))}")


def _table(raw: Dict[str, Any], name: str) -> Dict[str, Any]:
    table = raw.get(name, {})
    if not isinstance(table, dict):
        raise BadMapping(f"{name} must be a table: [{name}]")
    return table


def _texts(where: str, table: Dict[str, Any], known: frozenset[str]) -> dict[str, str]:
    _known(where, table, known)
    for name, value in table.items():
        if not isinstance(value, str) or not value:
            raise BadMapping(f"{where}.{name} must be a text")
    return dict(table)


def _columns(table: Dict[str, Any], fields: frozenset[str]) -> dict[str, tuple[str, ...]]:
    _known("columns", table, fields)
    columns: dict[str, tuple[str, ...]] = {}
    for name, value in table.items():
        # what tells rows apart may need several columns together
        if name == "id" and isinstance(value, list) and value and all(isinstance(part, str) for part in value):
            columns[name] = tuple(value)
        elif isinstance(value, str) and value:
            columns[name] = (value,)
        else:
            raise BadMapping(f"columns.{name} must be the name of a column" + (" or a list" if name == "id" else ""))
    return columns


def _values(table: Dict[str, Any], columns: Dict[str, Sequence[str]]) -> dict[str, dict[str, str]]:
    _known("values", table, {"channel", "division", *CHOICES})
    values: dict[str, dict[str, str]] = {}
    for name, words in table.items():
        if not isinstance(words, dict) or not all(isinstance(word, str) and word for word in words.values()):
            raise BadMapping(f'[values.{name}] must be lines like "Closed" = "closed"')
        if name not in columns:
            raise BadMapping(f"[values.{name}] stands for no column: columns.{name} is not given")
        for found, word in words.items():
            if name in CHOICES and word not in CHOICES[name]:
                raise BadMapping(f"values.{name}.“{found}” must be one of: {', '.join(CHOICES[name])}")
        values[name] = dict(words)
    return values


def _time(table: Dict[str, Any]) -> tuple[str, ZoneInfo | None]:
    _known("time", table, {"format", "zone"})
    form, name = table.get("format", times.ISO), table.get("zone")
    zone = None
    if name is not None:
        try:
            zone = ZoneInfo(name)
        except (KeyError, ValueError, TypeError, OSError):
            raise BadMapping(f"time.zone: there is no time zone “{name}”") from None
    if not isinstance(form, str):
        raise BadMapping('time.format must be a text, such as "%d/%m/%Y %H:%M"')
    try:
        bare = times.needs_zone(form)
    except times.NoTime as wrong:
        raise BadMapping(f"time.format “{form}” cannot be read: {wrong}") from None
    if bare and zone is None:
        raise BadMapping(f"time.format “{form}” has no offset: time.zone must say in which zone these times are")
    return form, zone


def _encoding(name: object) -> str:
    try:
        if isinstance(name, str):
            "".encode(name)  # some codecs are no encodings of text
            return codecs.lookup(name).name
    except LookupError:
        pass
    raise BadMapping(f"encoding: there is no “{name}”")


def _delimiter(mark: object) -> str:
    if isinstance(mark, str) and len(mark) == 1 and mark not in '"\r\n':
        return mark
    raise BadMapping("delimiter must be one character")
