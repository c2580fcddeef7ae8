"""The ladder: what every view answers to those who may, may not, and to what it cannot read; in each representation.

Walks the application's own table of routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from omnistream_console.web import LARGEST_BODY
from omnistream_console.web.headers import CSP
from omnistream_console.web.identity import ADMINS
from omnistream_console.web.representation import VARY
from omnistream_console.web.routes import ROUTES
from omnistream_console.web.routing import Route
from tests.conftest import dispose, make_app
from tests.support.web import FRAGMENT, JSON, KINDS, PAGE, Browser, Consumer, House, house
from tests.web.rungs import CONVERSATION, POLICY, ROWS, key, nobody_else, row

API = "api"
TYPED = ("name", "email", "subject", "body", "note", "first_response_time_secs", "priority")
PROBLEM = "application/problem+json"


def fresh(about: str | None, of: House) -> str | None:
    """A new object for a view that is about one."""
    if about == POLICY:
        return str(of.policy(nobody_else("Policy"))["id"])
    return of.conversation() if about == CONVERSATION else None


class Stage:
    """An organization, a stranger's, and everybody at their browsers; shared, as what is refused changes nothing."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.home, self.stranger = both = house(app), house(app, "Toko Sebelah")
        self.browsers = {role: self.home.browser(role) for role in ("admin", "supervisor", "agent")}
        self.nobody = Browser(app)
        # What nobody has yet to change, of both.
        self.standing = {of.name: {POLICY: fresh(POLICY, of), CONVERSATION: fresh(CONVERSATION, of)} for of in both}

    def subject(self, about: str | None, of: House | None = None) -> str | None:
        """The object of a request that is refused."""
        return self.standing[(of or self.home).name][about] if about else None

    def url(self, route: Route, kind: str, id: str | None) -> str:
        place = route.api if kind == API else route.page
        assert place is not None
        return ("/api" if kind == API else "") + place.url.replace("<uuid:id>", id or "")

    def ask(self, route: Route, kind: str, role: str, id: str | None, **sends: Any) -> TestResponse:
        """One request in the given representation: JSON at the page's address, or `api` with a bearer."""
        url = self.url(route, kind, id)
        if kind == API:
            assert route.api is not None
            consumer = self.home.api(role) if role != "nobody" else Consumer(self.app, None)
            return seen(consumer.open(route.api.method, url, **sends))
        assert route.page is not None
        browser = self.browsers.get(role, self.nobody)
        if route.page.method == "GET":
            return seen(browser.get(url, kind, **sends))
        return seen(browser.submit(url, sends.pop("data", {}), kind, **sends))


def seen(answer: TestResponse) -> TestResponse:
    """What is true of every answer: the headers of headers.py, and no HTML under /api but the readable document."""
    headers = answer.headers
    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Cache-Control" in headers
    assert set(VARY) <= {name.strip() for name in headers["Vary"].split(",")}
    path = answer.request.path
    if path.startswith("/api") and path != "/api/docs":
        assert answer.mimetype in ("application/json", PROBLEM), answer.text
    assert "Traceback" not in answer.text
    return answer


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("ladder")
    copy = folder / "console.sqlite3"
    copy.write_bytes(sqlite_template.read_bytes())
    app = make_app(f"sqlite:///{copy}", folder)
    yield Stage(app)
    dispose(app)


def views(*kinds: str, when: Callable[[Route], object] = lambda route: True) -> list[Any]:
    """Each view with each of its representations."""
    return [
        pytest.param(route, kind, id=f"{key(route)}-{kind}")
        for route in ROUTES
        if when(route)
        for kind in kinds
        if (route.api if kind == API else route.page)
    ]


EVERY = (*KINDS, API)


def role_of(route: Route) -> str:
    return "nobody" if route.roles is None else "admin" if route.roles == ADMINS else "supervisor"


def is_problem(answer: TestResponse, status: int, kind: str) -> None:
    """A refusal in the representation that was asked for."""
    assert answer.status_code == status, answer.text
    if kind in (JSON, API):
        assert answer.mimetype == PROBLEM
        assert answer.json is not None
        assert answer.json["status"] == status
        assert answer.json["type"]
        assert answer.json["title"]
        assert answer.json["detail"]
    elif kind == FRAGMENT:
        assert 'role="alert"' in answer.text
        assert "<html" not in answer.text
    else:
        assert "<html" in answer.text


