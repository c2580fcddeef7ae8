"""Clocks as they were derived last, kept so that the board can be sorted and the sweep can find what is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, bindparam, delete, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from ..sla.clocks import KINDS, RESOLUTION, RUNNING, Clock
from .conversations import Conversation, ConversationRow, one_and_edits
from .database import Instant, Model, Span, ask, db, table_of, upsert

_SWEPT = text("sweep_at IS NOT NULL")
_WAITING = text("kind = 'first_response' AND state = 'running'")


class ClockRow(Model):
    __tablename__ = "clocks"
    __table_args__ = (
        # The sweep reads this and nothing else: what is due, never what is open.
        Index("ix_clocks_sweep_at", "sweep_at", sqlite_where=_SWEPT, postgresql_where=_SWEPT),
        Index("ix_clocks_waiting", "organization_id", "started_at", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("policies.id"))
    policy_version: Mapped[int] = mapped_column(Integer)
    policy_name: Mapped[str] = mapped_column(String(120))
    threshold_secs: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(12))
    started_at: Mapped[datetime] = mapped_column(Instant)
    governed_from: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    warning_at: Mapped[datetime | None] = mapped_column(Instant)
    stopped_at: Mapped[datetime | None] = mapped_column(Instant)
    counted: Mapped[timedelta] = mapped_column(Span)
    running_since: Mapped[datetime | None] = mapped_column(Instant)
    paused: Mapped[timedelta] = mapped_column(Span)
    paused_since: Mapped[datetime | None] = mapped_column(Instant)
    breached_at: Mapped[datetime | None] = mapped_column(Instant)
    # When the sweep has to look: the due instant of a running clock without a breach on record, later where an
    # attempt failed; None: never.
    sweep_at: Mapped[datetime | None] = mapped_column(Instant)
    sweep_failures: Mapped[int] = mapped_column(BigInteger, default=0)


_FIELDS = tuple(field for field in Clock.__dataclass_fields__ if field != "late")
COLUMNS = tuple(getattr(ClockRow, field) for field in _FIELDS)


def row_of(clock: Clock, conversation_id: UUID, organization_id: UUID) -> dict[str, Any]:
    """A clock as its row holds it."""
    row = {field: getattr(clock, field) for field in _FIELDS}
    row["conversation_id"] = conversation_id
    row["organization_id"] = organization_id
    row["sweep_at"] = clock.due_at if clock.state == RUNNING and clock.breached_at is None else None
    row["sweep_failures"] = 0
    return row


_of_many = (
    select(ClockRow.conversation_id, *COLUMNS)
    .where(ClockRow.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(ClockRow.kind)
)
_of_many_locked = _of_many.with_for_update()
_one_with_conversation = (
    one_and_edits.outerjoin(ClockRow, ClockRow.conversation_id == ConversationRow.id)
    .add_columns(*COLUMNS)
    .order_by(ClockRow.kind)
)
_WIDTH = len(Conversation.__dataclass_fields__)


def of(conversation_ids: Sequence[UUID], *, locked: bool = False) -> dict[UUID, list[Clock]]:
    """The clocks of conversations, first_response before resolution. Locked: nobody sweeps them meanwhile."""
    found: dict[UUID, list[Clock]] = {id: [] for id in conversation_ids}
    if not conversation_ids:
        return found
    for conversation_id, *fields in ask(_of_many_locked if locked else _of_many, ids=conversation_ids):
        found[conversation_id].append(Clock(*fields))
    return found


def with_conversation(organization_id: UUID, id: UUID) -> tuple[Conversation, list[Clock], bool] | None:
    """One conversation, its clocks, and whether they were derived under the latest edit of the policies: in one
    query."""
    rows = ask(_one_with_conversation, organization_id=organization_id, id=id).all()
    if not rows:
        return None
    conversation, edits = Conversation(*rows[0][:_WIDTH]), rows[0][_WIDTH]
    # A conversation without a clock is one row that holds none.
    kept = [Clock(*row[_WIDTH + 1 :]) for row in rows if row[_WIDTH + 1] is not None]
    return conversation, kept, conversation.governed_seq >= edits


def save(organization_id: UUID, clocks: Iterable[tuple[UUID, Sequence[Clock]]]) -> None:
    """Puts the clocks of conversations in place of those kept so far."""
    session = db.session()
    rows = []
    for conversation_id, kept in clocks:
        rows += [row_of(clock, conversation_id, organization_id) for clock in kept]
        kinds = [clock.kind for clock in kept]
        if len(kinds) < len(KINDS):
            session.execute(
                delete(ClockRow).where(ClockRow.conversation_id == conversation_id, ClockRow.kind.not_in(kinds))
            )
    if rows:
        statement = upsert(session, table_of(ClockRow))
        changed = {name: statement.excluded[name] for name in rows[0] if name not in ("conversation_id", "kind")}
        session.execute(statement.on_conflict_do_update(index_elements=["conversation_id", "kind"], set_=changed), rows)


_oldest_wait = select(func.min(ClockRow.started_at)).where(
    ClockRow.organization_id == bindparam("organization_id"),
    text("clocks.kind = 'first_response'"),
    text("clocks.state = 'running'"),
)


def oldest_wait(organization_id: UUID) -> datetime | None:
    """Since when the customer who has waited longest for a first answer waits."""
    waits: datetime | None = ask(_oldest_wait, organization_id=organization_id).scalar()
    return waits


def governed_by(organization_id: UUID) -> dict[UUID, int]:
    """How many conversations under way each policy governs."""
    query = (
        select(ClockRow.policy_id, func.count())
        .join(ConversationRow, ConversationRow.id == ClockRow.conversation_id)
        .where(
            ConversationRow.organization_id == organization_id,
            ConversationRow.board_state.is_not(None),
            ClockRow.kind == RESOLUTION,
        )
        .group_by(ClockRow.policy_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
