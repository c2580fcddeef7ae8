"""What goes wrong, in the representation that was asked for: never HTML under /api, never a traceback."""

from __future__ import annotations

import logging

from flask import Flask, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response

from ..store.database import Taken, Unavailable, db
from . import identity, replies

log = logging.getLogger(__name__)


def init(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _foreign)
    app.register_error_handler(Exception, _unexpected)


_DETAILS = {
    403: lambda: _("Your role does not allow this."),
    404: lambda: _("There is nothing here, or nothing that you may see."),
    405: lambda: _("This address does not take that method."),
    413: lambda: _("The body is larger than this address takes."),
}


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:  # a redirect of the router's
        return error.get_response(request.environ)
    own = type(error).description == error.description
    detail = _DETAILS[status]() if own and status in _DETAILS else str(error.description or "")
    response = replies.problem(status, detail)
    # What the exception knows of headers (Allow, Retry-After) goes along.
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _foreign(error: CSRFError) -> Response:
    return replies.problem(
        400, _("This form was opened in another session, or its token is missing. Open it again and repeat.")
    )


def _unexpected(error: Exception) -> Response:
    db.session.rollback()
    if isinstance(error, Unavailable):
        log.exception("the database did not answer %s %s", request.method, request.path)
        return not_ready(_("The database does not answer at the moment. Nothing has been changed."))
    if isinstance(error, Taken):
        log.info("%s %s came second: %s", request.method, request.path, error)
        return replies.problem(
            409, _("Somebody else has made the same at the same moment. Look again, then repeat what is left to do.")
        )
    log.exception("%s %s failed", request.method, request.path)
    return _http(InternalServerError(_("That was our mistake. It has been logged; nothing has been half done.")))


def not_ready(detail: str) -> Response:
    """The database is away, or of another version than this program."""
    identity.forget_who()
    return replies.unavailable(detail)
