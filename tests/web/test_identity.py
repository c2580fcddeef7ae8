"""Who asks: sessions, tokens, keys, forms of our own; and how passwords are guarded."""

from __future__ import annotations

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import uuid4

import jwt
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from omnistream_console import passwords
from omnistream_console.store import agents, keys
from omnistream_console.store.agents import AgentRow
from omnistream_console.store.database import transaction, utc_now
from omnistream_console.store.keys import KeyRow
from omnistream_console.web.views import session
from tests.support.clock import Clock
from tests.support.web import FRAGMENT, JSON, PASSWORD, Browser, Consumer, House, login

ME = "/api/auth/me"


def cookie(answer: TestResponse) -> SimpleCookie:
    jar = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        jar.load(line)
    return jar


# Passwords


def test_passwords_are_argon2id() -> None:
    stored = PasswordHasher().hash(PASSWORD)
    assert stored.startswith("$argon2id$")
    assert passwords.hash_password(PASSWORD).startswith("$argon2id$")
    assert passwords.verify(passwords.hash_password(PASSWORD), PASSWORD)
    assert not passwords.verify(passwords.hash_password(PASSWORD), PASSWORD + " ")
    assert not passwords.verify("no hash at all", PASSWORD)


def test_a_hash_with_older_parameters_is_renewed_at_sign_in(home: House) -> None:
    older = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with home.app.app_context():
        with transaction():
            agents.set_password_hash(home.people["admin"].id, older)
        assert home.browser("admin").get("/sla-policies").status_code == 200
        (renewed,) = [c.password_hash for c in agents.credentials(home.people["admin"].email)]
    assert renewed != older
    assert not passwords.needs_rehash(renewed)


def test_an_unknown_address_takes_the_time_of_a_known_one(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    verify = passwords.verify

    def watched(stored: str, text: str) -> bool:
        checked.append(stored)
        return verify(stored, text)

    monkeypatch.setattr(passwords, "verify", watched)
    known = login(Consumer(home.app, None), home.people["admin"].email, "wrong")
    unknown = login(Consumer(home.app, None), "nobody@x.example", "wrong")
    assert len(checked) == 2
    assert all(stored.startswith("$argon2id$") for stored in checked)
    assert (known.status_code, known.json) == (unknown.status_code, unknown.json)
    assert known.status_code == 401
    assert known.headers["WWW-Authenticate"].startswith("Bearer")


def test_somebody_without_a_password_cannot_sign_in(home: House) -> None:
    home.api("admin").post("/api/agents", {"email": "silent@x.example", "name": "Silent", "role": "admin"})
    for password in ("", "None", PASSWORD):
        assert login(Consumer(home.app, None), "silent@x.example", password).status_code in (401, 422)


# The form


def test_signing_in_by_form(home: House) -> None:
    browser = Browser(home.app)
    page = browser.get("/sla-policies?x=1")
    assert page.headers["Location"] == "/login?next=/sla-policies?x%3D1"
    form = browser.get(page.headers["Location"])
    assert 'value="/sla-policies?x=1"' in form.text
    answer = browser.sign_in(home.people["supervisor"].email.upper() + " ", next="/sla-policies?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sla-policies?x=1")
    assert browser.get("/login").headers["Location"] == "/conversations"


def test_a_wrong_password_keeps_the_address(home: House) -> None:
    browser = Browser(home.app)
    answer = browser.sign_in(home.people["admin"].email, "not it, sorry")
    assert answer.status_code == 401
    assert home.people["admin"].email in answer.text
    assert "not it, sorry" not in answer.text
    assert browser.get("/conversations").status_code == 303


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "///evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "http:/evil.example",
        "//[evil.example",
        "http://[evil.example",
        "/conversations\r\nSet-Cookie: a=b",
    ],
)
def test_next_leads_nowhere_else(home: House, where: str) -> None:
    browser = Browser(home.app)
    assert browser.sign_in(home.people["admin"].email, next=where).headers["Location"] == "/conversations"
    again = browser.get("/login", query_string={"next": where})
    assert again.headers["Location"] == "/conversations"
    tongue = browser.submit("/language", {"locale": "id", "next": where})
    assert tongue.headers["Location"] == "/conversations"


# The session


