"""How a view is reached: the shape of a row of the table of routes, its registration, and the guard before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Flask, render_template, request
from pydantic import BaseModel
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response

from . import identity, replies
from .representation import wanted

View = Callable[..., Response]
Roles = tuple[str, ...] | None  # None: no sign-in


@dataclass(frozen=True, slots=True)
class Api:
    """How a view stands in the API and its document."""

    url: str
    method: str
    name: str
    summary: str
    tag: str
    answer: Any = None  # the model of the body, or a typing form over models
    status: int = 200
    body: type[BaseModel] | None = None
    query: tuple[str, ...] = ()
    conflicts: bool = False  # may answer 409
    versioned: bool = False  # takes If-Match, may answer 412


@dataclass(frozen=True, slots=True)
class Page:
    """How a view stands in the console."""

    url: str
    method: str
    name: str


@dataclass(frozen=True, slots=True)
class Route:
    view: View
    roles: Roles
    page: Page | None = None
    api: Api | None = None
    # By API authenticated by what its JSON body says, which no foreign page can send, and never by a cookie.
    by_password: bool = False


def register(app: Flask, routes: Iterable[Route]) -> None:
    """Registers the table in two blueprints: `pages` and, under /api, `api`. Two routes on one endpoint would make
    `url_for` lead browsers to the API."""
    app.url_map.merge_slashes = False  # the router's redirects are HTML, and no address of ours has two
    pages, api = Blueprint("pages", __name__), Blueprint("api", __name__, url_prefix="/api")
    for route in routes:
        guarded = _guarded(route)
        if route.page:
            pages.add_url_rule(route.page.url, route.page.name, guarded, methods=[route.page.method])
        if route.api:
            # Flask's own answer to OPTIONS would be an empty page; no other origin is let in that could ask.
            api.add_url_rule(
                route.api.url, route.api.name, guarded, methods=[route.api.method], provide_automatic_options=False
            )
    app.register_blueprint(pages)
    app.register_blueprint(api)


def _guarded(route: Route) -> View:
    """A view behind its guard: who asks, in which role, and whether a change comes from our own pages."""

    @wraps(route.view)
    def view(**arguments: Any) -> Response:
        if route.roles is not None:
            if not identity.is_signed_in():
                return replies.sign_in_first()
            if not identity.has_role(route.roles) or _keeps_agents_out():
                return _forbidden()
        if not (route.by_password and request.blueprint == "api"):
            identity.check_csrf()
        return route.view(**arguments)

    return view


def _keeps_agents_out() -> bool:
    """Agents work elsewhere: in the console they see one page that says so, by API what is theirs."""
    return not identity.user().supervises and request.blueprint == "pages" and request.endpoint != "pages.logout"


def _forbidden() -> Response:
    if wanted() == "page" and not identity.user().supervises:
        return Response(render_template("identity/agent.html"), 403, mimetype="text/html")
    raise Forbidden
