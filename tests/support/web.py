"""The front door as its visitors meet it: browsers with a session and forms, API consumers with a bearer.

A `House` is an organization with one person of each role. Passwords in tests are hashed cheaply (`cheap_passwords`);
everything else is what runs in production, CSRF included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from omnistream_console import passwords
from omnistream_console.sla import policies as rules
from omnistream_console.store import agents, divisions, keys, organizations, policies
from omnistream_console.store.agents import ADMIN, AGENT, SUPERVISOR, Person
from omnistream_console.store.database import new_id, transaction, utc_now
from omnistream_console.web import identity
from omnistream_console.work import intake, sweep

PASSWORD = "correct horse battery"
PAGE, FRAGMENT, JSON = "page", "fragment", "json"
KINDS = (PAGE, FRAGMENT, JSON)

# What each kind of visitor sends: a browser, htmx within a page, a program.
SENDS: Mapping[str, Mapping[str, str]] = {
    PAGE: {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    FRAGMENT: {"Accept": "text/html", "HX-Request": "true", "HX-Request-Type": "partial"},
    JSON: {"Accept": "application/json"},
}

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


@cache
def password_hash() -> str:
    """One hash for everybody: hashing is slow on purpose."""
    return passwords.hash_password(PASSWORD)


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Argon2id with the least that it takes: what it costs on purpose, hundreds of sign-ins need not pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        forget_hashes()
        yield
    forget_hashes()


def forget_hashes() -> None:
    passwords._nobody.cache_clear()
    password_hash.cache_clear()


class Browser:
    """Somebody at a browser: cookies, pages, and forms with the token that the page carries."""

    def __init__(self, app: Flask, base_url: str = "http://localhost") -> None:
        self.http = app.test_client()
        self._base_url = base_url
        self._token: str | None = None

    def open(self, path: str, kind: str = PAGE, method: str = "GET", **sends: Any) -> TestResponse:
        """One request as this kind of visitor makes it, without a token of its own accord."""
        headers = {**SENDS[kind], **sends.pop("headers", {})}
        if self._base_url.startswith("https"):
            headers.setdefault("Referer", f"{self._base_url}/")  # as our Referrer-Policy has browsers do
        return self.http.open(path, method=method, headers=headers, base_url=self._base_url, **sends)

    def get(self, path: str, kind: str = PAGE, **sends: Any) -> TestResponse:
        return self.open(path, kind, **sends)

    def submit(self, path: str, fields: Mapping[str, Any], kind: str = PAGE, **sends: Any) -> TestResponse:
        """A form as it is sent without JavaScript, or by htmx."""
        return self.open(path, kind, "POST", data={**fields, "csrf_token": self.token()}, **sends)

    def send(self, path: str, body: Any, method: str = "POST", **sends: Any) -> TestResponse:
        """JSON under the session's cookie, with the token in a header."""
        headers = {"X-CSRFToken": self.token(), **sends.pop("headers", {})}
        return self.open(path, JSON, method, json=body, headers=headers, **sends)

    def token(self) -> str:
        """The token of this session's forms, read from a page."""
        if self._token is None:
            answer = self.get("/conversations", follow_redirects=True)
            found = _TOKEN.search(answer.text)
            assert found, f"no form token in {answer.request.path}"
            self._token = unescape(found[1])
        return self._token

    def forget_token(self) -> None:
        self._token = None

    def sign_in(self, email: str, password: str = PASSWORD, **fields: Any) -> TestResponse:
        """Fills in the login form."""
        answer = self.submit("/login", {"email": email, "password": password, **fields})
        self.forget_token()
        return answer


class Consumer:
    """A program with a bearer; or with none."""

    def __init__(self, app: Flask, bearer: str | None) -> None:
        self.http = app.test_client(use_cookies=False)
        self._headers = {**SENDS[JSON], **({"Authorization": f"Bearer {bearer}"} if bearer else {})}

    def open(self, method: str, path: str, body: Any = None, **sends: Any) -> TestResponse:
        headers = {**self._headers, **sends.pop("headers", {})}
        if body is not None:
            sends["json"] = body
        return self.http.open(path, method=method, headers=headers, **sends)

    def get(self, path: str, **sends: Any) -> TestResponse:
        return self.open("GET", path, **sends)

    def post(self, path: str, body: Any = None, **sends: Any) -> TestResponse:
        return self.open("POST", path, body, **sends)

    def patch(self, path: str, body: Any = None, **sends: Any) -> TestResponse:
        return self.open("PATCH", path, body, **sends)

    def delete(self, path: str, **sends: Any) -> TestResponse:
        return self.open("DELETE", path, **sends)