def test_signing_in_begins_another_session(home: House) -> None:
    browser = Browser(home.app)
    before = browser.token()
    fixed = browser.http.get_cookie("omnistream")
    browser.sign_in(home.people["admin"].email)
    after = browser.http.get_cookie("omnistream")
    assert fixed is not None
    assert after is not None
    assert fixed.value != after.value
    refused = browser.open("/settings/divisions", method="POST", data={"name": "X", "csrf_token": before})
    assert refused.status_code == 400
    # Whoever planted the first cookie has nothing of the second.
    planted = Browser(home.app)
    planted.http.set_cookie("omnistream", fixed.value)
    assert planted.get("/conversations").status_code == 303


@pytest.mark.parametrize(("base_url", "secure"), [("http://localhost", False), ("https://console.example", True)])
def test_the_flags_of_the_cookie(home: House, base_url: str, secure: bool) -> None:
    browser = Browser(home.app, base_url)
    answer = browser.sign_in(home.people["admin"].email)
    assert answer.status_code == 303
    (morsel,) = cookie(answer).values()
    assert morsel.key == "omnistream"
    assert morsel["httponly"] is True
    assert morsel["samesite"] == "Lax"
    assert bool(morsel["secure"]) is secure
    assert morsel["path"] == "/"


def test_signing_out_ends_the_session(home: House) -> None:
    browser = home.browser()
    answer = browser.submit("/logout", {})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert browser.get("/conversations").status_code == 303
    assert browser.get(ME, JSON).status_code == 401


def raise_version(home: House, role: str) -> None:
    with home.app.app_context(), transaction() as database:
        database.execute(
            update(AgentRow)
            .where(AgentRow.id == home.people[role].id)
            .values(sign_in_version=AgentRow.sign_in_version + 1)
        )


def test_a_new_sign_in_version_ends_sessions_and_tokens(home: House) -> None:
    browser, consumer = home.browser(), home.api()
    assert browser.get(ME, JSON).status_code == consumer.get(ME).status_code == 200
    raise_version(home, "supervisor")
    assert browser.get(ME, JSON).status_code == consumer.get(ME).status_code == 401
    assert home.api("admin").get(ME).status_code == 200


def test_a_forged_cookie_is_nobody(home: House, stranger: House) -> None:
    person = home.people["admin"]
    for value in (f"{person.id}.1", "x", ".", f"{uuid4()}.1", f"{person.id}.999"):
        browser = Browser(home.app)
        with browser.http.session_transaction() as content:
            content["_user_id"] = value
        expected = 200 if value == f"{person.id}.1" else 401
        assert browser.get(ME, JSON).status_code == expected


# Tokens and keys


def test_login_by_api(home: House) -> None:
    answer = login(Consumer(home.app, None), home.people["agent"].email)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["agent"]["role"] == "agent"
    assert "omnistream" in cookie(answer)
    bearer = Consumer(home.app, answer.json["token"])
    me = bearer.get(ME).json
    assert me == answer.json["agent"]
    fresh = bearer.get("/api/auth/token").json
    assert fresh is not None
    assert Consumer(home.app, fresh["token"]).get(ME).json == me


