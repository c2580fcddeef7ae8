"""The door: the only code that knows HTTP."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from ..config import VERSION, Settings
from ..store import migrate
from . import badges, drawing, errors, headers, identity, openapi, routes, routing, tongue, words

LARGEST_BODY = 1024 * 1024


def init(app: Flask, settings: Settings) -> None:
    """Everything between a request and its answer."""
    app.config["SECRET_KEY"] = settings.secret()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["TESTING"] = settings.testing
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    # Not "optimized": what a filter says of a constant would be kept in the language of whoever came first.
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "optimized": False}
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the documented way
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    tongue.init(app)
    identity.init(app)
    headers.init(app)
    errors.init(app)
    words.register(app)
    badges.register(app)
    drawing.register(app)
    routing.register(app, routes.ROUTES)
    app.config["OPENAPI"] = openapi.document()
    app.context_processor(_context)
    app.before_request(_check_schema)


def _check_schema() -> Response | None:
    """A database that nobody has brought to this version's schema is said to be so, until somebody does."""
    if current_app.config.get("SCHEMA_IS_CURRENT"):
        return None
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the object behind the proxy
    if not migrate.is_current(app):
        return errors.not_ready(_("The database has another schema than this version: run omnistream db upgrade."))
    app.config["SCHEMA_IS_CURRENT"] = True
    return None


def _context() -> dict[str, Any]:
    """What every template reads."""
    return {
        "now": tongue.now(),
        "locale": tongue.locale(),
        "zone": tongue.zone(),
        "version": VERSION,
    }
