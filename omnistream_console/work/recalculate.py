"""Brings conversations under way to the latest edit of the policies, a batch at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ..store import conversations, organizations, policies
from ..store.database import look_afresh, transaction, utc_now
from ..store.sweeping import savepoint
from .derive import bring_over
from .sweep import backoff

log = logging.getLogger(__name__)

BATCH = 100
# While somebody waits, the time is looked at more often.
GLIMPSE = 20


@dataclass(frozen=True, slots=True)
class _Aside:
    """A conversation that could not be brought over: when it is tried again, and how often it was."""

    until: datetime
    failures: int


# Each process learns for itself what fails; the next one to start tries it once more.
_aside: dict[UUID, _Aside] = {}


def step(now: datetime, batch: int = BATCH) -> int:
    """One batch of one organization after the other. Returns how many conversations were brought over."""
    look_afresh()
    return sum(one(organization_id, now, batch) for organization_id in conversations.behind())


def one(organization_id: UUID, now: datetime, batch: int = BATCH) -> int:
    """One batch of an organization, in one transaction. One that cannot be brought over is left aside for a while and
    logged, and stops nobody."""
    with transaction():
        seq, _ = policies.governance(organization_id)
        stale = conversations.stale(organization_id, seq, batch + len(_aside))
        wanted = [id for id in stale if id not in _aside or _aside[id].until <= now][:batch]
        if not wanted:
            return 0
        brought = _bring_over(organization_id, wanted, now)
        if brought:
            organizations.touch(organization_id)
    return brought


def _bring_over(organization_id: UUID, ids: Sequence[UUID], now: datetime) -> int:
    """Brings a batch over; where one of it fails, half by half, until that one stands alone."""
    try:
        with savepoint():
            brought = bring_over(organization_id, ids, now)
    except Exception as failure:  # whatever it is, the others go on
        if len(ids) > 1:
            middle = len(ids) // 2
            return _bring_over(organization_id, ids[:middle], now) + _bring_over(organization_id, ids[middle:], now)
        _leave_aside(ids[0], now, failure)
        return 0
    for id in ids:
        _aside.pop(id, None)
    return brought


def _leave_aside(id: UUID, now: datetime, failure: Exception) -> None:
    failures = _aside[id].failures + 1 if id in _aside else 1
    delay = backoff(failures)
    _aside[id] = _Aside(now + delay, failures)
    log.error("conversation %s cannot be brought to the policies of today, tried again in %s: %s", id, delay, failure)


def at_once(organization_id: UUID, now: datetime, patience: timedelta, clock: Callable[[], datetime] = utc_now) -> bool:
    """As much as can be done while somebody waits for the answer to an edit; the worker does the rest. Says whether
    all is done."""
    until = clock() + patience
    while one(organization_id, now, GLIMPSE):
        if clock() >= until:
            return False
    # What another transaction held was left to the worker.
    seq, _ = policies.governance(organization_id)
    return not conversations.stale(organization_id, seq, 1)
