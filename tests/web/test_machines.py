"""What machines ask: health, events, and the document that people read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from omnistream_console.config import VERSION
from omnistream_console.store import policies, workers
from omnistream_console.store.database import transaction, utc_now
from omnistream_console.web.openapi import document
from tests.support.clock import Clock
from tests.support.web import FRAGMENT, JSON, Browser, Consumer, House

CREATED = {
    "id": "e1",
    "source": "crm",
    "type": "conversation.created",
    "conversation": "c1",
    "at": "2026-03-02T01:00:00Z",
    "channel": "email",
    "contact_name": "Told by another system",
    "message": "Halo",
}
REPLY = {
    "id": "e2",
    "source": "crm",
    "type": "message",
    "conversation": "c1",
    "at": "2026-03-02T01:02:00Z",
    "sender": "agent",
    "body": "Hello",
}


# Health


def test_health_needs_nobody(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    anonymous = Consumer(home.app, None)
    silent = anonymous.get("/api/health")
    assert silent.status_code == 200
    assert silent.json == {
        "status": "degraded",
        "version": VERSION,
        "database": "ok",
        "worker": {"last_sweep_at": None, "lag_secs": 0.0},
    }
    with home.app.app_context(), transaction():
        workers.beat("here", utc_now(), utc_now())
    well = anonymous.get("/api/health").json
    assert well is not None
    assert (well["status"], well["worker"]["last_sweep_at"]) == ("ok", "2026-03-02T01:00:00Z")
    assert Consumer(home.app, "bogus").get("/api/health").status_code == 200


def test_health_says_how_late_the_sweep_is(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy(first_response_time_secs=60)
    home.conversation(message="halo")
    clock.forward(seconds=72.5)
    with home.app.app_context(), transaction():
        workers.beat("here", utc_now(), utc_now())
    late = Consumer(home.app, None).get("/api/health").json
    assert late is not None
    assert (late["status"], late["worker"]["lag_secs"]) == ("degraded", 12.5)
    home.sweep()
    swept = Consumer(home.app, None).get("/api/health").json
    assert swept is not None
    assert (swept["status"], swept["worker"]["lag_secs"]) == ("ok", 0.0)


def test_a_database_that_is_away(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    api, browser = home.api(), home.browser()

    def away(*_: object) -> None:
        raise OperationalError("select 1", {}, Exception("gone"))

    monkeypatch.setattr(workers, "pulse", away)
    monkeypatch.setattr(policies, "of", away)
    down = Consumer(home.app, None).get("/api/health")
    assert (down.status_code, down.mimetype) == (503, "application/json")
    assert down.json == {"status": "down", "version": VERSION, "database": "unavailable"}
    for answer in (browser.get("/sla-policies"), api.get("/api/sla-policies")):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "select 1" not in answer.text


def test_our_own_mistakes_say_nothing_of_the_code(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    api, browser = home.api(), home.browser()

    def broken(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(policies, "of", broken)
    for answer in (browser.get("/sla-policies"), browser.get("/sla-policies", FRAGMENT), api.get("/api/sla-policies")):
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


# Events


def test_events_as_an_array(home: House, api: Consumer) -> None:
    home.policy(first_response_time_secs=60, is_default=True)
    answer = api.post("/api/events", [CREATED, REPLY])
    assert (answer.status_code, answer.json) == (200, {"accepted": 2, "duplicate": 0, "refused": []})
    (row,) = api.get("/api/conversations").json or []
    assert (row["external_id"], row["source"], row["contact_name"]) == ("c1", "crm", "Told by another system")
    assert api.post("/api/events", [CREATED, REPLY]).json == {"accepted": 0, "duplicate": 2, "refused": []}
    assert len(api.get(f"/api/conversations/{row['id']}/messages").json or []) == 2


def test_events_in_any_order(home: House, api: Consumer) -> None:
    assert api.post("/api/events", [REPLY]).json == {"accepted": 1, "duplicate": 0, "refused": []}
    assert api.get("/api/conversations").json == []
    assert api.post("/api/events", [CREATED]).json == {"accepted": 1, "duplicate": 0, "refused": []}
    (row,) = api.get("/api/conversations").json or []
    assert [m["body"] for m in api.get(f"/api/conversations/{row['id']}/messages").json or []] == ["Halo", "Hello"]


def lines(api: Consumer, text: str | bytes) -> Any:
    return api.open("POST", "/api/events", data=text, headers={"Content-Type": "application/x-ndjson"})


def test_events_as_lines(home: House, api: Consumer) -> None:
    text = f"{json.dumps(CREATED)}\n\n{json.dumps(REPLY)}\r\n"
    assert lines(api, text).json == {"accepted": 2, "duplicate": 0, "refused": []}
    assert lines(api, "").json == {"accepted": 0, "duplicate": 0, "refused": []}
    assert api.post("/api/events", []).json == {"accepted": 0, "duplicate": 0, "refused": []}
    broken = lines(api, json.dumps({**CREATED, "id": "e9", "conversation": "c9"}) + "\n{")
    assert (broken.status_code, broken.mimetype) == (400, "application/problem+json")
    assert len(api.get("/api/conversations").json or []) == 1


def test_a_text_may_hold_any_line_end_but_the_lines_own(home: House, api: Consumer) -> None:
    """U+2028 and the like are letters of JSON; only a line feed ends a line of it."""
    told = json.dumps({**CREATED, "message": "one\u2028two\u0085three\x0bfour"}, ensure_ascii=False)
    assert lines(api, f"{told}\n".encode()).json == {"accepted": 1, "duplicate": 0, "refused": []}


def test_refused_events_are_named_and_keep_no_other_back(home: House, api: Consumer) -> None:
    answer = api.post(
        "/api/events",
        [
            {**CREATED, "at": "yesterday", "channel": "E-Mail"},
            CREATED,
            7,
            {**REPLY, "colour": "red"},
            {**REPLY, "type": "sneeze"},
            {**REPLY, "id": "e3", "sender": None},
            REPLY,
            {**CREATED, "id": "e4", "conversation": "c4", "division_id": str(home.people["agent"].id)},
            {**REPLY, "id": "e5", "at": "9999-01-01T00:00:00Z"},
        ],
    )
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["accepted"], answer.json["duplicate"]) == (2, 0)
    assert {item["index"]: set(item["errors"]) for item in answer.json["refused"]} == {
        0: {"at", "channel"},
        2: {""},
        3: {"colour"},
        4: {"type"},
        5: {"sender"},
        7: {"division_id"},
        8: {"at"},
    }
    assert all(texts for item in answer.json["refused"] for texts in item["errors"].values())


def test_divisions_and_agents_by_name(home: House, api: Consumer) -> None:
    event = {**CREATED, "division": "support", "agent_email": home.people["agent"].email.upper()}
    assert (api.post("/api/events", [event]).json or {})["accepted"] == 1
    (row,) = api.get("/api/conversations").json or []
    assert row["division_id"] == str(home.support)
    assert row["agent_id"] == str(home.people["agent"].id)


def test_sources_of_two_organizations_never_meet(home: House, stranger: House) -> None:
    for of in (home, stranger):
        assert (of.api().post("/api/events", [CREATED]).json or {})["accepted"] == 1
        assert len(of.api().get("/api/conversations").json or []) == 1


def test_bodies_that_are_no_events(api: Consumer) -> None:
    for body in (b"{}", b"[", b'"x"', b"null", b"[NaN]"):
        answer = api.open("POST", "/api/events", data=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), body
    for kind in ("text/plain", "text/csv"):
        assert api.open("POST", "/api/events", data=b"[]", headers={"Content-Type": kind}).status_code == 415


# The document


def test_the_document_as_people_read_it(home: House) -> None:
    page = Browser(home.app).get("/api/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for path, item in document()["paths"].items():
        assert path in page.text
        for operation in item.values():
            assert operation["summary"].replace("'", "&#39;") in page.text
    assert "<script>" not in page.text
    assert "//" not in page.text.replace("http://localhost", "").partition("<main")[0].replace("://", "")


def test_the_document_is_the_same_for_everybody(home: House) -> None:
    bare = Consumer(home.app, None).get("/api/openapi.json")
    assert bare.status_code == 200
    assert home.browser().get("/api/openapi.json", JSON).json == bare.json
