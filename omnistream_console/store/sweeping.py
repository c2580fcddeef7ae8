"""What the sweep asks of the database: claim what is due, record it, put off what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, select, update
from sqlalchemy.exc import SQLAlchemyError

from .breaches import BreachRow
from .clocks import ClockRow
from .conversations import ConversationRow
from .database import db, insert_new, new_id, table_of, values
from .organizations import OrganizationRow


@dataclass(frozen=True, slots=True)
class Claim:
    """A clock that has fallen due, held by this transaction."""

    conversation_id: UUID
    kind: str
    organization_id: UUID
    policy_id: UUID
    policy_version: int
    policy_name: str
    threshold_secs: int
    due_at: datetime
    failures: int
    channel: str
    division_id: UUID | None
    agent_id: UUID | None
    is_plain: bool  # derived under the latest edit of the policies, and no retracted breach on record


class Failed(Exception):
    """The database refused rows."""


def claim(now: datetime, limit: int) -> list[Claim]:
    """The clocks that fell due first and that no other worker holds."""
    query = (
        select(
            ClockRow.conversation_id,
            ClockRow.kind,
            ClockRow.organization_id,
            ClockRow.policy_id,
            ClockRow.policy_version,
            ClockRow.policy_name,
            ClockRow.threshold_secs,
            ClockRow.due_at,
            ClockRow.sweep_failures,
            ConversationRow.channel,
            ConversationRow.division_id,
            ConversationRow.agent_id,
            and_(ConversationRow.governed_seq >= OrganizationRow.policies_seq, BreachRow.id.is_(None)),
        )
        .join(ConversationRow, ConversationRow.id == ClockRow.conversation_id)
        .join(OrganizationRow, OrganizationRow.id == ClockRow.organization_id)
        .outerjoin(
            BreachRow, (BreachRow.conversation_id == ClockRow.conversation_id) & (BreachRow.clock == ClockRow.kind)
        )
        .where(ClockRow.sweep_at.is_not(None), ClockRow.sweep_at <= now)
        .order_by(ClockRow.sweep_at)
        .limit(limit)
        .with_for_update(of=ClockRow, skip_locked=True)
    )
    return values(Claim, db.session.execute(query))


def next_due() -> datetime | None:
    """The instant at which the sweep has to look next: one end of an index."""
    query = select(ClockRow.sweep_at).where(ClockRow.sweep_at.is_not(None)).order_by(ClockRow.sweep_at).limit(1)
    return db.session.execute(query).scalar()


@contextmanager
def savepoint() -> Iterator[None]:
    """What happens inside is undone alone where the database refuses it. Raises Failed."""
    try:
        with db.session.begin_nested():
            yield
    except SQLAlchemyError as refusal:
        raise Failed(str(refusal).partition("\n")[0]) from refusal


_clocks = table_of(ClockRow)
_recorded = (
    update(_clocks)
    .where(_clocks.c.conversation_id == bindparam("of"), _clocks.c.kind == bindparam("which"))
    .values(breached_at=_clocks.c.due_at, sweep_at=None, sweep_failures=0)
)


def record(claims: Sequence[Claim], now: datetime) -> None:
    """Writes the breaches of claimed clocks. One that is on record already stays as it is; the place on the board
    is the same before and after, for it goes by the due instant."""
    session = db.session()
    insert_new(
        session,
        table_of(BreachRow),
        [
            {
                "id": new_id(),
                "organization_id": claim.organization_id,
                "conversation_id": claim.conversation_id,
                "clock": claim.kind,
                "policy_id": claim.policy_id,
                "policy_version": claim.policy_version,
                "policy_name": claim.policy_name,
                "threshold_secs": claim.threshold_secs,
                "breached_at": claim.due_at,
                "detected_at": now,
                "actual_secs": None,
                "channel": claim.channel,
                "division_id": claim.division_id,
                "agent_id": claim.agent_id,
                "retracted_at": None,
            }
            for claim in claims
        ],
    )
    session.connection().execute(_recorded, [{"of": claim.conversation_id, "which": claim.kind} for claim in claims])


def put_off(claim: Claim, until: datetime) -> None:
    """Lets a clock that could not be recorded wait."""
    db.session.execute(
        update(ClockRow)
        .where(ClockRow.conversation_id == claim.conversation_id, ClockRow.kind == claim.kind)
        .values(sweep_at=until, sweep_failures=ClockRow.sweep_failures + 1)
    )
