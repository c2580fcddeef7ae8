"""The ledger of breaches. Rows are added, retracted and restored, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, func, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from ..sla.breaches import Breach
from ..sla.clocks import Clock
from .agents import AgentRow
from .clocks import COLUMNS as CLOCK_COLUMNS
from .clocks import ClockRow
from .conversations import ConversationRow
from .database import Instant, Model, Query, db, insert_new, new_id, table_of
from .divisions import DivisionRow
from .policies import PolicyRow


class BreachRow(Model):
    __tablename__ = "breaches"
    __table_args__ = (
        UniqueConstraint("conversation_id", "clock"),
        Index("ix_breaches_newest", "organization_id", "breached_at", "id"),
        Index("ix_breaches_policy", "policy_id", "breached_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    clock: Mapped[str] = mapped_column(String(20))
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("policies.id"))
    policy_version: Mapped[int] = mapped_column(Integer)
    policy_name: Mapped[str] = mapped_column(String(120))
    threshold_secs: Mapped[int] = mapped_column(Integer)
    breached_at: Mapped[datetime] = mapped_column(Instant)
    detected_at: Mapped[datetime] = mapped_column(Instant)
    actual_secs: Mapped[int | None] = mapped_column(Integer)  # None: grows with its clock
    # Where the conversation stood when the breach was recorded.
    channel: Mapped[str] = mapped_column(String(40))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))
    retracted_at: Mapped[datetime | None] = mapped_column(Instant)  # when a late fact showed it to be none


_BREACH = (
    BreachRow.conversation_id,
    BreachRow.clock,
    BreachRow.policy_id,
    BreachRow.policy_version,
    BreachRow.policy_name,
    BreachRow.threshold_secs,
    BreachRow.breached_at,
    BreachRow.actual_secs,
    BreachRow.retracted_at.is_not(None),
)


def of(conversation_ids: Sequence[UUID]) -> dict[UUID, dict[str, Breach]]:
    """The breaches on record of conversations, by clock."""
    found: dict[UUID, dict[str, Breach]] = {id: {} for id in conversation_ids}
    query = select(*_BREACH).where(BreachRow.conversation_id.in_(conversation_ids))
    for row in db.session.execute(query):
        breach = Breach(*row[1:])
        found[row[0]][breach.clock] = breach
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands: what a breach keeps of it."""

    organization_id: UUID
    conversation_id: UUID
    channel: str
    division_id: UUID | None
    agent_id: UUID | None


def row_of(breach: Breach, place: Place, now: datetime) -> dict[str, Any]:
    """A new breach as its row holds it."""
    return {
        "id": new_id(),
        "organization_id": place.organization_id,
        "conversation_id": place.conversation_id,
        "clock": breach.clock,
        "policy_id": breach.policy_id,
        "policy_version": breach.policy_version,
        "policy_name": breach.policy_name,
        "threshold_secs": breach.threshold_secs,
        "breached_at": breach.breached_at,
        "detected_at": now,
        "actual_secs": breach.actual_secs,
        "channel": place.channel,
        "division_id": place.division_id,
        "agent_id": place.agent_id,
        "retracted_at": now if breach.retracted else None,
    }


def add_many(rows: Sequence[dict[str, Any]]) -> None:
    """Records breaches; one that is on record already stays as it is."""
    insert_new(db.session(), table_of(BreachRow), rows)


