"""One sweep step: records what has fallen due, found by an index, in one transaction.

The usual row needs no look at its timeline: what was derived last still holds, so a whole batch is recorded by three
statements. A row whose conversation has not been brought to the latest edit of the policies is brought there first, and
one with a retracted breach on record is looked at again by its timeline. A row that cannot be recorded is put off and
logged, and stops nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from ..store import organizations, sweeping
from ..store.database import transaction
from .derive import bring_over

log = logging.getLogger(__name__)

BATCH = 1_000
LONGEST_PUT_OFF = timedelta(hours=1)


def step(now: datetime, batch: int = BATCH) -> int:
    """Records up to a batch of what is due at `now`. Returns how many clocks it dealt with; 0: nothing is due, or
    other workers have it in hand."""
    with transaction():
        due = sweeping.claim(now, batch)
        if not due:
            return 0
        plain = [claim for claim in due if claim.is_plain]
        _record(plain, now)
        for organization_id in sorted({claim.organization_id for claim in plain}):
            organizations.touch(organization_id)
    for claim in due:
        if not claim.is_plain:
            _bring_over(claim, now)
    return len(due)


def _record(claims: Sequence[sweeping.Claim], now: datetime) -> None:
    """Records a batch; where the database refuses it, half by half, until the row that it refuses stands alone."""
    if not claims:
        return
    try:
        with sweeping.savepoint():
            sweeping.record(claims, now)
    except sweeping.Failed as failure:
        if len(claims) == 1:
            _put_off(claims[0], now, failure)
            return
        middle = len(claims) // 2
        _record(claims[:middle], now)
        _record(claims[middle:], now)


def _bring_over(claim: sweeping.Claim, now: datetime) -> None:
    try:
        with transaction():
            if bring_over(claim.organization_id, [claim.conversation_id], now):
                organizations.touch(claim.organization_id)
    except Exception as failure:  # whatever it is, the other rows go on
        with transaction():
            _put_off(claim, now, failure)


def backoff(failures: int) -> timedelta:
    """How long what has failed so often is left alone: 5 s, then twice as long each time, up to an hour."""
    return min(timedelta(seconds=5 * 2 ** min(failures - 1, 12)), LONGEST_PUT_OFF)


def _put_off(claim: sweeping.Claim, now: datetime, failure: Exception) -> None:
    delay = backoff(claim.failures + 1)
    sweeping.put_off(claim, now + delay)
    log.error(
        "clock %s of conversation %s cannot be recorded, tried again in %s: %s",
        claim.kind,
        claim.conversation_id,
        delay,
        failure,
    )
