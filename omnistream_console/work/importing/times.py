"""Instants as people's files write them: any strptime format, local times of a zone included."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

ISO = "iso"

_DIGITS = {"d": r"\d{1,2}", "m": r"\d{1,2}", "Y": r"\d{4}", "H": r"\d{1,2}", "M": r"\d{1,2}", "S": r"\d{1,2}"}
_NAMES = {"d": "day", "m": "month", "Y": "year", "H": "hour", "M": "minute", "S": "second"}
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:[Zz]|[+-]\d\d:?\d\d)?")
_REMEMBERED = 200_000


class NoTime(ValueError):
    """A text that is no instant of the format; str() is why."""


def reader(form: str, zone: ZoneInfo | None) -> Callable[[str], datetime]:
    """A function from text to an instant in UTC. It remembers what it read: a log repeats its minutes.

    A local time that a clock change skips moves forward by the gap; of one that it repeats it is the first: that is
    what a datetime of fold 0 means. Raises NoTime.
    """
    parse = _iso if form == ISO else _digits(form) or _strptime(form)
    known: dict[str, datetime] = {}

    def read(text: str) -> datetime:
        at = known.get(text)
        if at is None:
            local = parse(text)
            if local.tzinfo is None:
                if zone is None:
                    raise NoTime(f"“{text}” has no offset, and the mapping names no zone")
                local = local.replace(tzinfo=zone)
            try:
                at = local.astimezone(UTC)
            except OverflowError:
                raise NoTime(f"“{text}” is out of range") from None
            if len(known) >= _REMEMBERED:
                known.clear()
            known[text] = at
        return at

    return read


def needs_zone(form: str) -> bool:
    """Whether texts of this format never carry an offset. Raises NoTime for a format that strptime does not know."""
    if form == ISO:
        return False
    try:
        datetime.strptime(datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC).strftime(form), form)  # noqa: DTZ007
    except (ValueError, re.error) as wrong:
        raise NoTime(str(wrong)) from None
    return "%z" not in form.replace("%%", "")


def _iso(text: str) -> datetime:
    if _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text.upper())
        except ValueError:
            pass
    raise NoTime(f"“{text}” is no ISO 8601 date and time")


def _digits(form: str) -> Callable[[str], datetime] | None:
    """A fast reader for formats of plain numbers, padded or not; None where strptime itself is needed."""
    parts = re.split(r"%(.)", form)
    directives = parts[1::2]
    if len(set(directives)) != len(directives) or not {"d", "m", "Y"} <= set(directives) <= set(_DIGITS):
        return None
    pattern = re.escape(parts[0])
    for directive, text in zip(directives, parts[2::2], strict=True):
        pattern += f"(?P<{_NAMES[directive]}>{_DIGITS[directive]})" + re.escape(text)
    match = re.compile(pattern, re.ASCII).fullmatch
    names = [_NAMES[directive] for directive in directives]

    def parse(text: str) -> datetime:
        found = match(text)
        if found is None:
            raise NoTime(f"“{text}” is not of the form {form}")
        try:
            return datetime(**dict(zip(names, map(int, found.groups()), strict=True)))  # type: ignore[arg-type]  # noqa: DTZ001
        except ValueError as wrong:
            raise NoTime(f"“{text}”: {wrong}") from None

    return parse


def _strptime(form: str) -> Callable[[str], datetime]:
    def parse(text: str) -> datetime:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007
        except ValueError:
            raise NoTime(f"“{text}” is not of the form {form}") from None

    return parse
