"""Conversations: what stands in their rows, and how one is found, locked and brought up to date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..sla.clocks import Standing
from .agents import AgentRow
from .database import Instant, Model, ask, db, table_of, value
from .divisions import DivisionRow
from .organizations import OrganizationRow

_DUE = text("next_due_at IS NOT NULL")
_WARNED = text("next_warning_at IS NOT NULL")
_ON_BOARD = text("board_state IS NOT NULL")
_UNASSIGNED = text("agent_id IS NULL AND board_state IS NOT NULL")


class ConversationRow(Model):
    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("organization_id", "source", "external_id"),
        Index("ix_conversations_due", "organization_id", "next_due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index(
            "ix_conversations_warning",
            "organization_id",
            "next_warning_at",
            "next_due_at",
            sqlite_where=_WARNED,
            postgresql_where=_WARNED,
        ),
        Index(
            "ix_conversations_board",
            "organization_id",
            "board_state",
            "created_at",
            "id",
            sqlite_where=_ON_BOARD,
            postgresql_where=_ON_BOARD,
        ),
        Index(
            "ix_conversations_unassigned",
            "organization_id",
            "agent_id",
            "board_state",
            sqlite_where=_UNASSIGNED,
            postgresql_where=_UNASSIGNED,
        ),
        Index(
            "ix_conversations_governed",
            "organization_id",
            "governed_seq",
            sqlite_where=_ON_BOARD,
            postgresql_where=_ON_BOARD,
        ),
        Index(
            "ix_conversations_channel",
            "organization_id",
            "channel",
            sqlite_where=_ON_BOARD,
            postgresql_where=_ON_BOARD,
        ),
        Index("ix_conversations_created", "organization_id", "created_at", "id"),
        CheckConstraint("status in ('open', 'pending', 'resolved', 'closed')", name="status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    source: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str | None] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(40))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    agent_id: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))
    contact_name: Mapped[str] = mapped_column(String(200))
    contact_address: Mapped[str | None] = mapped_column(String(254))
    subject: Mapped[str | None] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(16))
    opened_by: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_message_at: Mapped[datetime | None] = mapped_column(Instant)  # public ones: a note is none
    last_message_by: Mapped[str | None] = mapped_column(String(16))  # customer, agent or bot
    updated_at: Mapped[datetime] = mapped_column(Instant)
    # Materialised from the unstopped clocks, for the board's order and counters; NULL once resolved or closed.
    board_state: Mapped[str | None] = mapped_column(String(8))
    next_due_at: Mapped[datetime | None] = mapped_column(Instant)
    next_warning_at: Mapped[datetime | None] = mapped_column(Instant)
    # The count of policy edits under which the clocks were derived last.
    governed_seq: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as its row has it, with the names of its division and agent."""

    id: UUID
    organization_id: UUID
    source: str
    external_id: str | None
    channel: str
    division_id: UUID | None
    division_name: str | None
    agent_id: UUID | None
    agent_name: str | None
    contact_name: str
    contact_address: str | None
    subject: str | None
    status: str
    opened_by: str
    created_at: datetime
    last_message_at: datetime | None
    last_message_by: str | None
    updated_at: datetime
    board_state: str | None
    next_due_at: datetime | None
    next_warning_at: datetime | None
    governed_seq: int

    @property
    def standing(self) -> Standing | None:
        """The place on the board; None: not on it."""
        if self.board_state is None:
            return None
        return Standing(self.board_state, self.next_due_at, self.next_warning_at)


COLUMNS = (
    ConversationRow.id,
    ConversationRow.organization_id,
    ConversationRow.source,
    ConversationRow.external_id,
    ConversationRow.channel,
    ConversationRow.division_id,
    DivisionRow.name.label("division_name"),
    ConversationRow.agent_id,
    AgentRow.name.label("agent_name"),
    ConversationRow.contact_name,
    ConversationRow.contact_address,
    ConversationRow.subject,
    ConversationRow.status,
    ConversationRow.opened_by,
    ConversationRow.created_at,
    ConversationRow.last_message_at,
    ConversationRow.last_message_by,
    ConversationRow.updated_at,
    ConversationRow.board_state,
    ConversationRow.next_due_at,
    ConversationRow.next_warning_at,
    ConversationRow.governed_seq,
)
named = (
    select(*COLUMNS)
    .outerjoin(DivisionRow, DivisionRow.id == ConversationRow.division_id)
    .outerjoin(AgentRow, AgentRow.id == ConversationRow.agent_id)
)


