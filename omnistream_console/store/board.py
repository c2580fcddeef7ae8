"""The live board: what falls due first, how many stand where, and whether anything changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, bindparam, func, or_, select, tuple_

from ..sla.clocks import NEVER, NO_POLICY, PAUSED, RUNNING
from .conversations import Conversation, ConversationRow, named
from .database import Instant, Query, ask, db, values
from .organizations import OrganizationRow
from .workers import PULSE, Pulse, felt

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
_now = bindparam("now", type_=Instant)
_overdue = and_(_row.next_due_at.is_not(None), _row.next_due_at <= _now)
_at_risk = and_(
    _row.next_warning_at.is_not(None),
    _row.next_warning_at <= _now,
    or_(_row.next_due_at.is_(None), _row.next_due_at > _now),
)
_on_track = and_(
    _row.board_state.in_((RUNNING, NEVER)),
    or_(_row.next_due_at.is_(None), _row.next_due_at > _now),
    or_(_row.next_warning_at.is_(None), _row.next_warning_at > _now),
)
_STANDING = {
    "breached": _overdue,
    "warning": _at_risk,
    "ok": _on_track,
    PAUSED: _row.board_state == PAUSED,
    NO_POLICY: _row.board_state == NO_POLICY,
}
_NARROWING: dict[str, ColumnElement[bool]] = {
    "status": _row.status == bindparam("status"),
    "channel": _row.channel == bindparam("channel"),
    "division_id": _row.division_id == bindparam("division_id"),
    "divisions": _row.division_id.in_(bindparam("divisions", expanding=True)),
    "agent_id": _row.agent_id == bindparam("agent_id"),
    "on_board": _on_board,
    "unassigned": _row.agent_id.is_(None),
}
_AFTER = tuple_(bindparam("after_at", type_=Instant), bindparam("after_id", type_=Uuid))

# The filters that are set: what the text of a query depends on, and not its parameters. Each text is made once.
Shape = tuple[str, ...]


def _shape(filters: Filters) -> Shape:
    return tuple(name for name in _NARROWING if getattr(filters, name) not in (None, False))


def _parameters(organization_id: UUID, filters: Filters, now: datetime) -> dict[str, Any]:
    """All that a query may ask for; what it does not ask for is not minded."""
    return {
        "organization_id": organization_id,
        "now": now,
        "status": filters.status,
        "channel": filters.channel,
        "division_id": filters.division_id,
        "divisions": filters.divisions,
        "agent_id": filters.agent_id,
    }


def _narrowed(query: Query, shape: Shape, sla: str | None = None) -> Query:
    query = query.where(_row.organization_id == bindparam("organization_id"), *(_NARROWING[name] for name in shape))
    return query if sla is None else query.where(_STANDING[sla])


@lru_cache
def _counters(shape: Shape) -> Query:
    def number(*conditions: ColumnElement[bool]) -> Any:
        return _narrowed(select(func.count()).select_from(_row), shape).where(*conditions).scalar_subquery()

    return select(
        number(_overdue),
        number(_at_risk),
        number(_row.board_state == RUNNING),
        number(_row.board_state == NEVER),
        number(_row.board_state == PAUSED),
        number(_row.board_state == NO_POLICY),
        # Not `IS NOT NULL`: SQLite would take that for a range of another index and read every row behind it.
        number(_row.board_state != "", _row.agent_id.is_(None)),
    )


def counters(organization_id: UUID, filters: Filters, now: datetime) -> Counters:
    """The counters over the board as it is filtered, but for the filter by standing, which they are."""
    query = _counters(_shape(filters))
    breached, warning, running, never, paused, none, unassigned = ask(
        query, **_parameters(organization_id, filters, now)
    ).one()
    return Counters(breached, warning, running + never - breached - warning, paused, none, unassigned, never)


@lru_cache
def _count(shape: Shape, sla: str | None) -> Query:
    return _narrowed(select(func.count()).select_from(_row), shape, sla)


def count(organization_id: UUID, filters: Filters, now: datetime) -> int:
    """How many conversations the filters let through."""
    query = _count(_shape(filters), filters.sla)
    number: int = ask(query, **_parameters(organization_id, filters, now)).scalar_one()
    return number


@lru_cache
def _rows(shape: Shape, sla: str | None, group: str, after: bool) -> Query:
    query = _narrowed(named, shape, sla)
    if group == OVERDUE:
        place = tuple_(_row.next_due_at, _row.id)
        query = query.where(_overdue).order_by(_row.next_due_at.desc(), _row.id.desc())
        behind = place < _AFTER
    elif group == DUE:
        place = tuple_(_row.next_due_at, _row.id)
        query = query.where(_row.next_due_at > _now).order_by(_row.next_due_at, _row.id)
        behind = place > _AFTER
    else:
        place = tuple_(_row.created_at, _row.id)
        query = query.where(_row.board_state == group).order_by(_row.created_at, _row.id)
        behind = place > _AFTER
    return (query.where(behind) if after else query).limit(bindparam("limit"))


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
    query = _rows(_shape(filters), filters.sla, group, after is not None)
    return _found(query, _parameters(organization_id, filters, now), limit, after)


_CREATED, _DATED, _UNDATED = "created", "dated", "undated"


@lru_cache
def _listed(shape: Shape, sla: str | None, part: str, after: bool) -> Query:
    query = _narrowed(named, shape, sla)
    if part == _CREATED:
        query = query.order_by(_row.created_at.desc(), _row.id.desc())
        behind = tuple_(_row.created_at, _row.id) < _AFTER
    elif part == _DATED:
        query = query.where(_row.next_due_at.is_not(None)).order_by(_row.next_due_at, _row.id)
        behind = tuple_(_row.next_due_at, _row.id) > _AFTER
    else:
        query = query.where(_row.next_due_at.is_(None)).order_by(_row.id)
        behind = _row.id > bindparam("after_id")
    return (query.where(behind) if after else query).limit(bindparam("limit"))


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
    shape, parameters = _shape(filters), _parameters(organization_id, filters, now)
    if sort == "-created_at":
        return _found(_listed(shape, filters.sla, _CREATED, after is not None), parameters, limit, after)
    found: list[Conversation] = []
    if after is None or after[0] is not None:
        found = _found(_listed(shape, filters.sla, _DATED, after is not None), parameters, limit, after)
    if len(found) < limit:
        begun = after is not None and after[0] is None
        query = _listed(shape, filters.sla, _UNDATED, begun)
        found += _found(query, parameters, limit - len(found), after if begun else None)
    return found


def _found(
    query: Query, parameters: dict[str, Any], limit: int, after: tuple[datetime | None, UUID] | None
) -> list[Conversation]:
    after_at, after_id = after or (None, None)
    return values(Conversation, ask(query, **parameters, limit=limit, after_at=after_at, after_id=after_id))


def open_by_division(organization_id: UUID) -> dict[UUID, int]:
    """How many conversations under way each division has."""
    query = (
        select(_row.division_id, func.count())
        .where(_row.organization_id == organization_id, _on_board, _row.division_id.is_not(None))
        .group_by(_row.division_id)
    )
    return {division: number for division, number in db.session.execute(query) if division is not None}


def _next_channel(*behind: ColumnElement[bool]) -> Any:
    return select(func.min(_row.channel)).where(
        _row.organization_id == bindparam("organization_id"), _on_board, *behind
    )


# From one channel to the next by the index: as many steps as there are channels, whatever is open.
_first = _next_channel(_row.channel > "").cte("channels", recursive=True)
_each = _first.union_all(
    select(_next_channel(_row.channel > _first.c[0]).scalar_subquery()).where(_first.c[0].is_not(None))
)
_channels = select(_each.c[0]).where(_each.c[0].is_not(None))


def channels(organization_id: UUID) -> list[str]:
    """The channels that conversations under way have."""
    return list(ask(_channels, organization_id=organization_id).scalars())


def _latest(column: Any) -> Any:
    return (
        select(func.max(column))
        .where(_row.organization_id == bindparam("organization_id"), column.is_not(None), column <= _now)
        .scalar_subquery()
    )


_mark = select(OrganizationRow.revision, _latest(_row.next_warning_at), _latest(_row.next_due_at), *PULSE).where(
    OrganizationRow.id == bindparam("organization_id")
)


Mark = tuple[int, datetime | None, datetime | None]


def mark(organization_id: UUID, now: datetime) -> Mark:
    """What tells one state of the board from the next: the count of writes, and the latest warning and due instants
    that have passed. Three ends of indexes, whatever is open."""
    return mark_and_pulse(organization_id, now)[0]


def mark_and_pulse(organization_id: UUID, now: datetime) -> tuple[Mark, Pulse]:
    """The mark, and how the sweep is doing: all that a poll asks while nothing has changed, in one query."""
    revision, warned, due, swept, waiting = ask(_mark, organization_id=organization_id, now=now).one()
    return (revision, warned, due), felt(swept, waiting, now=now)
