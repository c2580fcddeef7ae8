"""The door: the only code that knows HTTP."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ..config import VERSION, Settings
from . import badges, errors, headers, identity, openapi, routes, routing, tongue, words

LARGEST_BODY = 1024 * 1024


def init(app: Flask, settings: Settings) -> None:
    """Everything between a request and its answer."""
    app.config["SECRET_KEY"] = settings.secret()
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY
    app.config["TESTING"] = settings.testing
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
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
    routing.register(app, routes.ROUTES)
    app.config["OPENAPI"] = openapi.document()
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    """What every template reads."""
    return {
        "now": tongue.now(),
        "locale": tongue.locale(),
        "zone": tongue.zone(),
        "version": VERSION,
    }
