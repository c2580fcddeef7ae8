"""What a breach is and what its record says.

A breach on record stays: no edit, re-match or reopening rewrites it. Only a fact heard late, by which the clock was in
time after all, marks it retracted. Should the clock turn out late all the same, the breach stands again, as it is shown
then.
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
    # Whoever recorded it may have seen a later `now` than the fact that is being heard: only what the fact shows
    # retracts a breach, not that its request began before the due instant.
    stands = before is not None and not before.retracted
    seen = max(now, before.breached_at) if before is not None and stands else now
    late = clock.late is not None or is_due(clock, seen)
    if before is None and not late:
        return None
    if before is None or (late and not stands):
        before = _shown_by(clock)
    governs = (before.policy_id, before.policy_version) == (clock.policy_id, clock.policy_version)
    actual = before.actual_secs
    if governs:
        actual = None if clock.state in UNSTOPPED else clock.elapsed(now, calendar)
    elif actual is None:
        actual = _at_its_end(clock, before)
        if actual is None:
            actual = clock.elapsed(now, calendar)
    return replace(before, actual_secs=actual, retracted=not late)


def _shown_by(clock: Clock) -> Breach:
    """The breach of a late clock, as its timeline shows it."""
    if clock.late is not None:
        policy = clock.late.policy
        return Breach(
            clock=clock.kind,
            policy_id=policy.policy_id,
            policy_version=policy.version,
            policy_name=policy.name,
            threshold_secs=clock.late.threshold_secs,
            breached_at=clock.late.at,
            actual_secs=None,
        )
    assert clock.due_at is not None
    return Breach(
        clock=clock.kind,
        policy_id=clock.policy_id,
        policy_version=clock.policy_version,
        policy_name=clock.policy_name,
        threshold_secs=clock.threshold_secs,
        breached_at=clock.due_at,
        actual_secs=None,
    )


def _at_its_end(clock: Clock, breach: Breach) -> int | None:
    """What was counted when the breach's own policy ceased to govern, where the timeline tells."""
    late = clock.late
    if late is None or (late.policy.policy_id, late.policy.version) != (breach.policy_id, breach.policy_version):
        return None
    return late.actual_secs


def is_due(clock: Clock, now: datetime) -> bool:
    """Whether a running clock has reached its limit."""
    return clock.state == RUNNING and clock.due_at is not None and clock.due_at <= now
