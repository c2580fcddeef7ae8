"""What a clock is, and what it shows at an instant.

A clock is derived from its conversation's timeline (`folding`), again whenever a fact is added or a policy changes.
What is stored of it is this result, so that a list can be sorted by it and the sweep finds what is due by an index.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from .matching import PolicyVersion
from .worktime import EVERY_SECOND, Calendar

FIRST_RESPONSE = "first_response"
RESOLUTION = "resolution"
KINDS = (FIRST_RESPONSE, RESOLUTION)

OK, WARNING, BREACHED = "ok", "warning", "breached"

RUNNING = "running"
PAUSED = "paused"
MET = "met"
MET_LATE = "met_late"
UNANSWERED = "unanswered"
UNJUDGED = "unjudged"
UNSTOPPED = (RUNNING, PAUSED)

_NONE = timedelta(0)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Lateness:
    """That a clock reached its limit while it ran: when, and by whose promise."""

    at: datetime
    policy: PolicyVersion
    threshold_secs: int
    actual_secs: int | None = None  # counted when the policy ceased to govern; None: it has not


@dataclass(frozen=True, slots=True)
class Clock:
    """One measured promise on one conversation: what its timeline shows, and what is stored of it."""

    kind: str
    policy_id: UUID
    policy_version: int
    policy_name: str
    threshold_secs: int
    state: str
    started_at: datetime
    governed_from: datetime
    due_at: datetime | None
    warning_at: datetime | None
    stopped_at: datetime | None
    counted: timedelta  # working time before `running_since`, pauses left out
    running_since: datetime | None  # the start of the stretch that still counts; None: paused or stopped
    paused: timedelta  # real time of finished pauses
    paused_since: datetime | None
    breached_at: datetime | None  # late by its timeline, or with a breach on record that is not retracted
    late: Lateness | None = None  # shown by the timeline; a running clock past its due is the sweep's to record

    def elapsed(self, now: datetime, calendar: Calendar = EVERY_SECOND) -> int:
        """Whole seconds counted up to `now`, rounded down; of a paused or stopped clock the same for ever."""
        counted = self.counted
        if self.running_since is not None:
            counted += calendar.elapsed(self.running_since, now)
        return counted // _SECOND

    def status(self, now: datetime) -> str:
        """The contract's word at an instant. Exactly at due a running clock is breached."""
        if self.breached_at is not None:
            return BREACHED
        if self.state == RUNNING and self.due_at is not None and self.due_at <= now:
            return BREACHED
        # Of a paused clock only a warning that lies behind it is known: it keeps the status it paused with.
        if self.state in UNSTOPPED and self.warning_at is not None and self.warning_at <= now:
            return WARNING
        return OK


@dataclass(frozen=True, slots=True)
class Reading:
    """One clock as it stands at an instant: what a badge and the JSON show."""

    kind: str
    status: str
    state: str
    threshold_secs: int
    elapsed_secs: int
    remaining_secs: int
    started_at: datetime
    due_at: datetime | None
    warning_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    paused_secs: int
    counting: bool
    changes_at: datetime | None
    policy_id: UUID
    policy_name: str


def at_instant(clock: Clock, now: datetime, calendar: Calendar = EVERY_SECOND) -> Reading:
    """What a clock shows at `now`."""
    elapsed = clock.elapsed(now, calendar)
    running = clock.state == RUNNING
    changes = None
    if running:
        # A breach on record fixes the status: what is left to change is whether it counts.
        turns = (clock.warning_at, clock.due_at) if clock.breached_at is None else ()
        ahead = (*turns, calendar.next_change(now))
        changes = min((at for at in ahead if at is not None and at > now), default=None)
    paused = clock.paused + (now - clock.paused_since if clock.paused_since is not None else _NONE)
    return Reading(
        kind=clock.kind,
        status=clock.status(now),
        state=clock.state,
        threshold_secs=clock.threshold_secs,
        elapsed_secs=elapsed,
        remaining_secs=clock.threshold_secs - elapsed,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warning_at=clock.warning_at,
        stopped_at=clock.stopped_at,
        breached_at=clock.breached_at,
        paused_secs=paused // _SECOND,
        counting=running and calendar.is_open(now),
        changes_at=changes,
        policy_id=clock.policy_id,
        policy_name=clock.policy_name,
    )


# Where a conversation stands on the board.
NEVER = "never"
NO_POLICY = "none"


@dataclass(frozen=True, slots=True)
class Standing:
    """The place of a conversation on the board, from its unstopped clocks: `running`, `paused`, `never` (nothing will
    fall due) or `none` (no policy), with the first instant at which one of them is, or was, due or in warning."""

    state: str
    due_at: datetime | None
    warning_at: datetime | None

    def status(self, now: datetime) -> str:
        """breached, warning, ok, paused or none."""
        if self.due_at is not None and self.due_at <= now:
            return BREACHED
        if self.state in (PAUSED, NO_POLICY):
            return self.state
        return WARNING if self.warning_at is not None and self.warning_at <= now else OK


def standing(clocks: Iterable[Clock]) -> Standing:
    """The place of a conversation whose clocks these are."""
    unstopped = [clock for clock in clocks if clock.state in UNSTOPPED]
    if not unstopped:
        return Standing(NO_POLICY, None, None)
    due = min((at for c in unstopped if (at := c.breached_at or c.due_at) is not None), default=None)
    warning = min((c.warning_at for c in unstopped if c.warning_at is not None), default=None)
    if due is None:
        paused = all(clock.state == PAUSED for clock in unstopped)
        return Standing(PAUSED if paused else NEVER, None, warning)
    return Standing(RUNNING, due, warning)


def shown(clocks: Iterable[Clock]) -> list[Clock]:
    """The clocks that people and API consumers see: those that are, or were, judged."""
    return [clock for clock in clocks if clock.state != UNJUDGED]
