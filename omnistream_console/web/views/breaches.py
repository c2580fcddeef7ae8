"""The ledger: all breaches over all policies, filtered, page by page, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask import Response as FlaskResponse
from flask import request, stream_with_context, url_for
from werkzeug.wrappers import Response

from ...sla.clocks import KINDS
from ...sla.problems import Invalid, Problem
from ...store import agents, board, breaches, divisions, policies
from ...store.breaches import Filters, Listed
from .. import paging, shapes
from ..forms.base import Unreadable, channel_or_none, day_start, uuid_or_none
from ..identity import user
from ..replies import invalid, show
from ..tongue import now, zone

_KEYS = ("policy_id", "clock", "channel", "division_id", "agent_id", "from", "to", "include", "limit")
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def index() -> Response:
    """The newest breaches of the filtered set."""
    try:
        filters = _asked()
        limit, after = paging.limit(), paging.place()
    except Invalid as refusal:
        return invalid(refusal.errors)
    organization_id = user().organization_id
    start = (after[0], after[1]) if after is not None and after[0] is not None else None
    found = breaches.newest(organization_id, filters, now(), limit=limit + 1, after=start)
    more, found = len(found) > limit, found[:limit]
    response = show(
        page="breaches/index.html",
        fragment="breaches/_list.html",
        context=lambda: {
            "breaches": found,
            "filters": filters,
            "policies": policies.names(organization_id),
            "channels": board.channels(organization_id),
            "divisions": [(division.id, division.name) for division in divisions.of(organization_id)],
            "agents": agents.names(organization_id),
            "next_url": _url("pages.breaches", cursor=paging.cursor(found[-1].breached_at, found[-1].id))
            if more
            else None,
            "csv_url": _url("pages.breaches_csv"),
            "total": breaches.count(organization_id, filters),
            "from_text": request.args.get("from", ""),
            "to_text": request.args.get("to", ""),
        },
        json=lambda: [shapes.breach(breach) for breach in found],
    )
    if more:
        paging.link_next(response, found[-1].breached_at, found[-1].id)
    return response


def as_csv() -> Response:
    """The filtered set whole, streamed. Instants are UTC; a text that a spreadsheet would run is set off by '."""
    try:
        filters = _asked()
    except Invalid as refusal:
        return invalid(refusal.errors)
    rows = breaches.every(user().organization_id, filters, now())
    response = FlaskResponse(stream_with_context(_lines(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="breaches.csv"'
    return response


def _asked() -> Filters:
    """The query, judged. Raises Invalid."""
    query = request.args
    errors: dict[str, list[Problem]] = {}

    def read(key: str, reader: Any, **arguments: Any) -> Any:
        try:
            return reader(query[key], **arguments) if query.get(key) else None
        except Unreadable as refusal:
            errors[key] = [refusal.problem]
            return None

    clock = query.get("clock") or None
    if clock is not None and clock not in (*KINDS, "next_response"):
        errors["clock"] = [Problem("unknown_choice", {"choices": ", ".join((*KINDS, "next_response"))})]
    include = _included(query.getlist("include"))
    unknown = include - {"next_response", "retracted"}
    if unknown:
        errors["include"] = [Problem("unknown_choice", {"choices": "next_response, retracted"})]
    filters = Filters(
        policy_id=read("policy_id", uuid_or_none),
        clock=clock,
        channel=read("channel", channel_or_none),
        division_id=read("division_id", uuid_or_none),
        agent_id=read("agent_id", uuid_or_none),
        from_=read("from", day_start, zone=zone()),
        to=read("to", day_start, zone=zone(), end=True),
        retracted="retracted" in include,
    )
    if errors:
        raise Invalid(errors)
    return filters


def _included(values: Sequence[str]) -> set[str]:
    return {word for value in values for word in value.split(",") if word}


def _url(endpoint: str, **changes: Any) -> str:
    query: dict[str, Any] = {key: request.args.getlist(key) for key in _KEYS if request.args.get(key)} | changes
    return url_for(endpoint, **query)


def _lines(rows: Iterator[Listed]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    columns = (
        "id",
        "conversation_id",
        "contact_name",
        "subject",
        "channel",
        "division",
        "agent",
        "sla_policy_id",
        "policy",
        "breach_type",
        "threshold_secs",
        "actual_secs",
        "over_secs",
        "breached_at",
        "detected_at",
        "retracted_at",
    )
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [
                row.id,
                row.conversation_id,
                _text(row.contact_name),
                _text(row.subject),
                _text(row.channel),
                _text(row.division_name),
                _text(row.agent_name),
                row.policy_id,
                _text(row.policy_name),
                row.clock,
                row.threshold_secs,
                row.actual_secs,
                row.over_secs,
                _instant(row.breached_at),
                _instant(row.detected_at),
                _instant(row.retracted_at),
            ]
        )
        if buffer.tell() > 16_384:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _text(text: str | None) -> str:
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def _instant(at: datetime | None) -> str:
    return shapes.instant(at) if at else ""