@dataclass
class House:
    """An organization with two divisions and one person of each role; the agent belongs to the first division."""

    app: Flask
    id: UUID
    name: str
    people: dict[str, Person]
    support: UUID
    sales: UUID

    def browser(self, role: str = SUPERVISOR, **options: Any) -> Browser:
        """A browser in which this person has signed in."""
        browser = Browser(self.app, **options)
        answer = browser.sign_in(self.people[role].email)
        assert answer.status_code == 303, answer.text
        return browser

    def api(self, role: str = SUPERVISOR) -> Consumer:
        """A consumer with a fresh token of this person."""
        return Consumer(self.app, self.bearer(role))

    def bearer(self, role: str = SUPERVISOR) -> str:
        with self.app.test_request_context():
            return identity.token_for(self.people[role], utc_now())[0]

    def key(self, role: str = SUPERVISOR, scopes: tuple[str, ...] = ()) -> str:
        """An API key of this person."""
        with self.app.app_context(), transaction():
            return keys.create(self.people[role], "a test's", utc_now(), scopes)

    def policy(self, name: str = "Everything", **fields: Any) -> dict[str, Any]:
        """A policy, made by API."""
        answer = self.api().post("/api/sla-policies", {"name": name, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def conversation(self, **fields: Any) -> str:
        """A conversation, made by API. Returns its id."""
        body = {"channel": "whatsapp", "contact_name": "Budi Santoso", **fields}
        answer = self.api().post("/api/conversations", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json["id"])

    def conversations(self, number: int, every: timedelta = timedelta(seconds=1), **opening: Any) -> list[str]:
        """Many conversations at once, one after the other up to now. Returns their ids, the newest first."""
        now = utc_now()
        with self.app.app_context(), transaction():
            return [
                str(
                    intake.open_conversation(
                        self.id,
                        intake.Opening(
                            **{"channel": "email", "contact_name": f"Contact {index}", **opening},
                            created_at=now - index * every,
                        ),
                        intake.By(now),
                    )
                )
                for index in range(number)
            ]

    def sweep(self, now: datetime | None = None) -> None:
        """What a worker does."""
        with self.app.app_context():
            while sweep.step(now or utc_now()):
                pass


def house(app: Flask, name: str = "Warung Digital", timezone: str = "Asia/Jakarta") -> House:
    """An organization as `omnistream user create` and the settings leave it."""
    now = utc_now()
    place = name.split()[0].lower()
    with app.app_context(), transaction():
        organization = organizations.create(name, timezone, now)
        support = divisions.create(organization.id, "Support", now)
        sales = divisions.create(organization.id, "Sales", now)
        for role in (ADMIN, SUPERVISOR, AGENT):
            agents.create(
                organization.id,
                email=f"{role}@{place}.example",
                name=f"{role.capitalize()} of {name}",
                role=role,
                now=now,
                password_hash=password_hash(),
                divisions=[support.id] if role == AGENT else [],
            )
    with app.app_context():
        people = {}
        for role in (ADMIN, SUPERVISOR, AGENT):
            id = agents.by_email(organization.id, f"{role}@{place}.example")
            assert id is not None
            person = agents.person(id)
            assert person is not None
            people[role] = person
    return House(app, organization.id, name, people, support.id, sales.id)


def login(client: Consumer, email: str, password: str = PASSWORD, **more: object) -> TestResponse:
    """Signs in as programs do."""
    return client.post("/api/auth/login", {"email": email, "password": password, **more})


def bulk_policies(home: House, number: int) -> None:
    """Many policies, stored without asking."""
    now = utc_now()
    with home.app.app_context(), transaction():
        for index in range(number):
            at = policies.begin_edit(home.id, now)
            policies.add(rules.create(new_id(), home.id, {"name": f"Policy {index}", "priority": index}, at), None)
