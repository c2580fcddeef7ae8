"""The clock in the hands of a test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture


class Clock:
    """Stands still where it is put and moves when told. Until it is touched, time passes as ever.

    It moves this process only: PostgreSQL's own `now()`, a browser and other processes keep the real time.
    """

    def __init__(self, machine: TimeMachineFixture) -> None:
        self._machine = machine

    def freeze(self, at: datetime | str) -> datetime:
        """Stops at `at`: an aware datetime, or RFC 3339 such as "2026-03-02T08:00:00Z"."""
        instant = datetime.fromisoformat(at) if isinstance(at, str) else at
        assert instant.tzinfo is not None, f"an instant needs a zone: {at!r}"
        self._machine.move_to(instant, tick=False)
        return instant.astimezone(UTC)

    def forward(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Moves a frozen clock on and returns the instant it shows."""
        self._machine.shift(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
        return self.now()

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)