def test_every_view_stands_on_the_ladder() -> None:
    assert set(ROWS) == {key(route) for route in ROUTES}


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: row(route).works))
def test_it_works(stage: Stage, route: Route, kind: str) -> None:
    about = row(route)
    id = fresh(about.about, stage.home)
    role = role_of(route)
    if key(route) == "session.log_out" and kind != API:
        stage.browsers["leaving"] = stage.home.browser()
        role = "leaving"
    sends: dict[str, Any] = {}
    if kind == API and about.body:
        sends["json"] = about.body(stage.home)
    elif kind != API and about.fields:
        sends["data"] = about.fields(stage.home)
    answer = stage.ask(route, kind, role, id, **sends)
    changes = kind != API and route.page is not None and route.page.method == "POST"
    if kind in (JSON, API):
        assert answer.status_code == (route.api.status if route.api else 200), answer.text
        if answer.status_code == 201:
            assert answer.headers["Location"].startswith("/api/")
    elif kind == PAGE and changes:
        assert answer.status_code == 303, answer.text
    else:
        assert answer.status_code == 200, answer.text
        if about.mimetype.get(kind, "text/html") == "text/html":
            assert ("<html" not in answer.text) is (kind == FRAGMENT and (about.partial or changes))
    usual = "application/json" if kind in (JSON, API) else "text/html"
    assert answer.mimetype == about.mimetype.get(kind, usual)


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: route.roles is not None))
def test_an_agent_is_kept_out(stage: Stage, route: Route, kind: str) -> None:
    id = stage.subject(row(route).about)
    if key(route) == "session.log_out":
        return  # may leave, of course
    if kind == API and route.roles is not None and "agent" in route.roles:
        answer = stage.ask(route, kind, "agent", str(uuid4()))
        assert answer.status_code != 403
        return
    answer = stage.ask(route, kind, "agent", id)
    is_problem(answer, 403, kind)
    if kind == PAGE:
        assert "This console is for supervisors" in answer.text


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: route.roles == ADMINS))
def test_what_admins_do_supervisors_may_not(stage: Stage, route: Route, kind: str) -> None:
    is_problem(stage.ask(route, kind, "supervisor", None), 403, kind)


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: row(route).about))
def test_a_strangers_object_does_not_exist(stage: Stage, route: Route, kind: str) -> None:
    about = row(route)
    id = stage.subject(about.about, stage.stranger)
    sends: dict[str, Any] = {"json": about.body(stage.home)} if kind == API and about.body else {}
    if kind != API and about.fields:
        sends["data"] = about.fields(stage.home)
    is_problem(stage.ask(route, kind, role_of(route), id, **sends), 404, kind)
    is_problem(stage.ask(route, kind, role_of(route), str(uuid4()), **sends), 404, kind)


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: row(route).about))
def test_an_id_that_is_none(stage: Stage, route: Route, kind: str) -> None:
    for id in ("1", "not-an-id", "%00", "01890000-0000-7000-8000-00000000000g"):
        is_problem(stage.ask(route, kind, role_of(route), id), 404, kind)


@pytest.mark.parametrize(("route", "kind"), views(*EVERY, when=lambda route: route.roles is not None))
def test_nobody_is_signed_in(stage: Stage, route: Route, kind: str) -> None:
    answer = stage.ask(route, kind, "nobody", str(uuid4()))
    if kind == PAGE:
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/login")
        assert ("next=" in answer.headers["Location"]) is (route.page is not None and route.page.method == "GET")
    elif kind == FRAGMENT:
        assert answer.status_code == 401
        assert answer.headers["HX-Redirect"].startswith("/login")
        assert not answer.data
    else:
        is_problem(answer, 401, kind)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def takes_body(route: Route) -> bool:
    return bool(row(route).bad)


@pytest.mark.parametrize(("route", "kind"), views(API, when=takes_body))
def test_a_body_that_is_refused_names_the_fields(stage: Stage, route: Route, kind: str) -> None:
    about = row(route)
    answer = stage.ask(route, kind, role_of(route), stage.subject(about.about), json=about.bad)
    is_problem(answer, 422, kind)
    assert answer.json is not None
    assert set(about.names) <= set(answer.json["errors"])
    assert all(texts and all(texts) for texts in answer.json["errors"].values())
    if about.bad and "speed" in about.bad:
        assert answer.json["errors"]["speed"] == ["There is no such field."]