def test_a_token_expires(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    consumer = home.api()
    clock.forward(hours=11, minutes=59)
    assert consumer.get(ME).status_code == 200
    clock.forward(minutes=2)
    assert consumer.get(ME).status_code == 401


def test_tokens_that_are_none_of_ours(home: House) -> None:
    person = home.people["admin"]
    claims = {"sub": str(person.id), "ver": "1", "exp": utc_now() + timedelta(hours=1)}
    secret = str(home.app.secret_key)
    good = jwt.encode(claims, secret, algorithm="HS256")
    assert Consumer(home.app, good).get(ME).status_code == 200
    bad = [
        jwt.encode(claims, "another key, as long as it has to be", algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode({**claims, "sub": "nobody"}, secret, algorithm="HS256"),
        jwt.encode({**claims, "sub": str(uuid4())}, secret, algorithm="HS256"),
        jwt.encode({key: value for key, value in claims.items() if key != "exp"}, secret, algorithm="HS256"),
        jwt.encode({key: value for key, value in claims.items() if key != "ver"}, secret, algorithm="HS256"),
        good[:-2],
        "made-up",
        "é",
        "osk_made-up",
        " ",
    ]
    for token in bad:
        assert Consumer(home.app, token).get(ME).status_code == 401, token


def test_a_bogus_bearer_beside_a_valid_cookie_is_nobody(home: House) -> None:
    browser = home.browser()
    for scheme in ("Bearer", "bearer", "BEARER"):
        headers = {"Authorization": f"{scheme} made-up"}
        assert browser.get(ME, JSON, headers=headers).status_code == 401
        assert browser.get("/conversations", headers=headers).status_code == 303
        assert browser.get("/conversations", FRAGMENT, headers=headers).status_code == 401


def test_a_bearer_decides_beside_a_cookie_of_somebody_else(home: House) -> None:
    browser = home.browser("admin")
    headers = {"Authorization": f"Bearer {home.bearer('agent')}"}
    me = browser.get(ME, JSON, headers=headers).json
    assert me is not None
    assert me["role"] == "agent"


def test_a_key_works_until_it_is_revoked(home: House) -> None:
    key = home.key("supervisor")
    assert re.fullmatch(r"osk_[\w-]{43}", key)
    consumer = Consumer(home.app, key)
    assert consumer.post("/api/sla-policies", {"name": "By key"}).status_code == 201
    with home.app.app_context():
        with transaction() as database:
            row = database.execute(select(KeyRow)).scalar_one()
            assert key.encode() not in row.sha256
            assert len(row.sha256) == 32
            assert row.last_used_at is not None
            stored = [str(value) for value in vars(row).values()]
            assert not any(key in value or key.removeprefix(keys.PREFIX) in value for value in stored)
        raise_version(home, "supervisor")
        assert consumer.get(ME).status_code == 200  # a key outlives sessions
        with transaction() as database:
            database.execute(update(KeyRow).values(revoked_at=utc_now()))
    assert consumer.get(ME).status_code == 401


def test_a_bearer_needs_no_form_token_and_a_cookie_does(home: House) -> None:
    assert home.api().post("/api/sla-policies", {"name": "Bearer"}).status_code == 201
    browser = home.browser()
    bare = browser.open("/api/sla-policies", JSON, "POST", json={"name": "Cookie"})
    assert (bare.status_code, bare.mimetype) == (400, "application/problem+json")
    assert browser.send("/api/sla-policies", {"name": "Cookie"}).status_code == 201
    page = browser.open("/sla-policies", method="POST", data={"name": "X"})
    assert page.status_code == 400
    anonymous = Browser(home.app).open("/login", method="POST", data={"email": "a", "password": "b"})
    assert anonymous.status_code == 400


def test_a_token_of_another_session_is_refused(home: House) -> None:
    other = home.browser().token()
    fields = {"name": "X", "csrf_token": other}
    answer = home.browser("admin").open("/settings/divisions", method="POST", data=fields)
    assert answer.status_code == 400


# The throttle


def test_five_failures_close_an_account_for_a_while(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    email = home.people["supervisor"].email
    client = Consumer(home.app, None)
    for _ in range(session.PER_ACCOUNT):
        assert login(client, email, "wrong").status_code == 401
    closed = login(client, email)
    assert (closed.status_code, closed.mimetype) == (429, "application/problem+json")
    assert closed.headers["Retry-After"] == "900"
    assert login(client, f" {email.upper()} ").status_code == 429
    browser = Browser(home.app)
    page = browser.sign_in(email)
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert page.headers["Retry-After"] == "900"
    assert email in page.text
    # Others are not kept out, from the same address either.
    assert login(client, home.people["admin"].email).status_code == 200
    clock.forward(minutes=14, seconds=59)
    assert login(client, email).status_code == 429
    clock.forward(seconds=2)
    assert login(client, email).status_code == 200


def test_a_sign_in_that_succeeds_clears_the_count(home: House) -> None:
    email = home.people["supervisor"].email
    client = Consumer(home.app, None)
    for _ in range(3):
        for _ in range(session.PER_ACCOUNT - 1):
            assert login(client, email, "wrong").status_code == 401
        assert login(client, email).status_code == 200


def test_thirty_failures_close_an_address(home: House) -> None:
    client = Consumer(home.app, None)
    for number in range(session.PER_ADDRESS):
        assert login(client, f"nobody{number}@x.example", "wrong").status_code == 401
    assert login(client, home.people["admin"].email).status_code == 429
    elsewhere = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    body = {"email": home.people["admin"].email, "password": PASSWORD}
    assert client.post("/api/auth/login", body, **elsewhere).status_code == 200