_one = named.where(
    ConversationRow.organization_id == bindparam("organization_id"), ConversationRow.id == bindparam("id")
)
# With the count of policy edits that it should have been judged under.
one_and_edits = _one.join(OrganizationRow, OrganizationRow.id == ConversationRow.organization_id).add_columns(
    OrganizationRow.policies_seq
)


def get(organization_id: UUID, id: UUID) -> Conversation | None:
    return value(Conversation, ask(_one, organization_id=organization_id, id=id).first())


def locked(organization_id: UUID, id: UUID) -> Conversation | None:
    """One conversation that nobody else changes until the transaction ends.

    The lock lets foreign keys be checked: a sweep that holds a clock and records its breach must not wait here for a
    fact that waits for that clock.
    """
    found = db.session.execute(
        select(ConversationRow.id)
        .where(ConversationRow.organization_id == organization_id, ConversationRow.id == id)
        .with_for_update(key_share=True)
    ).first()
    return get(organization_id, id) if found else None


def lock_many(ids: Sequence[UUID]) -> list[UUID]:
    """Locks conversations in the order of their ids, so that no two workers wait for each other; those that another
    one holds are left out."""
    query = select(ConversationRow.id).where(ConversationRow.id.in_(ids)).order_by(ConversationRow.id)
    return list(db.session.execute(query.with_for_update(key_share=True, skip_locked=True)).scalars())


def hold(ids: Sequence[UUID]) -> None:
    """Waits until nobody else holds these conversations, and holds them; in the order of their ids, likewise."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), 500):
        query = select(ConversationRow.id).where(ConversationRow.id.in_(ordered[start : start + 500]))
        db.session.execute(query.order_by(ConversationRow.id).with_for_update(key_share=True))


def by_external_ids(organization_id: UUID, source: str, external_ids: Sequence[str]) -> dict[str, UUID]:
    """The ids of a source's conversations by their external ids."""
    found: dict[str, UUID] = {}
    for start in range(0, len(external_ids), 500):
        query = select(ConversationRow.external_id, ConversationRow.id).where(
            ConversationRow.organization_id == organization_id,
            ConversationRow.source == source,
            ConversationRow.external_id.in_(external_ids[start : start + 500]),
        )
        found.update((row.external_id, row.id) for row in db.session.execute(query))
    return found


def add_many(rows: Sequence[dict[str, Any]]) -> None:
    """Stores new conversations, each row with every column."""
    if rows:
        db.session.execute(insert(table_of(ConversationRow)), rows)


def change(id: UUID, **values: Any) -> None:
    """Sets columns of one conversation."""
    db.session.execute(update(ConversationRow).where(ConversationRow.id == id).values(**values))


def change_many(rows: Sequence[dict[str, Any]]) -> None:
    """Sets the same columns of many conversations, each row with its `id`."""
    if not rows:
        return
    table = table_of(ConversationRow)
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
    statement = update(table).where(table.c.id == bindparam("row_id")).values(values)
    session = db.session()
    session.connection().execute(
        statement,
        [{"row_id": row["id"], **{f"new_{name}": row[name] for name in values}} for row in rows],
    )


def stale(organization_id: UUID, seq: int, limit: int) -> list[UUID]:
    """Conversations under way whose clocks were derived before the latest edit of the policies."""
    query = (
        select(ConversationRow.id)
        .where(
            ConversationRow.organization_id == organization_id,
            ConversationRow.board_state.is_not(None),
            ConversationRow.governed_seq < seq,
        )
        .order_by(ConversationRow.governed_seq)
        .limit(limit)
    )
    return list(db.session.execute(query).scalars())


def behind() -> list[UUID]:
    """The organizations that have stale conversations: one index look-up for each organization."""
    waiting = (
        select(ConversationRow.id)
        .where(
            ConversationRow.organization_id == OrganizationRow.id,
            ConversationRow.board_state.is_not(None),
            ConversationRow.governed_seq < OrganizationRow.policies_seq,
        )
        .exists()
    )
    return list(db.session.execute(select(OrganizationRow.id).where(waiting)).scalars())


def materialised(standing: Standing | None, seq: int) -> dict[str, Any]:
    """The columns that follow from the clocks. A paused conversation shows no warning of its own."""
    return {
        "board_state": standing.state if standing else None,
        "next_due_at": standing.due_at if standing else None,
        "next_warning_at": standing.warning_at if standing and standing.state != "paused" else None,
        "governed_seq": seq,
    }
