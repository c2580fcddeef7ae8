"""Durations as people type them: `5m`, `1h 30m`, `2d`, `90s`."""

from __future__ import annotations

import re

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
# Indonesian readings beside the English ones: hari, jam, menit, detik.
_WORDS = {
    **dict.fromkeys(("d", "day", "days", "hr", "hari"), "d"),
    **dict.fromkeys(("h", "hour", "hours", "j", "jam"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "mnt", "menit"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "dtk", "detik"), "s"),
}
_PART = re.compile(r"(\d+)\s*([a-z]+)")
_WHOLE = re.compile(r"(?:\d+\s*[a-z]+\s*)+")
_LONGEST = 12  # digits; more is no duration that anybody means


class Unclear(ValueError):
    """The text is no duration. `number` is set where it was a bare number, so that both readings can be shown."""

    def __init__(self, number: int | None = None) -> None:
        super().__init__("not a duration")
        self.number = number


def parse(text: str) -> int:
    """Whole seconds of `1h 30m`. Each unit at most once, the larger before the smaller. Raises Unclear."""
    text = text.strip().lower()
    if text.isdecimal():
        raise Unclear(int(text) if len(text) <= _LONGEST else None)
    if not _WHOLE.fullmatch(text):
        raise Unclear
    total = 0
    last: int | None = None
    for digits, word in _PART.findall(text):
        size = UNITS.get(_WORDS.get(word, ""))
        if size is None or len(digits) > _LONGEST or (last is not None and size >= last):
            raise Unclear
        total += int(digits) * size
        last = size
    return total


def spell(seconds: int) -> str:
    """The exact duration in the fewest units, readable by `parse`: 5400 -> `1h 30m`."""
    parts = []
    rest = seconds
    for unit, size in UNITS.items():
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or "0s"
