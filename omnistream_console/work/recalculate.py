"""Brings conversations under way to the latest edit of the policies, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from ..store import conversations, organizations, policies
from ..store.database import transaction, utc_now
from .derive import bring_over

BATCH = 100


def step(now: datetime, batch: int = BATCH) -> int:
    """One batch of one organization after the other. Returns how many conversations were brought over."""
    return sum(one(organization_id, now, batch) for organization_id in conversations.behind())


def one(organization_id: UUID, now: datetime, batch: int = BATCH) -> int:
    """One batch of an organization, in one transaction."""
    with transaction():
        seq, _ = policies.governance(organization_id)
        stale = conversations.stale(organization_id, seq, batch)
        if not stale:
            return 0
        brought = bring_over(organization_id, stale, now)
        organizations.touch(organization_id)
    return brought


def at_once(organization_id: UUID, now: datetime, patience: timedelta, clock: Callable[[], datetime] = utc_now) -> bool:
    """As much as can be done while somebody waits for the answer to an edit; the worker does the rest. Says whether
    all is done."""
    until = clock() + patience
    while one(organization_id, now):
        if clock() >= until:
            return False
    return True
