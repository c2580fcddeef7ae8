"""Outcomes, not status numbers: what a view says at its end, in the representation that was asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import PreconditionFailed
from werkzeug.wrappers import Response

from . import messages
from .forms.base import Form
from .representation import wanted

Json = Callable[[], Any]


def show(
    *,
    page: str,
    json: Json,
    fragment: str | None = None,
    context: Callable[[], Mapping[str, Any]] | None = None,
    version: str | None = None,
    etag: str | None = None,
) -> Response:
    """Something that was asked for. `context` is called for HTML alone, `json` for JSON alone. With a `version` the
    fragment, which is asked for again and again, is 304 without a body while nothing has changed; a page is drawn
    anew, for what it says once (a message, a form's token) is no part of the version. An `etag` goes with the JSON: it
    names the state that a change may be meant for."""
    kind = wanted()
    mark = (
        None
        if version is None or kind != "fragment"
        else hashlib.blake2b(f"{kind} {version}".encode(), digest_size=12).hexdigest()
    )
    if mark is not None and request.if_none_match.contains_weak(mark):
        response = Response(status=304)
    elif kind == "json":
        response = jsonify(json())
    else:
        template = fragment if kind == "fragment" and fragment else page
        response = make_response(render_template(template, **(context() if context else {})))
    if mark is not None:
        response.set_etag(mark, weak=True)
        response.headers["Cache-Control"] = "private, no-cache"
    elif etag is not None and kind == "json":
        response.set_etag(etag)
    return response


def either(*, html: Callable[[], Response], json: Callable[[], Response]) -> Response:
    """One of two answers, where the JSON is more than the page's figures in other clothes."""
    return json() if wanted() == "json" else html()


def done(
    *,
    json: Json,
    goto: str,
    message: str,
    fragment: str | None = None,
    context: Callable[[], Mapping[str, Any]] | None = None,
    location: str | None = None,
    etag: str | None = None,
) -> Response:
    """Something that was done. A `location` says that it was a creation; a fragment of None, that what stood there is
    gone."""
    kind = wanted()
    if kind == "json":
        response = jsonify(json())
        if location is not None:
            response.status_code = 201
            response.headers["Location"] = location
        if etag is not None:
            response.set_etag(etag)
        return response
    if kind == "fragment":
        return make_response(render_template(fragment, **(context() if context else {})) if fragment else "")
    flash(message, "success")
    return redirect(goto, 303)


def invalid(
    errors: Mapping[str, Any],
    *,
    form: Form | None = None,
    page: str | None = None,
    fragment: str | None = None,
    context: Callable[[], Mapping[str, Any]] | None = None,
) -> Response:
    """Values that are refused: the form as it was typed, with what is wrong beside each field; an alert in a page
    whose form has no fragment; or the same as a problem."""
    said = messages.all_in_words(errors)
    kind = wanted()
    if kind == "json" or form is None or page is None or (kind == "fragment" and fragment is None):
        return problem(422, _("Some values are not valid. Nothing has been changed."), errors=said)
    form.show(said)
    return _drawn(422, page, fragment, {**(context() if context else {}), "form": form})


def again(
    status: int, detail: str, *, form: Form | None, page: str, context: Mapping[str, Any] | None = None
) -> Response:
    """A form that did not lead where it should, for no fault of one field: drawn again with what it says."""
    if form is None or wanted() == "json":
        return problem(status, detail)
    return _drawn(status, page, None, {**(context or {}), "form": form})


def refused(
    detail: str,
    *,
    page: str | None = None,
    context: Callable[[], Mapping[str, Any]] | None = None,
) -> Response:
    """A change that cannot be had as things stand. Nothing has changed."""
    if wanted() == "page" and page is not None:
        return _drawn(409, page, None, {**(context() if context else {}), "refusal": detail})
    return problem(409, detail)


def problem(
    status: int, detail: str, *, errors: Mapping[str, list[str]] | None = None, title: str | None = None
) -> Response:
    """Anything that went another way than asked: a page, an alert, or RFC 9457 problem+json."""
    kind = wanted()
    title = title or messages.title(status)
    if kind == "json":
        body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
        if errors is not None:
            body["errors"] = errors
        response = jsonify(body)
        response.mimetype = "application/problem+json"
        response.status_code = status
        return response
    template = "errors/_alert.html" if kind == "fragment" else "errors/problem.html"
    listed = [text for texts in (errors or {}).values() for text in texts]
    return _drawn(status, template, None, {"title": title, "detail": " ".join([detail, *listed]), "status": status})


def unavailable(detail: str) -> Response:
    """Nothing can be had at the moment, for nobody's fault who asks."""
    page = wanted() == "page"
    response = _drawn(503, "identity/not_ready.html", None, {}) if page else problem(503, detail)
    response.headers["Retry-After"] = "5"
    return response


def sign_in_first() -> Response:
    """Nobody is signed in: the login page, and back to where one was."""
    kind = wanted()
    if kind == "json":
        response = problem(401, _("Sign in, or send an API key or a token as bearer."))
        response.headers["WWW-Authenticate"] = 'Bearer realm="OmniStream"'
        return response
    login = url_for("pages.login", next=_whence(kind))
    if kind == "fragment":
        response = make_response("", 401)
        response.headers["HX-Redirect"] = login
        return response
    return redirect(login, 303)


def _whence(kind: str) -> str | None:
    """Where one was, query and all: for a part of a page that is the page, which htmx and the browser name."""
    if kind == "page":
        return request.full_path.rstrip("?") if request.method == "GET" else None
    try:
        page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    except ValueError:
        return None
    return urlunsplit(("", "", page.path, page.query, "")) or None


def _drawn(status: int, page: str, fragment: str | None, context: Mapping[str, Any]) -> Response:
    template = fragment if wanted() == "fragment" and fragment else page
    return make_response(render_template(template, **context), HTTPStatus(status))


def require_version(current: str) -> None:
    """`If-Match`, where it is sent, has to name the version that stands. Raises PreconditionFailed (412)."""
    match = request.if_match
    if (match or match.star_tag) and not match.contains(current):
        raise PreconditionFailed(_("Somebody else has changed it meanwhile. Read it again, then repeat the change."))
