"""A clock's life as the timeline tells it, before any policy looks at it: when it counted, paused and stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .clocks import FIRST_RESPONSE, RESOLUTION
from .timeline import BY_AGENT, PENDING, UNDERWAY, Course

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Track:
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


def resolution(course: Course) -> Track:
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
    return Track(RESOLUTION, stretches, paused_since, paused, stopped, answered=stopped is not None)


def first_response(course: Course) -> Track | None:
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
        return Track(FIRST_RESPONSE, stretches, None, _NONE, stopped, answered=False)
    stretches.append((running, reply))
    return Track(FIRST_RESPONSE, stretches, None, _NONE, reply, answered=reply is not None)


def tracks_of(course: Course) -> list[Track]:
    """The lives of the clocks that a conversation has, first_response before resolution."""
    return [track for track in (first_response(course), resolution(course)) if track is not None]
