"""The live board: what falls due first, how many stand where, and whether anything changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from ..sla.clocks import NEVER, NO_POLICY, PAUSED, RUNNING
from .conversations import Conversation, ConversationRow, named
from .database import Query, db, values
from .organizations import OrganizationRow

OVERDUE, DUE = "overdue", "due"
GROUPS = (OVERDUE, DUE, PAUSED, NEVER, NO_POLICY)
SLA = ("breached", "warning", "ok", "paused", "none")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to; None: not narrowed."""

    status: str | None = None
    channel: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    unassigned: bool = False
    sla: str | None = None
    divisions: frozenset[UUID] | None = None  # what an agent may see: the own divisions
    on_board: bool = False  # only those under way


@dataclass(frozen=True, slots=True)
class Counters:
    """How many conversations under way stand where. The first five add up to all."""

    breached: int
    warning: int
    ok: int
    paused: int
    none: int
    unassigned: int
    never: int

    @property
    def due(self) -> int:
        """How many will fall due and have not yet."""
        return self.warning + self.ok - self.never


_row = ConversationRow
_on_board = _row.board_state.is_not(None)


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_row.next_due_at.is_not(None), _row.next_due_at <= now)


def _at_risk(now: datetime) -> ColumnElement[bool]:
    return and_(
        _row.next_warning_at.is_not(None),
        _row.next_warning_at <= now,
        or_(_row.next_due_at.is_(None), _row.next_due_at > now),
    )


def _on_track(now: datetime) -> ColumnElement[bool]:
    return and_(
        _row.board_state.in_((RUNNING, NEVER)),
        or_(_row.next_due_at.is_(None), _row.next_due_at > now),
        or_(_row.next_warning_at.is_(None), _row.next_warning_at > now),
    )


def _narrowed(query: Query, organization_id: UUID, filters: Filters) -> Query:
    query = query.where(_row.organization_id == organization_id)
    if filters.status is not None:
        query = query.where(_row.status == filters.status)
    if filters.channel is not None:
        query = query.where(_row.channel == filters.channel)
    if filters.division_id is not None:
        query = query.where(_row.division_id == filters.division_id)
    if filters.divisions is not None:
        query = query.where(_row.division_id.in_(filters.divisions))
    if filters.agent_id is not None:
        query = query.where(_row.agent_id == filters.agent_id)
    if filters.on_board:
        query = query.where(_on_board)
    if filters.unassigned:
        query = query.where(_row.agent_id.is_(None))
    return query


def _with_sla(query: Query, sla: str | None, now: datetime) -> Query:
    if sla == "breached":
        return query.where(_overdue(now))
    if sla == "warning":
        return query.where(_at_risk(now))
    if sla == "ok":
        return query.where(_on_track(now))
    if sla in (PAUSED, NO_POLICY):
        return query.where(_row.board_state == sla)
    return query


def counters(organization_id: UUID, filters: Filters, now: datetime) -> Counters:
    """The counters over the board as it is filtered, but for the filter by standing, which they are."""

    def number(*conditions: ColumnElement[bool]) -> Any:
        query = _narrowed(select(func.count()).select_from(_row), organization_id, filters)
        return query.where(*conditions).scalar_subquery()

    breached, warning, running, never, paused, none, unassigned = db.session.execute(
        select(
            number(_overdue(now)),
            number(_at_risk(now)),
            number(_row.board_state == RUNNING),
            number(_row.board_state == NEVER),
            number(_row.board_state == PAUSED),
            number(_row.board_state == NO_POLICY),
            # Not `IS NOT NULL`: SQLite would take that for a range of another index and read every row behind it.
            number(_row.board_state != "", _row.agent_id.is_(None)),
        )
    ).one()
    return Counters(breached, warning, running + never - breached - warning, paused, none, unassigned, never)


