"""The timeline: the facts of conversations, and the events that wait for theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from ..sla.timeline import KINDS, Fact, Order, order, place
from .agents import AgentRow
from .database import Instant, Model, db, insert_new, new_id, table_of
from .divisions import DivisionRow


class FactRow(Model):
    __tablename__ = "facts"
    __table_args__ = (
        # The identity of an event that came from outside; the console's own facts have no source id.
        UniqueConstraint("organization_id", "source", "source_id"),
        Index("ix_facts_conversation_id_at", "conversation_id", "at"),
        CheckConstraint(f"kind in ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)
    heard_at: Mapped[datetime] = mapped_column(Instant)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(100))
    source_id: Mapped[str | None] = mapped_column(String(200))
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))  # whose doing it was, where known
    body: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(String(16))
    channel: Mapped[str | None] = mapped_column(String(40))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))  # assignment: to whom; None: nobody
    opened_by: Mapped[str | None] = mapped_column(String(16))
    voided_at: Mapped[datetime | None] = mapped_column(Instant)


class WaitingEventRow(Model):
    """An event for a conversation that nobody has told us of yet."""

    __tablename__ = "waiting_events"
    __table_args__ = (
        UniqueConstraint("organization_id", "source", "source_id"),
        Index("ix_waiting_events_conversation", "organization_id", "source", "conversation"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    source: Mapped[str] = mapped_column(String(100))
    source_id: Mapped[str] = mapped_column(String(200))
    conversation: Mapped[str] = mapped_column(String(200))
    heard_at: Mapped[datetime] = mapped_column(Instant)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)


_FACT = (
    FactRow.conversation_id,
    FactRow.kind,
    FactRow.at,
    FactRow.heard_at,
    FactRow.seq,
    FactRow.source,
    FactRow.source_id,
    FactRow.id,
    FactRow.channel,
    FactRow.division_id,
    FactRow.opened_by,
    FactRow.status,
)


_IDENTITY = (
    FactRow.kind,
    FactRow.at,
    FactRow.heard_at,
    FactRow.seq,
    FactRow.source,
    FactRow.source_id,
    FactRow.id,
)


def facts_of(conversation_ids: Sequence[UUID]) -> dict[UUID, list[Fact]]:
    """The facts of conversations that are not void, in no particular order."""
    found: dict[UUID, list[Fact]] = {id: [] for id in conversation_ids}
    query = select(*_FACT).where(FactRow.conversation_id.in_(conversation_ids), FactRow.voided_at.is_(None))
    for (
        conversation_id,
        kind,
        at,
        heard_at,
        seq,
        source,
        source_id,
        id,
        channel,
        division,
        by,
        status,
    ) in db.session.execute(query):
        identity = source_id if source_id is not None else str(id)
        found[conversation_id].append(Fact(kind, at, heard_at, seq, source, identity, channel, division, by, status))
    return found


def add(row: dict[str, Any]) -> UUID:
    """Stores one fact and returns its id."""
    fact = FactRow(**{"id": new_id(), **row})
    db.session.add(fact)
    db.session.flush()
    return fact.id


def add_many(rows: Sequence[dict[str, Any]]) -> None:
    """Stores facts, each with every column. Those whose source id is known already are left as they are."""
    insert_new(db.session(), table_of(FactRow), rows)


def known(organization_id: UUID, source: str, source_ids: Iterable[str]) -> set[str]:
    """Which of these events of a source are facts, void or not, or wait to be."""
    wanted = list(source_ids)
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        for model in (FactRow, WaitingEventRow):
            query = select(model.source_id).where(
                model.organization_id == organization_id, model.source == source, model.source_id.in_(some)
            )
            found.update(id for id in db.session.execute(query).scalars() if id is not None)
    return found


def by_source(organization_id: UUID, source: str, source_id: str) -> tuple[UUID, UUID, datetime | None] | None:
    """(id, conversation id, voided at) of the fact that an event became."""
    row = db.session.execute(
        select(FactRow.id, FactRow.conversation_id, FactRow.voided_at).where(
            FactRow.organization_id == organization_id, FactRow.source == source, FactRow.source_id == source_id
        )
    ).first()
    return (row.id, row.conversation_id, row.voided_at) if row else None


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that an event became."""

    id: UUID
    conversation_id: UUID
    kind: str
    is_void: bool