def save(place: Place, written: Iterable[Breach], recorded: dict[str, Breach], now: datetime) -> None:
    """Records new breaches of a conversation, and on those that were recorded before what may still change."""
    add_many([row_of(breach, place, now) for breach in written if breach.clock not in recorded])
    for breach in written:
        before = recorded.get(breach.clock)
        if before is None:
            continue
        values: dict[str, Any] = {"actual_secs": breach.actual_secs}
        if breach.retracted != before.retracted:
            values["retracted_at"] = now if breach.retracted else None
        if breach.breached_at != before.breached_at:
            # Retracted, and late at another instant after all: what stands from now on is that.
            shown = row_of(breach, place, now)
            kept = ("id", "organization_id", "conversation_id", "clock")
            values = {name: value for name, value in shown.items() if name not in kept}
        db.session.execute(
            update(BreachRow)
            .where(BreachRow.conversation_id == place.conversation_id, BreachRow.clock == breach.clock)
            .values(**values)
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of breaches is narrowed to; None: not narrowed."""

    policy_id: UUID | None = None
    clock: str | None = None
    channel: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    from_: datetime | None = None  # breached_at, from this instant on
    to: datetime | None = None  # breached_at, before this instant
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """A breach as the lists show it."""

    id: UUID
    conversation_id: UUID
    clock: str
    policy_id: UUID
    policy_name: str
    policy_exists: bool
    threshold_secs: int
    actual_secs: int
    growing: bool
    breached_at: datetime
    detected_at: datetime
    retracted_at: datetime | None
    channel: str
    division_id: UUID | None
    division_name: str | None
    agent_id: UUID | None
    agent_name: str | None
    contact_name: str
    subject: str | None

    @property
    def over_secs(self) -> int:
        """By how much the promise was missed so far."""
        return max(0, self.actual_secs - self.threshold_secs)


def _narrowed(query: Query, organization_id: UUID, filters: Filters) -> Query:
    query = query.where(BreachRow.organization_id == organization_id)
    for column, value in (
        (BreachRow.policy_id, filters.policy_id),
        (BreachRow.clock, filters.clock),
        (BreachRow.channel, filters.channel),
        (BreachRow.division_id, filters.division_id),
        (BreachRow.agent_id, filters.agent_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if filters.from_ is not None:
        query = query.where(BreachRow.breached_at >= filters.from_)
    if filters.to is not None:
        query = query.where(BreachRow.breached_at < filters.to)
    if not filters.retracted:
        query = query.where(BreachRow.retracted_at.is_(None))
    return query


def count(organization_id: UUID, filters: Filters) -> int:
    query = _narrowed(select(func.count()).select_from(BreachRow), organization_id, filters)
    number: int = db.session.execute(query).scalar_one()
    return number


Cursor = tuple[datetime, UUID]


def newest(
    organization_id: UUID, filters: Filters, now: datetime, *, limit: int, after: Cursor | None = None
) -> list[Listed]:
    """Breaches, the newest first, from behind a cursor (breached_at, id) on."""
    page = _narrowed(
        select(
            BreachRow.id,
            BreachRow.conversation_id,
            BreachRow.clock,
            BreachRow.policy_id,
            BreachRow.policy_name,
            PolicyRow.deleted_at,
            BreachRow.policy_version,
            BreachRow.threshold_secs,
            BreachRow.actual_secs,
            BreachRow.breached_at,
            BreachRow.detected_at,
            BreachRow.retracted_at,
            BreachRow.channel,
            BreachRow.division_id,
            DivisionRow.name,
            BreachRow.agent_id,
            AgentRow.name,
            ConversationRow.contact_name,
            ConversationRow.subject,
            *CLOCK_COLUMNS,
        )
        .join(ConversationRow, ConversationRow.id == BreachRow.conversation_id)
        .join(PolicyRow, PolicyRow.id == BreachRow.policy_id)
        .outerjoin(DivisionRow, DivisionRow.id == BreachRow.division_id)
        .outerjoin(AgentRow, AgentRow.id == BreachRow.agent_id)
        .outerjoin(
            ClockRow,
            (ClockRow.conversation_id == BreachRow.conversation_id)
            & (ClockRow.kind == BreachRow.clock)
            & BreachRow.actual_secs.is_(None),
        ),
        organization_id,
        filters,
    )
    if after is not None:
        page = page.where(tuple_(BreachRow.breached_at, BreachRow.id) < after)
    page = page.order_by(BreachRow.breached_at.desc(), BreachRow.id.desc()).limit(limit)
    return [_listed(tuple(row), now) for row in db.session.execute(page)]


def every(organization_id: UUID, filters: Filters, now: datetime) -> Iterator[Listed]:
    """All breaches of a filtered set, the newest first, read page by page."""
    after: Cursor | None = None
    while rows := newest(organization_id, filters, now, limit=1_000, after=after):
        yield from rows
        after = (rows[-1].breached_at, rows[-1].id)


def _listed(row: tuple[Any, ...], now: datetime) -> Listed:
    id, conversation, clock, policy, name, deleted_at, _, threshold, actual, *rest = row
    named, figures = rest[:10], rest[10:]
    if actual is None and figures[0] is not None:
        actual = Clock(*figures).elapsed(now)
    return Listed(
        id, conversation, clock, policy, name, deleted_at is None, threshold, actual or 0, row[8] is None, *named
    )
