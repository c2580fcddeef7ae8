"""Working time: the seconds that count.

A clock asks its calendar two things only: how much working time lies between two instants, and when a given amount of
it is reached. `EVERY_SECOND` is the calendar of a policy that does not follow working hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Calendar(Protocol):
    """Half-open stretches of working time on the line of instants (aware, UTC)."""

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The working time in [start, end); zero where end is not after start."""

    def add(self, start: datetime, span: timedelta) -> datetime | None:
        """The earliest instant at which `span` of working time has passed since `start`; None: never."""

    def is_open(self, at: datetime) -> bool:
        """Whether working time passes at this instant."""

    def next_change(self, at: datetime) -> datetime | None:
        """The next instant at which `is_open` turns; None: never again."""


class _EverySecond:
    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        return end - start if end > start else timedelta(0)

    def add(self, start: datetime, span: timedelta) -> datetime | None:
        try:
            return start + span
        except OverflowError:  # beyond the year 9999
            return None

    def is_open(self, at: datetime) -> bool:
        return True

    def next_change(self, at: datetime) -> datetime | None:
        return None


EVERY_SECOND: Calendar = _EverySecond()
