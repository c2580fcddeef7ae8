"""Timeline + governance + calendar -> clocks; clock + now -> what it shows.

A clock is derived again whenever a fact is added or a policy changes, always from the whole timeline. What is stored
of it is this result, so that a list can be sorted by it and the sweep finds what is due by an index.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from .matching import Governance, PolicyVersion, Rulebook
from .timeline import BY_AGENT, PENDING, UNDERWAY, Course, Fact, Subject, read
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
class _Track:
    """A clock's life as the timeline tells it, before any policy looks at it."""

    kind: str
    stretches: Sequence[tuple[datetime, datetime | None]]  # counted; an end of None: still running
    paused_since: datetime | None
    paused: timedelta
    stopped_at: datetime | None
    answered: bool

    @property
    def started_at(self) -> datetime:
        return self.stretches[0][0]


@dataclass(frozen=True, slots=True)
class _Moment:
    """An instant at which the choice of policy is made."""

    at: datetime
    subject: Subject
    book: Rulebook


def derive(facts: Iterable[Fact], governance: Governance, calendar: Calendar = EVERY_SECOND) -> list[Clock]:
    """The clocks of a conversation, first_response before resolution. Raises NoBeginning."""
    return clocks_of(read(facts), governance, calendar)


def clocks_of(course: Course, governance: Governance, calendar: Calendar = EVERY_SECOND) -> list[Clock]:
    """The clocks of a timeline already read."""
    moments = _moments(course, governance)
    tracks = (_first_response(course), _resolution(course))
    found = (_measure(track, moments, calendar) for track in tracks if track is not None)
    return [clock for clock in found if clock is not None]


def _moments(course: Course, governance: Governance) -> list[_Moment]:
    """When the choice of policy is made: at the creation, on transfers, on reopenings, and on every later edit of the
    policies. A fact is judged by the policies known when it was heard, an edit by itself."""
    at, heard_at, subject = course.subjects[0]
    first = _Moment(at, subject, governance.at(heard_at))
    edits = list(governance.after(heard_at))
    reopenings = [
        (at, heard)
        for (_, _, before), (at, heard, status) in zip(course.statuses, course.statuses[1:], strict=False)
        if before not in UNDERWAY and status in UNDERWAY
    ]
    if not edits and not reopenings and len(course.subjects) == 1:
        return [first]
    changes: list[tuple[datetime, int, datetime, Subject | None]] = [
        *((at, 0, heard, moved) for at, heard, moved in course.subjects[1:]),
        *((at, 1, heard, None) for at, heard in reopenings),
        *((since, 2, since, None) for since, _ in edits if since >= first.at),
    ]
    moments = [first]
    for at, _, heard_at, moved in sorted(changes, key=lambda change: change[:2]):
        subject = moved or subject
        moments.append(_Moment(at, subject, governance.at(heard_at)))
    return moments


def _resolution(course: Course) -> _Track:
    """Runs while the conversation is open, from its creation; pauses while pending; stops with resolved or closed."""
    stretches: list[tuple[datetime, datetime | None]] = []
    running: datetime | None = None
    paused_since: datetime | None = None
    stopped: datetime | None = None
    paused = _NONE
    for at, _, status in course.statuses:
        if paused_since is not None and status != PENDING:
            paused += at - paused_since
            paused_since = None
        if status in UNDERWAY:
            stopped = None
            if status == PENDING:
                if running is not None or not stretches:
                    stretches.append((running or at, at))
                    running = None
                paused_since = at
            elif running is None:
                running = at
        elif stopped is None:
            if running is not None or not stretches:
                stretches.append((running or at, at))
                running = None
            stopped = at
    if running is not None:
        stretches.append((running, None))
    return _Track(RESOLUTION, stretches, paused_since, paused, stopped, answered=stopped is not None)


