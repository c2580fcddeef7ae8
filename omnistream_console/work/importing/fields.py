"""Cells to values: one small reader a field, made once for a table and called for every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from ..events import CHANNEL, ENGLISH, MAX_BODY, MAX_DIVISION, MAX_ID, MAX_NAME, MAX_NOTE, MAX_SEQ, MAX_SUBJECT, when
from .groups import RowRefused
from .mapping import CHOICES, OTHERWISE, Mapping
from .times import NoTime

Cells: TypeAlias = Sequence[str]
Read: TypeAlias = Callable[[Cells], "str | None"]

_LIMITS: Final = {
    "body": MAX_BODY, "message": MAX_BODY, "note": MAX_NOTE, "subject": MAX_SUBJECT,
    "conversation": MAX_ID, "external_id": MAX_ID, "event": MAX_ID,
}  # fmt: skip
_LONG: Final = frozenset({"body", "message", "note"})
_UNDECODED: Final = re.compile("[\ud800-\udfff]")
_NO_LINE: Final = re.compile("[\x00-\x1f\x7f]")


class Fields:
    """Makes the readers of a table's fields. Every reader raises RowRefused."""

    def __init__(self, mapping: Mapping, header: Sequence[str], now: datetime) -> None:
        self._mapping = mapping
        self._header = header
        self._places = mapping.places(header)
        self._now = now
        self._parse = mapping.instants()

    def has(self, name: str) -> bool:
        """Whether a column or a default speaks of this field."""
        return name in self._places or name in self._mapping.defaults

    def text(self, name: str) -> Read:
        """A field of free text: the cell, trimmed; None where it is missing."""
        default = self._mapping.defaults.get(name)
        if name not in self._places:
            return lambda cells: default
        place, missing = self._places[name][0], self._mapping.missing
        limit, long = _LIMITS.get(name, MAX_NAME), name in _LONG

        def read(cells: Cells) -> str | None:
            cell = cells[place].strip()
            if cell in missing:
                return default
            if len(cell) > limit:
                raise RowRefused(f"{self._column(name)} {_say('too_long', limit=limit)}")
            if not cell.isprintable():
                self._judge(name, cell, long)
            return cell

        return read

    def word(self, name: str) -> Read:
        """A field of few values, translated by the mapping: every distinct cell is judged once."""
        default = self._mapping.defaults.get(name)
        if name not in self._places:
            if name == "channel" and default is not None:
                self._allowed(name, default)
            return lambda cells: default
        place = self._places[name][0]
        known: dict[str, str | None] = {}

        def read(cells: Cells) -> str | None:
            raw = cells[place]
            try:
                return known[raw]
            except KeyError:
                known[raw] = value = self._translate(name, raw.strip(), default)
                return value

        return read

    def instant(self, name: str) -> Callable[[Cells], datetime | None]:
        if name not in self._places:
            return lambda cells: None
        place, missing, parse, now = self._places[name][0], self._mapping.missing, self._parse, self._now

        def read(cells: Cells) -> datetime | None:
            cell = cells[place].strip()
            if cell in missing:
                return None
            try:
                at = parse(cell)
            except NoTime as wrong:
                raise RowRefused(f"{self._column(name)}: {wrong}") from None
            if code := when(at, now):
                raise RowRefused(f"{self._column(name)}: “{cell}” {_say(code)}")
            return at

        return read

    def number(self, name: str) -> Callable[[Cells], int | None]:
        if name not in self._places:
            return lambda cells: None
        place, missing = self._places[name][0], self._mapping.missing

        def read(cells: Cells) -> int | None:
            cell = cells[place].strip()
            if cell in missing:
                return None
            try:
                value = int(cell)
            except ValueError:
                raise RowRefused(f"{self._column(name)}: “{cell}” {_say('not_an_integer')}") from None
            if abs(value) > MAX_SEQ:
                raise RowRefused(f"{self._column(name)} {_say('out_of_range', low=-MAX_SEQ, high=MAX_SEQ)}")
            return value

        return read

    def key(self, name: str) -> Read:
        """A field that may be made of several columns; missing if any of them is."""
        places, missing = self._places.get(name, ()), self._mapping.missing

        def read(cells: Cells) -> str | None:
            parts = [cells[place].strip() for place in places]
            if not parts or any(part in missing for part in parts):
                return None
            text = "/".join(parts)
            if len(text) > MAX_ID:
                raise RowRefused(f"{self._column(name)} {_say('too_long', limit=MAX_ID)}")
            if not text.isprintable():
                self._judge(name, text, long=False)
            return text

        return read

    def missing(self, name: str) -> RowRefused:
        """The refusal of a row that lacks what it needs."""
        return RowRefused(f"{self._column(name) if name in self._places else name} is missing")

    def _column(self, name: str) -> str:
        columns = self._mapping.columns[name]
        return f"{name} (column {', '.join(f'“{column}”' for column in columns)})"

    def _judge(self, name: str, text: str, long: bool) -> None:
        if _UNDECODED.search(text):
            raise RowRefused(f"{self._column(name)} is not {self._mapping.encoding}")
        if "\x00" in text or (not long and _NO_LINE.search(text)):
            raise RowRefused(f"{self._column(name)} {_say('not_text')}")

    def _translate(self, name: str, cell: str, default: str | None) -> str | None:
        if cell in self._mapping.missing:
            return default
        words = self._mapping.values.get(name)
        if words is not None:
            value = words.get(cell, words.get(OTHERWISE))
            if value is None:
                raise RowRefused(f"{self._column(name)}: [values.{name}] does not say what “{cell}” is")
            cell = value
        self._allowed(name, cell)
        return cell

    def _allowed(self, name: str, value: str) -> None:
        where = self._column(name) if name in self._places else name
        if name in CHOICES:
            if value not in CHOICES[name]:
                raise RowRefused(f"{where}: “{value}” {_say('unknown_choice', choices=', '.join(CHOICES[name]))}")
        elif name == "channel":
            if not CHANNEL.fullmatch(value):
                raise RowRefused(f"{where}: “{value}” {_say('not_a_channel')}; [values.channel] can translate it")
        elif len(value) > MAX_DIVISION:
            raise RowRefused(f"{where} {_say('too_long', limit=MAX_DIVISION)}")
        elif not value.isprintable():
            self._judge(name, value, long=False)


def _say(code: str, **params: object) -> str:
    return ENGLISH[code].format(**params)
