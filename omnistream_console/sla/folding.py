"""Timeline + governance + calendar -> clocks: puts the policies that governed to the life of each clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .clocks import MET, MET_LATE, PAUSED, RUNNING, UNANSWERED, UNJUDGED, Clock, Lateness
from .matching import Governance, PolicyVersion, Rulebook
from .timeline import UNDERWAY, Course, Fact, Subject, read
from .tracks import Track, tracks_of
from .worktime import EVERY_SECOND, Calendar

_NONE = timedelta(0)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Moment:
    """An instant at which the choice of policy is made, by the policies known when it was heard of."""

    at: datetime
    heard_at: datetime
    subject: Subject
    book: Rulebook
    is_edit: bool = False  # of the policies; else a fact


def derive(facts: Iterable[Fact], governance: Governance, calendar: Calendar = EVERY_SECOND) -> list[Clock]:
    """The clocks of a conversation, first_response before resolution. Raises NoBeginning."""
    return clocks_of(read(facts), governance, calendar)


def clocks_of(course: Course, governance: Governance, calendar: Calendar = EVERY_SECOND) -> list[Clock]:
    """The clocks of a timeline already read."""
    moments = _moments(course, governance)
    found = (_measure(track, moments, calendar) for track in tracks_of(course))
    return [clock for clock in found if clock is not None]


def _moments(course: Course, governance: Governance) -> list[_Moment]:
    """When the choice of policy is made: at the creation, on transfers, on reopenings, and on every later edit of the
    policies. A fact is judged by the policies known when it was heard, an edit by itself."""
    at, heard_at, subject = course.subjects[0]
    first = _Moment(at, heard_at, subject, governance.at(heard_at))
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
        # A conversation may be dated some minutes ahead of the server: an edit in between holds from its start on.
        *((max(since, first.at), 2, since, None) for since, _ in edits),
    ]
    moments = [first]
    for at, place, heard_at, moved in sorted(changes, key=lambda change: change[:2]):
        subject = moved or subject
        moments.append(_Moment(at, heard_at, subject, governance.at(heard_at), is_edit=place == 2))
    return moments


def _measure(track: Track, moments: Sequence[_Moment], calendar: Calendar) -> Clock | None:
    """Puts the policies that governed over a clock's life to its stretches."""
    start, kind = track.started_at, track.kind
    # A clock that stopped before a policy existed is not measured by it, unless all was heard of afterwards.
    youngest = None if track.stopped_at is None else max(track.stopped_at, moments[0].heard_at)
    first, *later = _while_unstopped(track, moments)
    policy = _choice(first, kind, youngest)
    known = first.heard_at  # the edits up to here are in the choice
    held: PolicyVersion | None = None  # the last one that measured, if none does now
    governed_from = took_at = start
    late: Lateness | None = None
    for moment in later:
        if moment.is_edit and moment.heard_at <= known:
            continue
        chosen = _choice(moment, kind, youngest)
        if chosen == policy:
            continue
        if not moment.is_edit and chosen and policy and chosen.policy_id == policy.policy_id:
            continue  # heard late, it moves the conversation, and no edit of the policy that keeps it
        due = None
        if policy is not None:
            due = _due(track, policy, governed_from, calendar, until=moment.at)
            if late is None and due is not None and took_at < moment.at >= due and _counts_at(track, due):
                late = _lateness(policy, kind, due)
            if late is not None and late.actual_secs is None:
                late = replace(late, actual_secs=_counted(track, calendar, moment.at) // _SECOND)
            held = policy
        if chosen is not None:
            sooner = _due(track, chosen, governed_from, calendar, until=moment.at)
            if sooner is not None and (due is None or sooner < due):
                governed_from = moment.at
        policy, took_at, known = chosen, moment.at, moment.heard_at
    if policy is None:
        return _unjudged(track, held, governed_from, took_at, late, calendar) if held else None
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


def _choice(moment: _Moment, kind: str, youngest: datetime | None) -> PolicyVersion | None:
    """The policy that takes a clock at a moment."""
    chosen = moment.book.choose(moment.subject)
    if chosen is not None and youngest is not None and chosen.created_at > youngest:
        chosen = moment.book.choose_among(moment.subject, youngest)
    return chosen if chosen is not None and chosen.threshold(kind) is not None else None


def _unjudged(
    track: Track,
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
    track: Track,
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


def _while_unstopped(track: Track, moments: Sequence[_Moment]) -> Iterable[_Moment]:
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
    yield replace(first, at=begin)
    yield from later


def _counts_at(track: Track, at: datetime) -> bool:
    """Whether an instant lies where the clock counted; an end is already outside: a stop exactly at due is in time."""
    return any(a <= at and (b is None or at < b) for a, b in track.stretches)


def _cut(track: Track, until: datetime | None) -> list[tuple[datetime, datetime]]:
    """The finished parts of the counted stretches before an instant."""
    cut = []
    for a, b in track.stretches:
        if until is not None and a >= until:
            break
        end = b if until is None else until if b is None else min(b, until)
        if end is not None:
            cut.append((a, end))
    return cut


def _counted(track: Track, calendar: Calendar, until: datetime | None) -> timedelta:
    return sum((calendar.elapsed(a, b) for a, b in _cut(track, until)), _NONE)


def _reach(track: Track, seconds: int, calendar: Calendar, until: datetime | None) -> datetime | None:
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
    track: Track, policy: PolicyVersion, governed_from: datetime, calendar: Calendar, until: datetime | None
) -> datetime | None:
    """Where the limit is reached, never before `governed_from`."""
    return _not_before(track, governed_from, _reach(track, _seconds(policy, track.kind), calendar, until), until)


def _not_before(
    track: Track, governed_from: datetime, reach: datetime | None, until: datetime | None
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
    track: Track, policy: PolicyVersion, governed_from: datetime, calendar: Calendar, due: datetime | None
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