def _first_response(course: Course) -> _Track | None:
    """Runs from the customer's first word to the first public reply of a human agent, also while pending. A
    resolution without a reply stops it unanswered; a reopening lets it run on, unless a reply came in between."""
    wrote = min(course.customer, default=None)
    if course.opened_by == BY_AGENT:
        start = wrote
    else:
        start = course.created_at if wrote is None else min(course.created_at, wrote)
    if start is None:
        return None
    reply = min((at for at in course.replies if at >= start), default=None)
    stretches: list[tuple[datetime, datetime | None]] = []
    running: datetime | None = start
    stopped: datetime | None = None
    for at, _, status in course.statuses:
        if at < start:  # written to an ended conversation, the wait begins all the same
            continue
        if reply is not None and reply <= at:
            break
        if status in UNDERWAY:
            if running is None:
                running, stopped = at, None
        elif running is not None:
            stretches.append((running, at))
            running, stopped = None, at
    if running is None:
        return _Track(FIRST_RESPONSE, stretches, None, _NONE, stopped, answered=False)
    stretches.append((running, reply))
    return _Track(FIRST_RESPONSE, stretches, None, _NONE, reply, answered=reply is not None)


def _measure(track: _Track, moments: Sequence[_Moment], calendar: Calendar) -> Clock | None:
    """Puts the policies that governed over a clock's life to its stretches."""
    start, kind = track.started_at, track.kind
    policy: PolicyVersion | None = None
    held: PolicyVersion | None = None  # the last one that measured, if none does now
    governed_from = ended_at = start
    late: Lateness | None = None
    for moment in _while_unstopped(track, moments):
        chosen = moment.book.choose(moment.subject)
        if chosen is not None and chosen.threshold(kind) is None:
            chosen = None
        if chosen is policy or chosen == policy:
            continue
        due = None
        if policy is not None:
            due = _due(track, policy, governed_from, calendar, until=moment.at)
            if late is None and due is not None and due < moment.at and _counts_at(track, due):
                late = _lateness(policy, kind, due)
            held, ended_at = policy, moment.at
        if chosen is not None and moment.at > start:
            reach = _reach(track, _seconds(chosen, kind), calendar, until=moment.at)
            if reach is not None and (due is None or reach < due):
                governed_from = moment.at
        policy = chosen
    if policy is None:
        return _unjudged(track, held, governed_from, ended_at, late, calendar) if held else None
    due = _due(track, policy, governed_from, calendar, until=None)
    stopped_at = track.stopped_at
    if late is None and due is not None and _counts_at(track, due) and (stopped_at is not None or track.paused_since):
        late = _lateness(policy, kind, due)
    running_since = track.stretches[-1][0] if track.stretches[-1][1] is None else None
    if stopped_at is not None:
        state = UNANSWERED if not track.answered else MET_LATE if late else MET
    else:
        state = RUNNING if running_since else PAUSED
    return _clock(
        track,
        policy,
        governed_from,
        late,
        state=state,
        due_at=None if state == PAUSED else due,
        warning_at=_warning(track, policy, governed_from, calendar, due),
        stopped_at=stopped_at,
        counted=_counted(track, calendar, None),
        running_since=running_since,
    )


def _unjudged(
    track: _Track,
    policy: PolicyVersion,
    governed_from: datetime,
    ended_at: datetime,
    late: Lateness | None,
    calendar: Calendar,
) -> Clock:
    """A clock whose policy went and that no other took: it ended there, without a verdict."""
    return _clock(
        track,
        policy,
        governed_from,
        late,
        state=UNJUDGED,
        due_at=None,
        warning_at=None,
        stopped_at=ended_at,
        counted=_counted(track, calendar, ended_at),
        running_since=None,
    )


def _clock(
    track: _Track,
    policy: PolicyVersion,
    governed_from: datetime,
    late: Lateness | None,
    *,
    state: str,
    due_at: datetime | None,
    warning_at: datetime | None,
    stopped_at: datetime | None,
    counted: timedelta,
    running_since: datetime | None,
) -> Clock:
    return Clock(
        kind=track.kind,
        policy_id=policy.policy_id,
        policy_version=policy.version,
        policy_name=policy.name,
        threshold_secs=_seconds(policy, track.kind),
        state=state,
        started_at=track.started_at,
        governed_from=governed_from,
        due_at=due_at,
        warning_at=warning_at,
        stopped_at=stopped_at,
        counted=counted,
        running_since=running_since,
        paused=track.paused,
        paused_since=track.paused_since if state == PAUSED else None,
        breached_at=late.at if late else None,
        late=late,
    )


