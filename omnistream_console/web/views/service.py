"""What machines ask: health, events, and the document of the API."""

from __future__ import annotations

from typing import Any

from flask import current_app, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Response

from ...config import VERSION
from ...store import workers
from ...store.database import Unavailable
from ...work.importing.taking import take_events
from .. import messages, shapes
from ..body import parse
from ..identity import user
from ..replies import done, show
from ..tongue import now

LARGEST_EVENTS = 32 * 1024 * 1024


def health() -> Response:
    """Whether all is up; without authentication."""
    try:
        pulse = workers.pulse(now())
    except Unavailable:
        return Response(
            current_app.json.dumps({"status": "down", "version": VERSION, "database": "unavailable"}),
            503,
            mimetype="application/json",
        )
    body = {
        "status": "degraded" if pulse.stalled else "ok",
        "version": VERSION,
        "database": "ok",
        "worker": {
            "last_sweep_at": shapes.instant(pulse.last_sweep_at) if pulse.last_sweep_at else None,
            "lag_secs": round(pulse.lag.total_seconds(), 3),
        },
    }
    return show(page="errors/problem.html", json=lambda: body)


def events() -> Response:
    """Takes events in, in any order; each is accepted, a duplicate, or refused with its reasons."""
    request.max_content_length = LARGEST_EVENTS
    taken = take_events(user().organization_id, _events(), now())
    return done(
        json=lambda: {
            "accepted": taken.accepted,
            "duplicate": taken.duplicate,
            "refused": [{"index": index, "errors": messages.all_in_words(errors)} for index, errors in taken.refused],
        },
        goto="/",
        message="",
    )


def _events() -> list[Any]:
    """The events of the body: a JSON array, or one JSON value a line."""
    kind = request.mimetype
    if kind == "application/x-ndjson":
        return [parse(line) for line in request.get_data(cache=False).splitlines() if line.strip()]
    if not request.is_json:
        raise UnsupportedMediaType(_("The body has to be application/json or application/x-ndjson."))
    value = parse(request.get_data(cache=False))
    if not isinstance(value, list):
        raise BadRequest(_("The body has to be a JSON array of events."))
    return value


def docs() -> Response:
    """The document as people read it: no script, nothing from elsewhere."""
    return Response(render_template("api/docs.html", document=current_app.config["OPENAPI"]), mimetype="text/html")


def openapi() -> Response:
    """The document of the API, made from what the views use."""
    return show(page="errors/problem.html", json=lambda: current_app.config["OPENAPI"])