def count(organization_id: UUID, filters: Filters, now: datetime) -> int:
    """How many conversations the filters let through."""
    query = _narrowed(select(func.count()).select_from(_row), organization_id, filters)
    number: int = db.session.execute(_with_sla(query, filters.sla, now)).scalar_one()
    return number


def rows(
    organization_id: UUID,
    group: str,
    filters: Filters,
    now: datetime,
    *,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
) -> list[Conversation]:
    """The conversations of one group of the board from behind a cursor on: overdue the newest first, what will fall
    due the soonest first, the others the oldest first. The cursor is (due, or creation where there is none; id)."""
    query = _with_sla(_narrowed(named, organization_id, filters), filters.sla, now)
    if group == OVERDUE:
        place = tuple_(_row.next_due_at, _row.id)
        query = query.where(_overdue(now)).order_by(_row.next_due_at.desc(), _row.id.desc())
        behind = place < after if after else None
    elif group == DUE:
        place = tuple_(_row.next_due_at, _row.id)
        query = query.where(_row.next_due_at > now).order_by(_row.next_due_at, _row.id)
        behind = place > after if after else None
    else:
        place = tuple_(_row.created_at, _row.id)
        query = query.where(_row.board_state == group).order_by(_row.created_at, _row.id)
        behind = place > after if after else None
    if behind is not None:
        query = query.where(behind)
    return values(Conversation, db.session.execute(query.limit(limit)))


def listed(
    organization_id: UUID,
    filters: Filters,
    now: datetime,
    *,
    sort: str,
    limit: int,
    after: tuple[datetime | None, UUID] | None = None,
) -> list[Conversation]:
    """All conversations, ended ones too, for API consumers: by due instant, those without one last (by id), or the
    newest first."""
    query = _with_sla(_narrowed(named, organization_id, filters), filters.sla, now)
    found: list[Conversation] = []
    if sort == "-created_at":
        query = query.order_by(_row.created_at.desc(), _row.id.desc())
        if after:
            query = query.where(tuple_(_row.created_at, _row.id) < after)
        return values(Conversation, db.session.execute(query.limit(limit)))
    if after is None or after[0] is not None:
        dated = query.where(_row.next_due_at.is_not(None)).order_by(_row.next_due_at, _row.id)
        if after:
            dated = dated.where(tuple_(_row.next_due_at, _row.id) > after)
        found += values(Conversation, db.session.execute(dated.limit(limit)))
    if len(found) < limit:
        undated = query.where(_row.next_due_at.is_(None)).order_by(_row.id)
        if after and after[0] is None:
            undated = undated.where(_row.id > after[1])
        found += values(Conversation, db.session.execute(undated.limit(limit - len(found))))
    return found


def open_by_division(organization_id: UUID) -> dict[UUID, int]:
    """How many conversations under way each division has."""
    query = (
        select(_row.division_id, func.count())
        .where(_row.organization_id == organization_id, _on_board, _row.division_id.is_not(None))
        .group_by(_row.division_id)
    )
    return {division: number for division, number in db.session.execute(query) if division is not None}


def channels(organization_id: UUID) -> list[str]:
    """The channels that conversations under way have."""
    query = select(_row.channel).where(_row.organization_id == organization_id, _on_board).distinct()
    return sorted(db.session.execute(query).scalars())


def mark(organization_id: UUID, now: datetime) -> tuple[int, datetime | None, datetime | None]:
    """What tells one state of the board from the next: the count of writes, and the latest warning and due instants
    that have passed. Three ends of indexes, whatever is open."""

    def latest(column: Any) -> Any:
        return (
            select(func.max(column))
            .where(_row.organization_id == organization_id, column.is_not(None), column <= now)
            .scalar_subquery()
        )

    query = select(OrganizationRow.revision, latest(_row.next_warning_at), latest(_row.next_due_at)).where(
        OrganizationRow.id == organization_id
    )
    revision, warned, due = db.session.execute(query).one()
    return revision, warned, due