@pytest.mark.parametrize(("route", "kind"), views(*KINDS, when=lambda route: row(route).bad_fields is not None))
def test_a_form_that_is_refused_stays_as_typed(stage: Stage, route: Route, kind: str) -> None:
    about = row(route)
    assert about.bad_fields
    id = stage.subject(about.about)
    answer = stage.ask(route, kind, role_of(route), id, data=about.bad_fields)
    assert answer.status_code == 422, answer.text
    if kind == JSON:
        assert answer.json is not None
        assert set(answer.json["errors"]) & set(about.names)
        return
    assert ("<html" in answer.text) is (kind == PAGE)
    assert 'role="alert"' in answer.text
    if kind == PAGE or about.fragment_of_form:
        assert 'aria-invalid="true"' in answer.text
        for name, value in about.bad_fields.items():
            assert name not in TYPED or str(value).strip() in answer.text
        assert 'name="csrf_token"' in answer.text


def has_body(route: Route) -> bool:
    return row(route).body is not None or takes_body(route)


@pytest.mark.parametrize(("route", "kind"), views(API, when=has_body))
def test_bodies_that_cannot_be_read(stage: Stage, route: Route, kind: str) -> None:
    id = stage.subject(row(route).about)
    role = role_of(route)

    def answer(data: bytes, content_type: str | None = "application/json") -> TestResponse:
        return stage.ask(
            route, kind, role, id, data=data, headers={"Content-Type": content_type} if content_type else {}
        )

    for data in (b"", b"{", b'{"a": NaN}', b'"text"', b"null", b"\xff\xfe", b"[" * 5_000, b"1" * 5_000):
        is_problem(answer(data), 400, kind)
    if key(route) != "service.events":
        is_problem(answer(b"[]"), 400, kind)
        is_problem(answer(b'{"name": "' + b"x" * LARGEST_BODY + b'"}'), 413, kind)
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        is_problem(answer(b"{}", content_type), 415, kind)


@pytest.mark.parametrize(("route", "kind"), views(*EVERY))
def test_a_method_that_the_address_does_not_take(stage: Stage, route: Route, kind: str) -> None:
    url = stage.url(route, kind, str(uuid4()))
    place = route.api if kind == API else route.page
    assert place is not None
    for method in ("PUT", "OPTIONS") if kind == API else ("PUT",):
        answer = seen(stage.browsers["supervisor"].open(url, JSON if kind == API else kind, method))
        is_problem(answer, 405, kind)
        assert place.method in answer.headers["Allow"].replace(",", " ").split()


def changes(route: Route) -> bool:
    return route.page is not None and route.page.method == "POST"


@pytest.mark.parametrize(("route", "kind"), views(*KINDS, when=changes))
def test_a_cookie_alone_changes_nothing(stage: Stage, route: Route, kind: str) -> None:
    """A form on a foreign page sends our cookie and has no token of ours."""
    id = stage.subject(row(route).about)
    browser = stage.browsers["admin"]
    url = stage.url(route, kind, id)
    for fields in ({}, {"csrf_token": "made-up"}):
        is_problem(seen(browser.open(url, kind, "POST", data=fields)), 400, kind)


@pytest.mark.parametrize(
    ("route", "kind"), views(API, when=lambda route: route.api and route.api.method != "GET" and not route.by_password)
)
def test_a_cookie_alone_changes_nothing_by_api(stage: Stage, route: Route, kind: str) -> None:
    id = stage.subject(row(route).about)
    browser = stage.browsers["admin"]
    assert route.api is not None
    url = stage.url(route, kind, id)
    is_problem(seen(browser.open(url, JSON, route.api.method, json={})), 400, kind)
    bogus = {"Authorization": "Bearer made-up"}
    is_problem(seen(browser.open(url, JSON, route.api.method, json={}, headers=bogus)), 401, kind)


@pytest.mark.parametrize(
    "path", ["/nothing", "/api", "/api/", "/api/nothing", "/api//sla-policies", "/api/sla-policies/"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_address_that_is_none(stage: Stage, path: str, kind: str) -> None:
    answer = seen(stage.nobody.get(path, kind))
    is_problem(answer, 404, API if path.startswith("/api") else kind)


def test_headers_over_tls(stage: Stage) -> None:
    answer = seen(Browser(stage.app, "https://console.example").get("/login"))
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in stage.nobody.get("/login").headers
