"""The live board, and the same conversations as a list for API consumers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from ...sla.clocks import Clock, Reading
from ...sla.problems import Invalid, Problem
from ...sla.timeline import STATUSES, UNDERWAY
from ...store import agents, board, clocks, divisions
from ...store.conversations import Conversation
from .. import paging, shapes
from ..forms.base import Unreadable, channel_or_none, uuid_or_none
from ..identity import user
from ..replies import either, invalid, show
from ..tongue import locale, now

Value = TypeVar("Value")

PAGE = 50
FOLDED = 10
SORTS = ("due", "-created_at")
_KEYS = ("status", "channel", "division_id", "agent_id", "sla", "unassigned", "sort")


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation on the board with what its clocks show."""

    conversation: Conversation
    clocks: list[Reading]
    status_sla: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.conversation, name)

    def clock(self, kind: str) -> Reading | None:
        """The clock of a kind; None: it has none."""
        return next((reading for reading in reversed(self.clocks) if reading.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Group:
    key: str
    total: int
    rows: list[Row]
    folded: bool
    unfold_url: str


@dataclass(frozen=True, slots=True)
class Board:
    """All that the board's templates read."""

    counters: board.Counters
    oldest_wait_at: datetime | None
    groups: list[Group]
    filters: board.Filters
    channels: list[str]
    divisions: list[tuple[UUID, str]]
    agents: list[tuple[UUID, str]]
    next_url: str | None
    sort: str
    server_time: datetime
    poll_url: str
    etag: str
    filter_url: Callable[..., str]
    empty: str | None


def index() -> Response:
    """The board: page, the poll's fragment, or the list as JSON."""
    try:
        filters, sort, limit = _asked()
        after = paging.place(sort)
    except Invalid as refusal:
        return invalid(refusal.errors)
    return either(html=lambda: _live(filters, sort, after), json=lambda: _listed(filters, sort, limit, after))


def _live(filters: board.Filters, sort: str, after: paging.Place | None) -> Response:
    """The board, or 304 while it is what it was."""
    mark, pulse = board.mark_and_pulse(user().organization_id, now())
    version = "|".join(map(str, (*mark, pulse.stalled, locale(), request.query_string.decode("latin-1"))))
    return show(
        page="board/index.html",
        fragment="board/_fragment.html",
        context=lambda: {
            "board": _board(filters, sort, after, version),
            "pulse": pulse,
        },
        json=dict,
        version=version,
    )


def _asked() -> tuple[board.Filters, str, int]:
    """The query, judged. Raises Invalid."""
    query = request.args
    if not query:  # what nearly every poll asks
        return board.Filters(), SORTS[0], PAGE
    errors: dict[str, list[Problem]] = {}

    def one_of(key: str, allowed: Sequence[str]) -> str | None:
        value = query.get(key) or None
        if value is not None and value not in allowed:
            errors[key] = [Problem("unknown_choice", {"choices": ", ".join(allowed)})]
        return value

    def read(key: str, reader: Callable[[str | None], Value | None]) -> Value | None:
        try:
            return reader(query.get(key))
        except Unreadable as refusal:
            errors[key] = [refusal.problem]
            return None

    filters = board.Filters(
        status=one_of("status", STATUSES),
        channel=read("channel", channel_or_none),
        division_id=read("division_id", uuid_or_none),
        agent_id=read("agent_id", uuid_or_none),
        unassigned=query.get("unassigned") in ("1", "true"),
        sla=one_of("sla", board.SLA),
    )
    sort = one_of("sort", SORTS) or "due"
    limit = PAGE
    try:
        limit = paging.limit()
    except Invalid as refusal:
        errors |= refusal.errors
    if errors:
        raise Invalid(errors)
    return filters, sort, limit


def _listed(filters: board.Filters, sort: str, limit: int, after: paging.Place | None) -> Response:
    """The list for API consumers; an agent sees the own divisions, and no SLA."""
    supervises = user().supervises
    if not supervises:
        filters = replace(filters, divisions=agents.division_ids(user().id), sla=None)
    found = board.listed(user().organization_id, filters, now(), sort=sort, limit=limit + 1, after=after)
    more, found = len(found) > limit, found[:limit]
    kept = clocks.of([row.id for row in found]) if supervises else {}
    response = show(
        page="board/index.html",
        json=lambda: [shapes.conversation(row, now(), kept.get(row.id) if supervises else None) for row in found],
    )
    if more:
        last = found[-1]
        paging.link_next(response, last.created_at if sort == "-created_at" else last.next_due_at, last.id, sort)
    return response


def _board(filters: board.Filters, sort: str, after: paging.Place | None, version: str) -> Board:
    organization_id, at = user().organization_id, now()
    counters = board.counters(organization_id, filters, at)
    if sort != "due" or filters.status not in (None, *UNDERWAY):
        groups, next_url = _newest(filters, after)
    else:
        groups, next_url = _by_due(filters, counters, after)
    return Board(
        counters=counters,
        oldest_wait_at=clocks.oldest_wait(organization_id),
        groups=groups,
        filters=filters,
        channels=board.channels(organization_id),
        divisions=[(division.id, division.name) for division in divisions.of(organization_id)],
        agents=agents.names(organization_id),
        next_url=next_url,
        sort=sort,
        server_time=at,
        poll_url=_url(),
        etag=version,
        filter_url=lambda **changes: _url(cursor=None, **changes),
        empty=None if any(group.rows for group in groups) else "none_yet" if filters == board.Filters() else "filtered",
    )


def _newest(filters: board.Filters, after: paging.Place | None) -> tuple[list[Group], str | None]:
    """One list, the newest first: where that order is asked for, and of conversations that have ended."""
    ended = filters.status not in (None, *UNDERWAY)
    filters = replace(filters, on_board=not ended)
    organization_id, at = user().organization_id, now()
    found = board.listed(organization_id, filters, at, sort="-created_at", limit=PAGE + 1, after=after)
    kept = clocks.of([row.id for row in found[:PAGE]])
    group = Group(
        key="ended" if ended else "newest",
        total=board.count(organization_id, filters, at),
        rows=[row_of(row, kept[row.id]) for row in found[:PAGE]],
        folded=False,
        unfold_url="",
    )
    more = len(found) > PAGE
    return [group], _url(cursor=paging.cursor(found[PAGE - 1].created_at, found[PAGE - 1].id)) if more else None


def _by_due(
    filters: board.Filters, counters: board.Counters, after: paging.Place | None
) -> tuple[list[Group], str | None]:
    """The groups of the board: overdue, what falls due next, paused, never due, no policy."""
    organization_id, at = user().organization_id, now()
    totals = {
        board.OVERDUE: counters.breached,
        board.DUE: counters.due,
        "paused": counters.paused,
        "never": counters.never,
        "none": counters.none,
    }
    shown = _groups_shown(filters.sla)
    groups = []
    next_url = None
    start = (after[0], after[1]) if after is not None and after[0] is not None else None
    found: dict[str, list[Conversation]] = {}
    for key in shown:
        total = totals[key]
        whole = _is_whole(key, filters.sla)
        if not total or (after is not None and not whole):
            continue
        most = PAGE if whole else FOLDED
        rows = board.rows(organization_id, key, filters, at, limit=most + whole, after=start)
        if len(rows) > most:
            rows = rows[:most]
            last = rows[-1]
            dated = last.next_due_at if key in (board.OVERDUE, board.DUE) else last.created_at
            next_url = _url(cursor=paging.cursor(dated, last.id))
        found[key] = rows
    kept = clocks.of([row.id for rows in found.values() for row in rows])
    for key, rows in found.items():
        total = _total(key, filters.sla, counters, totals[key])
        groups.append(
            Group(
                key=key,
                total=total,
                rows=[row_of(row, kept[row.id]) for row in rows],
                folded=len(rows) < total and not _is_whole(key, filters.sla),
                unfold_url=_url(sla={"overdue": "breached", "never": "ok"}.get(key, key), cursor=None),
            )
        )
    return groups, next_url


_SHOWN: Mapping[str | None, Sequence[str]] = {
    None: board.GROUPS,
    "breached": (board.OVERDUE,),
    "warning": (board.DUE, "never"),
    "ok": (board.DUE, "never"),
    "paused": ("paused",),
    "none": ("none",),
}


def _groups_shown(sla: str | None) -> Sequence[str]:
    return _SHOWN[sla]


def _is_whole(key: str, sla: str | None) -> bool:
    """Whether a group is shown page by page; the others show their first rows and lead to the rest."""
    return key == _SHOWN[sla][0] if sla is not None else key == board.DUE


def _total(key: str, sla: str | None, counters: board.Counters, total: int) -> int:
    if key == board.DUE and sla == "warning":
        return counters.warning
    return counters.ok - counters.never if key == board.DUE and sla == "ok" else total


def row_of(conversation: Conversation, kept: Sequence[Clock]) -> Row:
    """A conversation as the templates read it."""
    standing = conversation.standing
    return Row(conversation, shapes.readings(kept, now()), standing.status(now()) if standing else "ended")


def _url(**changes: Any) -> str:
    """The address of the board with its query changed; None takes a key away."""
    query = {key: request.args[key] for key in (*_KEYS, "cursor") if request.args.get(key)}
    query |= changes
    kept: dict[str, Any] = {key: value for key, value in query.items() if value not in (None, "")}
    return url_for("pages.board", **kept)
