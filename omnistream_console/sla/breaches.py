"""What a breach is and what its record says.

A breach on record stays: no edit, re-match or reopening rewrites it. Only a fact heard late, by which the clock was in
time after all, marks it retracted, and the next one may lift that again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from .clocks import MET, MET_LATE, RUNNING, UNSTOPPED, Clock
from .worktime import EVERY_SECOND, Calendar


@dataclass(frozen=True, slots=True)
class Breach:
    """One missed promise. `actual_secs` is None while it still grows with its clock."""

    clock: str
    policy_id: UUID
    policy_version: int
    policy_name: str
    threshold_secs: int
    breached_at: datetime
    actual_secs: int | None
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """What is to be written after a fold: the clocks as the record has them, and the breaches that are new or
    changed."""

    clocks: list[Clock]
    breaches: list[Breach]


def settle(
    clocks: Iterable[Clock], recorded: Mapping[str, Breach], now: datetime, calendar: Calendar = EVERY_SECOND
) -> Settled:
    """Compares what the timeline shows with what is on record (by clock).

    A clock with a breach on record is breached, whatever its due says now; one that fell due is recorded here too,
    so that a fact never overtakes the sweep.
    """
    kept: list[Clock] = []
    written: list[Breach] = []
    seen = set()
    for clock in clocks:
        seen.add(clock.kind)
        before = recorded.get(clock.kind)
        after = _breach(clock, before, now, calendar)
        if after is not None and after != before:
            written.append(after)
        breached_at = after.breached_at if after is not None and not after.retracted else None
        state = clock.state
        if state in (MET, MET_LATE):
            state = MET_LATE if breached_at else MET
        kept.append(replace(clock, breached_at=breached_at, state=state))
    # A clock that the timeline no longer has (the message that started it was void) was never late.
    written += [
        replace(breach, retracted=True)
        for kind, breach in recorded.items()
        if kind not in seen and not breach.retracted
    ]
    return Settled(kept, written)


def _breach(clock: Clock, before: Breach | None, now: datetime, calendar: Calendar) -> Breach | None:
    """The record that stands for a clock from now on."""
    late = clock.late is not None or is_due(clock, now)
    if before is None:
        if not late:
            return None
        policy = clock.late.policy if clock.late else None
        due = clock.late.at if clock.late else clock.due_at
        assert due is not None
        before = Breach(
            clock=clock.kind,
            policy_id=policy.policy_id if policy else clock.policy_id,
            policy_version=policy.version if policy else clock.policy_version,
            policy_name=policy.name if policy else clock.policy_name,
            threshold_secs=clock.late.threshold_secs if clock.late else clock.threshold_secs,
            breached_at=due,
            actual_secs=None,
        )
    governs = (before.policy_id, before.policy_version) == (clock.policy_id, clock.policy_version)
    actual = before.actual_secs
    if governs:
        actual = None if clock.state in UNSTOPPED else clock.elapsed(now, calendar)
    elif actual is None:
        actual = clock.elapsed(now, calendar)
    return replace(before, actual_secs=actual, retracted=not late)


def is_due(clock: Clock, now: datetime) -> bool:
    """Whether a running clock has reached its limit."""
    return clock.state == RUNNING and clock.due_at is not None and clock.due_at <= now