def by_source_ids(organization_id: UUID, source: str, source_ids: Sequence[str]) -> dict[str, Known]:
    """The facts that these events became."""
    found: dict[str, Known] = {}
    for start in range(0, len(source_ids), 500):
        query = select(FactRow.source_id, FactRow.id, FactRow.conversation_id, FactRow.kind, FactRow.voided_at).where(
            FactRow.organization_id == organization_id,
            FactRow.source == source,
            FactRow.source_id.in_(source_ids[start : start + 500]),
        )
        for source_id, id, conversation_id, kind, voided_at in db.session.execute(query):
            found[str(source_id)] = Known(id, conversation_id, kind, voided_at is not None)
    return found


def latest(conversation_id: UUID, kinds: Sequence[str]) -> tuple[str, datetime, UUID | None] | None:
    """(kind, at, agent) of the last fact of these kinds that is not void."""
    here = (FactRow.conversation_id == conversation_id, FactRow.kind.in_(kinds), FactRow.voided_at.is_(None))
    last = select(func.max(FactRow.at)).where(*here).scalar_subquery()
    found = {
        Fact(kind, at, heard_at, seq, source, source_id or str(id)): agent_id
        for kind, at, heard_at, seq, source, source_id, id, agent_id in db.session.execute(
            select(*_IDENTITY, FactRow.agent_id).where(*here, FactRow.at == last)
        )
    }
    fact = max(found, key=order, default=None)
    return (fact.kind, fact.at, found[fact]) if fact else None


def void(id: UUID, now: datetime) -> None:
    """Takes a fact out of its timeline. The row stays."""
    db.session.execute(update(FactRow).where(FactRow.id == id).values(voided_at=now))


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact as people read it."""

    id: UUID
    kind: str
    at: datetime
    heard_at: datetime
    body: str | None
    status: str | None
    channel: str | None
    division_id: UUID | None
    division_name: str | None
    agent_id: UUID | None
    agent_name: str | None
    actor_id: UUID | None
    actor_name: str | None
    source: str
    source_id: str | None
    voided_at: datetime | None


def entries(conversation_id: UUID, kinds: Sequence[str] = KINDS) -> list[Entry]:
    """The timeline of one conversation, oldest first, void facts included."""
    assignee, actor = aliased(AgentRow), aliased(AgentRow)
    query = (
        select(
            FactRow.id,
            FactRow.kind,
            FactRow.at,
            FactRow.heard_at,
            FactRow.body,
            FactRow.status,
            FactRow.channel,
            FactRow.division_id,
            DivisionRow.name,
            FactRow.agent_id,
            assignee.name,
            FactRow.actor_id,
            actor.name,
            FactRow.source,
            FactRow.source_id,
            FactRow.voided_at,
            FactRow.seq,
        )
        .outerjoin(DivisionRow, DivisionRow.id == FactRow.division_id)
        .outerjoin(assignee, assignee.id == FactRow.agent_id)
        .outerjoin(actor, actor.id == FactRow.actor_id)
        .where(FactRow.conversation_id == conversation_id, FactRow.kind.in_(kinds))
    )
    # In the order in which the clocks read it. Two facts of one instant tell their story in no other.
    found = [(Entry(*columns), seq) for *columns, seq in db.session.execute(query)]
    found.sort(key=lambda one: _place(*one))
    return [entry for entry, _ in found]


def _place(entry: Entry, seq: int | None) -> Order:
    identity = entry.source_id if entry.source_id is not None else str(entry.id)
    return place(entry.at, seq, entry.kind, entry.source, identity)


def wait(rows: Sequence[dict[str, Any]]) -> None:
    """Keeps events until their conversation is heard of."""
    insert_new(db.session(), table_of(WaitingEventRow), rows)


def take_waiting(
    organization_id: UUID, source: str, conversations: Sequence[str]
) -> list[tuple[datetime, dict[str, Any]]]:
    """(heard at, event) of the events that waited for these conversations; they wait no longer."""
    found = []
    for start in range(0, len(conversations), 500):
        here = (
            WaitingEventRow.organization_id == organization_id,
            WaitingEventRow.source == source,
            WaitingEventRow.conversation.in_(conversations[start : start + 500]),
        )
        rows = db.session.execute(select(WaitingEventRow.heard_at, WaitingEventRow.event).where(*here)).all()
        if rows:
            found += [(row.heard_at, row.event) for row in rows]
            db.session.execute(table_of(WaitingEventRow).delete().where(*here))
    return found