def _while_unstopped(track: _Track, moments: Sequence[_Moment]) -> Iterable[_Moment]:
    """The moments that concern a clock: the last one before it starts, then those before its stop. One that falls
    between a stop and a reopening makes no difference: the reopening is a moment too, and nothing counts before it."""
    begin = track.started_at
    first = moments[0]
    later = []
    for moment in moments[1:]:
        if moment.at <= begin:
            first = moment
        elif track.stopped_at is None or moment.at < track.stopped_at:
            later.append(moment)
    yield _Moment(begin, first.subject, first.book)
    yield from later


def _counts_at(track: _Track, at: datetime) -> bool:
    """Whether an instant lies where the clock counted; an end is already outside: a stop exactly at due is in time."""
    return any(a <= at and (b is None or at < b) for a, b in track.stretches)


def _cut(track: _Track, until: datetime | None) -> list[tuple[datetime, datetime]]:
    """The finished parts of the counted stretches before an instant."""
    cut = []
    for a, b in track.stretches:
        if until is not None and a >= until:
            break
        end = b if until is None else until if b is None else min(b, until)
        if end is not None:
            cut.append((a, end))
    return cut


def _counted(track: _Track, calendar: Calendar, until: datetime | None) -> timedelta:
    return sum((calendar.elapsed(a, b) for a, b in _cut(track, until)), _NONE)


def _reach(track: _Track, seconds: int, calendar: Calendar, until: datetime | None) -> datetime | None:
    """The earliest instant at which so much is counted. With `until`: as it was known then, the clock counting on
    from there. Without: the whole life; beyond a stop as if it had run on, and None for a paused clock."""
    left = timedelta(seconds=seconds)
    for a, b in track.stretches:
        if until is not None and a >= until:
            break
        if b is None or (until is not None and b > until):
            return calendar.add(a, left)
        part = calendar.elapsed(a, b)
        if part >= left:
            return calendar.add(a, left)
        left -= part
    if until is not None:
        return calendar.add(until, left)
    return calendar.add(track.stopped_at, left) if track.stopped_at is not None else None


def _due(
    track: _Track, policy: PolicyVersion, governed_from: datetime, calendar: Calendar, until: datetime | None
) -> datetime | None:
    """Where the limit is reached, never before `governed_from`."""
    return _not_before(track, governed_from, _reach(track, _seconds(policy, track.kind), calendar, until), until)


def _not_before(
    track: _Track, governed_from: datetime, reach: datetime | None, until: datetime | None
) -> datetime | None:
    """The later of the two. Where that falls into a pause (or between a stop and a reopening) nothing can be due yet:
    it is the instant at which the clock counts again, and None while that is not known."""
    if reach is None:
        return None
    at = max(reach, governed_from)
    if _counts_at(track, at) or (until is not None and at >= until):
        return at
    if track.stopped_at is not None and at >= track.stopped_at:
        return at
    again = next((a for a, _ in track.stretches if a > at), None)
    return again if until is None or (again is not None and again < until) else until


def _warning(
    track: _Track, policy: PolicyVersion, governed_from: datetime, calendar: Calendar, due: datetime | None
) -> datetime | None:
    """Where the share of the threshold is reached. Of a paused clock only what lies behind it counts."""
    if policy.warning_pct >= 100:
        return None
    seconds = warning_secs(_seconds(policy, track.kind), policy.warning_pct)
    at = _not_before(track, governed_from, _reach(track, seconds, calendar, None), None)
    return None if at is None or (due is not None and at >= due) else at


def warning_secs(threshold_secs: int, pct: int) -> int:
    """ceil(threshold * pct / 100)"""
    return -(-threshold_secs * pct // 100)


def _seconds(policy: PolicyVersion, kind: str) -> int:
    seconds = policy.threshold(kind)
    assert seconds is not None
    return seconds


def _lateness(policy: PolicyVersion, kind: str, at: datetime) -> Lateness:
    return Lateness(at, policy, _seconds(policy, kind))


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
        ahead = (clock.warning_at, clock.due_at, calendar.next_change(now))
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
