"""Policies by API: limits, types, order, the default, versions; and what an edit does to conversations under way."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from omnistream_console.sla.policies import LONGEST_SECS, MOST_PRIORITY
from omnistream_console.store import policies
from omnistream_console.store.database import db
from omnistream_console.store.policies import PolicyVersionRow
from tests.support.clock import Clock
from tests.support.web import JSON, Browser, Consumer, House

URL = "/api/sla-policies"


def names(api: Consumer) -> list[str]:
    return [policy["name"] for policy in api.get(URL).json or []]


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.text
    found: dict[str, list[str]] = answer.json["errors"]
    return found


# Values


LIMITS = [
    ("name", ["x", "x" * 120, "  trimmed  ", "Ünïcödé 値 🎉"], ["", "   ", "x" * 121, None, 7, "a\0b", "\ud800"]),
    ("description", ["", "x" * 2_000, None], ["x" * 2_001, 7, "a\0b"]),
    ("first_response_time_secs", [1, LONGEST_SECS, 300.0], [0, LONGEST_SECS + 1, -1, "300", 300.5, True, None, 10**30]),
    ("resolution_time_secs", [1, LONGEST_SECS, 300.0], [0, LONGEST_SECS + 1, -1, "300", 300.5, True, None]),
    ("warning_threshold_pct", [1, 100, 80.0], [0, 101, "80", 0.5, False, None]),
    ("priority", [-MOST_PRIORITY, MOST_PRIORITY, 0], [-MOST_PRIORITY - 1, MOST_PRIORITY + 1, "0", 1.5, True, None]),
    ("channel", ["a", "x" * 40, "live-chat_2", None], ["", "x" * 41, "Email", "e mail", "email\n", 7]),
    ("division_id", [None], ["", "nowhere", str(uuid4()), 7]),
    ("is_active", [True, False], ["true", 1, 0, None]),
    ("is_default", [False, True], ["no", 1, None]),
]


@pytest.mark.parametrize(("field", "allowed", "refused"), LIMITS, ids=[limit[0] for limit in LIMITS])
def test_limits_and_types(api: Consumer, field: str, allowed: list[Any], refused: list[Any]) -> None:
    made = api.post(URL, {"name": "Changing"}).json
    assert made is not None
    for number, value in enumerate(refused):
        body = {"name": f"New {number}", field: value}
        assert set(errors(api.post(URL, body))) == {field}, value
        assert set(errors(api.patch(f"{URL}/{made['id']}", {field: value}))) == {field}, value
    assert api.get(URL).json == [made]
    for number, value in enumerate(allowed):
        created = api.post(URL, {"name": f"New {number}", field: value})
        assert created.status_code == 201, created.text
        if field == "name":
            assert created.json["name"] == value.strip()
        else:
            assert (created.json or {}).get(field) == (value if value != "" else None)


def test_fields_that_there_are_not_are_refused_by_name(api: Consumer) -> None:
    found = errors(api.post(URL, {"name": "x", "first_response_secs": 3, "colour": "red"}))
    assert found == {"first_response_secs": ["There is no such field."], "colour": ["There is no such field."]}
    assert set(errors(api.post(URL, {}))) == {"name"}


def test_read_change_and_send_back_whole(api: Consumer, home: House) -> None:
    full = {"name": "Whole", "description": "d", "channel": "email", "division_id": str(home.sales)}
    made = api.post(URL, full).json
    assert made is not None
    read = api.get(f"{URL}/{made['id']}").json
    assert read == made
    sent = {**read, "priority": 5, "id": str(uuid4()), "created_at": "1999-01-01T00:00:00Z"}
    changed = api.patch(f"{URL}/{made['id']}", sent)
    assert changed.status_code == 200
    assert changed.json == {**read, "priority": 5, "updated_at": changed.json["updated_at"]}
    assert changed.json["updated_at"] > made["updated_at"]
    assert api.patch(f"{URL}/{made['id']}", changed.json).json == changed.json


def test_a_name_is_unique_whatever_the_case(api: Consumer, stranger: House) -> None:
    made = api.post(URL, {"name": "Straße"}).json
    other = api.post(URL, {"name": "Other"}).json
    assert made is not None
    assert other is not None
    for name in ("Straße", " STRASSE ", "straße"):
        assert errors(api.post(URL, {"name": name})) == {"name": ["Another one has this name already."]}
        assert set(errors(api.patch(f"{URL}/{other['id']}", {"name": name}))) == {"name"}
    assert api.patch(f"{URL}/{made['id']}", {"name": "STRASSE"}).status_code == 200
    assert stranger.api().post(URL, {"name": "Straße"}).status_code == 201
    api.delete(f"{URL}/{made['id']}")
    assert api.post(URL, {"name": "Straße"}).status_code == 201


def test_a_division_of_strangers_is_none(api: Consumer, stranger: House) -> None:
    found = errors(api.post(URL, {"name": "x", "division_id": str(stranger.sales)}))
    assert found == {"division_id": ["There is no such division."]}


def test_the_order_is_that_in_which_they_are_tried(api: Consumer, home: House) -> None:
    division = str(home.sales)
    for policy in (
        {"name": "default", "is_default": True, "priority": 99},
        {"name": "neither"},
        {"name": "channel", "channel": "email"},
        {"name": "division", "division_id": division},
        {"name": "both", "channel": "email", "division_id": division},
        {"name": "first", "priority": 1},
        {"name": "last", "priority": -1},
        {"name": "younger"},
    ):
        assert api.post(URL, policy).status_code == 201
    assert names(api) == ["first", "both", "division", "channel", "neither", "younger", "last", "default"]


# The default


def test_the_default_moves(api: Consumer) -> None:
    one = api.post(URL, {"name": "One", "is_default": True}).json
    assert one is not None
    api.post(URL, {"name": "Two", "is_default": True})
    assert [(p["name"], p["is_default"]) for p in api.get(URL).json or []] == [("One", False), ("Two", True)]
    assert api.patch(f"{URL}/{one['id']}", {"is_default": True}).json["is_default"] is True
    assert [(p["name"], p["is_default"]) for p in api.get(URL).json or []] == [("Two", False), ("One", True)]
    assert api.patch(f"{URL}/{one['id']}", {"is_default": False}).json["is_default"] is False
    assert not any(policy["is_default"] for policy in api.get(URL).json or [])
    assert api.delete(f"{URL}/{one['id']}").status_code == 200


def test_what_the_default_refuses_changes_nothing(api: Consumer) -> None:
    default = api.post(URL, {"name": "Default", "is_default": True}).json
    idle = api.post(URL, {"name": "Idle", "is_active": False}).json
    assert default is not None
    assert idle is not None
    before = api.get(URL).json
    for refused in (
        api.delete(f"{URL}/{default['id']}"),
        api.patch(f"{URL}/{default['id']}", {"is_active": False, "name": "Otherwise"}),
        api.patch(f"{URL}/{idle['id']}", {"is_default": True, "priority": 9}),
        api.post(URL, {"name": "New", "is_default": True, "is_active": False}),
    ):
        assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
        assert "default" in refused.json["detail"]
    assert api.get(URL).json == before
    both = api.patch(f"{URL}/{default['id']}", {"is_default": False, "is_active": False})
    assert both.status_code == 200


# Versions


def test_if_match(api: Consumer) -> None:
    made = api.post(URL, {"name": "Seen"})
    url = f"{URL}/{made.json['id']}"
    seen = made.headers["ETag"]
    assert api.get(url).headers["ETag"] == seen
    changed = api.patch(url, {"priority": 1}, headers={"If-Match": seen})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != seen
    for stale in (seen, '"999"', f"W/{changed.headers['ETag']}"):
        for refused in (
            api.patch(url, {"priority": 2}, headers={"If-Match": stale}),
            api.delete(url, headers={"If-Match": stale}),
        ):
            assert (refused.status_code, refused.mimetype) == (412, "application/problem+json"), stale
    assert api.get(url).json == changed.json
    assert api.patch(url, {"priority": 3}, headers={"If-Match": "*"}).status_code == 200
    latest = api.get(url).headers["ETag"]
    assert api.delete(url, headers={"If-Match": f'"x", {latest}'}).status_code == 200


def edits(home: House) -> tuple[int, int]:
    """How many versions there are, and how often conversations were to be judged again."""
    with home.app.app_context():
        versions = db.session.execute(select(func.count()).select_from(PolicyVersionRow)).scalar_one()
        return versions, policies.governance(home.id)[0]


def test_an_edit_that_changes_nothing_is_none(api: Consumer, home: House) -> None:
    made = api.post(URL, {"name": "Same", "description": "d"})
    url = f"{URL}/{made.json['id']}"
    before = edits(home)
    for same in ({}, {"description": "d", "priority": 0}, made.json):
        again = api.patch(url, same)
        assert again.json == made.json
        assert again.headers["ETag"] == made.headers["ETag"]
    api.patch(url, {"priority": 1}, headers={"If-Match": '"7"'})
    home.browser().submit(f"/sla-policies/{made.json['id']}", {"priority": "1", "version": "7"})
    assert edits(home) == before


# Deleted ones, and conversations under way


def test_a_deleted_policy_is_gone_and_its_breaches_answer(api: Consumer, home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    browser, api = home.browser(), home.api()
    policy = home.policy("Short", first_response_time_secs=60)
    home.conversation(message="halo")
    clock.forward(minutes=2)
    home.sweep()
    url = f"{URL}/{policy['id']}"
    (breach,) = api.get(f"{url}/breaches").json or []
    assert api.delete(url).status_code == 200
    assert [api.get(url).status_code, api.patch(url, {}).status_code, api.delete(url).status_code] == [404] * 3
    (after,) = api.get(f"{url}/breaches").json or []
    assert after["id"] == breach["id"]
    assert after["policy_name"] == "Short"
    clock.forward(hours=1)
    assert api.get(f"{url}/breaches").json == [after]  # frozen with its policy
    page = browser.get(f"/sla-policies/{policy['id']}/breaches")
    assert page.status_code == 200
    assert "deleted" in page.text


def status(home: House, conversation: str) -> Any:
    answer = home.api().get(f"/api/conversations/{conversation}/sla")
    return answer.json and (answer.json["policy_name"], answer.json["frt_status"], answer.json["frt_threshold_secs"])


def test_edits_reach_conversations_under_way_at_once(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    conversation = home.conversation(message="halo")
    assert status(home, conversation) is None
    policy = home.policy("First", first_response_time_secs=600)
    assert status(home, conversation) == ("First", "ok", 600)
    clock.forward(minutes=5)
    url = f"{URL}/{policy['id']}"
    home.api().patch(url, {"first_response_time_secs": 310})
    assert status(home, conversation) == ("First", "warning", 310)
    clock.forward(seconds=1)  # two edits never carry the same instant
    home.api().patch(url, {"first_response_time_secs": 60})
    assert status(home, conversation) == ("First", "breached", 60)  # due now, not five minutes ago
    sla = home.api().get(f"/api/conversations/{conversation}/sla").json
    assert sla is not None
    assert sla["frt_due_at"] == "2026-03-02T01:05:01Z"
    home.policy("Better", priority=5, first_response_time_secs=900)
    assert status(home, conversation)[0] == "Better"
    home.api().patch(url, {"channel": "email"})
    assert status(home, conversation)[0] == "Better"


def test_deactivating_and_deleting_end_clocks_that_nothing_else_takes(home: House) -> None:
    conversation = home.conversation(message="halo")
    policy = home.policy("Only", first_response_time_secs=600)
    home.api().patch(f"{URL}/{policy['id']}", {"is_active": False})
    assert status(home, conversation) is None
    home.api().patch(f"{URL}/{policy['id']}", {"is_active": True})
    home.policy("Default", is_default=True)
    home.api().delete(f"{URL}/{policy['id']}")
    assert status(home, conversation)[0] == "Default"


def test_the_pages_json_is_the_apis(browser: Browser, home: House) -> None:
    home.policy()
    assert browser.get("/sla-policies", JSON).json == home.api().get(URL).json
    sent = browser.send("/sla-policies", {"name": "By JSON at the page's address", "priority": 3})
    assert sent.status_code == 201
    assert sent.headers["Location"] == f"{URL}/{sent.json['id']}"
