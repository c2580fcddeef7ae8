"""One conversation: opening it, what moves it, and what its clocks then say; as form and as JSON."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.support.clock import Clock
from tests.support.web import FRAGMENT, JSON, Browser, Consumer, House

URL = "/api/conversations"


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.text
    found: dict[str, list[str]] = answer.json["errors"]
    return found


def sla(home: House, id: str) -> dict[str, Any]:
    answer = home.api().get(f"{URL}/{id}/sla")
    assert answer.status_code == 200
    return answer.json or {}


def status(home: House, id: str) -> str:
    return str((home.api().get(f"{URL}/{id}").json or {})["status"])


# Opening one


def test_opening_with_everything(home: House, api: Consumer) -> None:
    body = {
        "channel": "telegram_2",
        "contact_name": "  Dewi  ",
        "external_id": "T-1",
        "contact_address": "+62 812",
        "subject": "Parcel",
        "division_id": str(home.sales),
        "opened_by": "customer",
        "created_at": "2026-03-02T08:00:00+07:00",
        "message": "Halo",
    }
    answer = api.post(URL, body)
    assert answer.status_code == 201
    made = answer.json
    assert made is not None
    assert answer.headers["Location"] == f"{URL}/{made['id']}"
    assert made["contact_name"] == "Dewi"
    assert made["created_at"] == "2026-03-02T01:00:00Z"
    assert made["last_message_at"] == "2026-03-02T01:00:00Z"
    assert made["status"] == "open"
    assert made["sla_status"] == "none"
    assert [entry["type"] for entry in made["timeline"]] == ["created", "customer_message"]
    assert api.get(answer.headers["Location"]).json == made
    for key in ("channel", "external_id", "contact_address", "subject", "division_id", "opened_by"):
        assert made[key] == body[key]


def test_an_external_id_is_taken_once(home: House, stranger: House, api: Consumer) -> None:
    body = {"channel": "email", "contact_name": "A", "external_id": "T-1"}
    assert api.post(URL, body).status_code == 201
    assert set(errors(api.post(URL, body))) == {"external_id"}
    assert stranger.api().post(URL, body).status_code == 201
    id = home.conversation()
    message = {"sender": "customer", "body": "Halo", "external_id": "M-1"}
    assert api.post(f"{URL}/{id}/messages", message).status_code == 201
    assert set(errors(api.post(f"{URL}/{id}/messages", message))) == {"external_id"}
    assert len(api.get(f"{URL}/{id}/messages").json or []) == 1


def test_instants(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    api = home.api()
    body = {"channel": "email", "contact_name": "A"}
    id = home.conversation()
    message = {"sender": "customer", "body": "Halo"}
    for at in ("2026-03-02T01:05:00Z", "2026-03-02T08:05:00+07:00", "2026-02-28T01:00:00.123456Z"):
        assert api.post(URL, {**body, "created_at": at}).status_code == 201
        assert api.post(f"{URL}/{id}/messages", {**message, "at": at}).status_code == 201
    for at in (
        "2026-03-02T01:05:01Z",
        "9999-12-31T23:59:59Z",
        "2026-03-02T01:00:00",
        "2026-03-02",
        "1969-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "soon",
        1772413200,
    ):
        assert set(errors(api.post(URL, {**body, "created_at": at}))) == {"created_at"}, at
        assert set(errors(api.post(f"{URL}/{id}/messages", {**message, "at": at}))) == {"at"}, at
        assert set(errors(api.patch(f"{URL}/{id}/status", {"status": "closed", "at": at}))) == {"at"}, at
        moved = {"channel": "webchat", "at": at}
        assert set(errors(api.post(f"{URL}/{id}/transfer", moved))) == {"at"}, at


def test_only_supervisors_and_ingest_keys_say_when(home: House) -> None:
    id = home.conversation(division_id=str(home.support))
    at = "2026-03-02T01:00:00Z"
    message = {"sender": "agent", "body": "Halo", "at": at}
    agent = home.api("agent")
    assert set(errors(agent.post(f"{URL}/{id}/messages", message))) == {"at"}
    assert set(errors(agent.patch(f"{URL}/{id}/status", {"status": "closed", "at": at}))) == {"at"}
    assert status(home, id) == "open"
    plain = Consumer(home.app, home.key("agent"))
    assert set(errors(plain.post(f"{URL}/{id}/messages", message))) == {"at"}
    ingest = Consumer(home.app, home.key("agent", ("ingest",)))
    assert ingest.post(f"{URL}/{id}/messages", message).status_code == 201
    assert home.api().post(f"{URL}/{id}/messages", message).status_code == 201


def test_what_is_no_object_of_ours(home: House, stranger: House, api: Consumer) -> None:
    id = home.conversation()
    theirs = str(stranger.sales)
    body = {"channel": "email", "contact_name": "A"}
    assert set(errors(api.post(URL, {**body, "division_id": theirs}))) == {"division_id"}
    assert set(errors(api.post(f"{URL}/{id}/transfer", {"division_id": theirs}))) == {"division_id"}
    nobody = str(stranger.people["agent"].id)
    assert set(errors(api.patch(f"{URL}/{id}/assign", {"agent_id": nobody}))) == {"agent_id"}
    assert set(errors(api.patch(f"{URL}/{id}/assign", {"agent_id": str(uuid4())}))) == {"agent_id"}
    assert set(errors(api.patch(f"{URL}/{id}/assign", {}))) == {"agent_id"}
    assert set(errors(api.post(f"{URL}/{id}/transfer", {"note": "nowhere"}))) == {"division_id"}


# What moves it


def test_a_customers_message_opens_it_again(home: House, api: Consumer) -> None:
    for before in ("pending", "resolved"):
        id = home.conversation(message="halo")
        api.patch(f"{URL}/{id}/status", {"status": before})
        for sender in ("agent", "bot", "note"):
            assert api.post(f"{URL}/{id}/messages", {"sender": sender, "body": "Hm"}).status_code == 201
        assert status(home, id) == before
        assert api.post(f"{URL}/{id}/messages", {"sender": "customer", "body": "Halo?"}).status_code == 201
        assert status(home, id) == "open"


def test_a_closed_one_wants_a_new_one(home: House, api: Consumer, browser: Browser) -> None:
    id = home.conversation(message="halo")
    api.patch(f"{URL}/{id}/status", {"status": "closed"})
    refused = api.post(f"{URL}/{id}/messages", {"sender": "customer", "body": "Halo?"})
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    page = browser.submit(f"/conversations/{id}/messages", {"sender": "customer", "body": "typed already"})
    assert page.status_code == 409
    assert "This conversation is closed" in page.text
    assert "typed already" in page.text
    alert = browser.submit(f"/conversations/{id}/messages", {"sender": "customer", "body": "x"}, FRAGMENT)
    assert (alert.status_code, "<html" in alert.text) == (409, False)
    assert status(home, id) == "closed"
    assert len(api.get(f"{URL}/{id}/messages").json or []) == 1
    assert api.post(f"{URL}/{id}/messages", {"sender": "note", "body": "Noted"}).status_code == 201


def test_messages_and_transfers_are_listed_oldest_first(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    id = home.conversation(message="one")
    api = home.api()
    for number, sender in enumerate(("agent", "note", "bot", "customer")):
        clock.forward(seconds=1)
        api.post(f"{URL}/{id}/messages", {"sender": sender, "body": f"{number} from {sender}"})
    messages = api.get(f"{URL}/{id}/messages").json or []
    assert [message["sender"] for message in messages] == ["customer", "agent", "note", "bot", "customer"]
    assert messages[1]["agent_id"] == str(home.people["supervisor"].id)
    clock.forward(seconds=1)
    moved = api.post(f"{URL}/{id}/transfer", {"division_id": str(home.sales), "note": "yours"})
    assert moved.status_code == 200
    assert moved.json["division_id"] == str(home.sales)
    clock.forward(seconds=1)
    api.post(f"{URL}/{id}/transfer", {"channel": "email"})
    first, second = api.get(f"{URL}/{id}/transfers").json or []
    assert (first["division_id"], first["note"]) == (str(home.sales), "yours")
    assert second["channel"] == "email"
    assert "division_id" not in second


def test_assigning(home: House, api: Consumer) -> None:
    id = home.conversation()
    agent = str(home.people["agent"].id)
    assert api.patch(f"{URL}/{id}/assign", {"agent_id": agent}).json["agent_id"] == agent
    assert api.post(f"{URL}/{id}/takeover").json["agent_id"] == str(home.people["supervisor"].id)
    freed = api.patch(f"{URL}/{id}/assign", {"agent_id": None}).json
    assert freed is not None
    assert "agent_id" not in freed
    types = [entry["type"] for entry in freed["timeline"]]
    assert types == ["created", "assignment", "assignment", "assignment"]


def test_by_form(home: House, browser: Browser) -> None:
    home.policy()
    fields = {
        "channel": "email",
        "contact_name": "Dewi",
        "contact_address": "",
        "subject": "Parcel <b>",
        "division_id": str(home.support),
        "opened_by": "customer",
        "message": "Halo",
    }
    made = browser.submit("/conversations", fields)
    assert made.status_code == 303
    url = made.headers["Location"]
    page = browser.get(url)
    assert page.status_code == 200
    for words in ("Dewi", "Parcel &lt;b&gt;", "Halo", "Conversation opened."):
        assert words in page.text
    assert "Parcel <b>" not in page.text
    agent = str(home.people["agent"].id)
    for action, values in (
        ("messages", {"sender": "agent", "body": "We look into it"}),
        ("status", {"status": "pending"}),
        ("assign", {"agent_id": agent}),
        ("transfer", {"division_id": str(home.sales), "channel": "", "note": "yours"}),
        ("takeover", {}),
        ("assign", {"agent_id": ""}),
    ):
        done = browser.submit(f"{url}/{action}", values)
        assert (done.status_code, done.headers["Location"]) == (303, url), action
    detail = home.api().get(f"/api{url}").json
    assert detail is not None
    assert (detail["status"], detail["division_id"]) == ("pending", str(home.sales))
    assert "agent_id" not in detail
    assert browser.get(url).text.count("We look into it") == 1


def test_actions_of_the_board_lead_back_to_it(home: House, browser: Browser) -> None:
    id = home.conversation()
    url = f"/conversations/{id}/status"
    back = "/conversations?sla=none&channel=whatsapp"
    assert browser.submit(url, {"status": "pending", "next": back}).headers["Location"] == back
    for where in (
        "https://evil.example/",
        "//evil.example",
        "/conversations.evil",
        "/\\evil",
        "/conversations?a=\r\nX: y",
    ):
        done = browser.submit(url, {"status": "open", "next": where})
        assert done.headers["Location"] == f"/conversations/{id}", where


# What the clocks say


def test_the_life_of_both_clocks(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    policy = home.policy(first_response_time_secs=300, resolution_time_secs=3600, warning_threshold_pct=80)
    id = home.conversation(message="halo")
    now = sla(home, id)
    assert (now["policy_id"], now["server_time"]) == (policy["id"], "2026-03-02T01:00:00Z")
    assert (now["frt_status"], now["frt_state"], now["frt_counting"]) == ("ok", "running", True)
    assert (now["frt_elapsed_secs"], now["frt_remaining_secs"]) == (0, 300)
    assert now["frt_started_at"] == "2026-03-02T01:00:00Z"
    assert now["frt_warning_at"] == now["frt_changes_at"] == "2026-03-02T01:04:00Z"
    assert now["frt_due_at"] == "2026-03-02T01:05:00Z"
    assert "frt_stopped_at" not in now
    clock.forward(minutes=4)
    now = sla(home, id)
    assert (now["frt_status"], now["frt_elapsed_secs"], now["frt_remaining_secs"]) == ("warning", 240, 60)
    assert now["frt_changes_at"] == now["frt_due_at"]
    clock.forward(minutes=1)
    now = sla(home, id)
    assert (now["frt_status"], now["frt_state"]) == ("breached", "running")
    assert "frt_changes_at" not in now
    clock.forward(seconds=30.75)
    api = home.api()
    api.post(f"{URL}/{id}/messages", {"sender": "bot", "body": "We are on it"})
    assert sla(home, id)["frt_state"] == "running"
    api.post(f"{URL}/{id}/messages", {"sender": "agent", "body": "Sorry!"})
    now = sla(home, id)
    assert (now["frt_status"], now["frt_state"], now["frt_counting"]) == ("breached", "met_late", False)
    assert (now["frt_elapsed_secs"], now["frt_remaining_secs"]) == (330, -30)
    assert now["frt_stopped_at"] == "2026-03-02T01:05:30.750Z"

    clock.freeze("2026-03-02T01:20:00Z")
    home.api().patch(f"{URL}/{id}/status", {"status": "pending"})
    clock.forward(hours=10)
    now = sla(home, id)
    assert (now["resolution_status"], now["resolution_state"]) == ("ok", "paused")
    assert (now["resolution_elapsed_secs"], now["resolution_counting"]) == (1200, False)
    assert "resolution_due_at" not in now
    home.api().post(f"{URL}/{id}/messages", {"sender": "customer", "body": "Well?"})
    now = sla(home, id)
    assert (now["resolution_state"], now["resolution_due_at"]) == ("running", "2026-03-02T12:00:00Z")
    clock.forward(minutes=39)
    home.api().patch(f"{URL}/{id}/status", {"status": "resolved"})
    now = sla(home, id)
    assert (now["resolution_status"], now["resolution_state"]) == ("ok", "met")
    assert (now["resolution_elapsed_secs"], now["resolution_remaining_secs"]) == (3540, 60)
    clock.forward(hours=1)
    assert sla(home, id)["resolution_elapsed_secs"] == 3540
    (breach,) = home.api().get("/api/breaches").json or []
    assert (breach["breach_type"], breach["actual_secs"]) == ("first_response", 330)


def test_resolved_without_an_answer(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy()
    id = home.conversation(message="halo")
    home.api().patch(f"{URL}/{id}/status", {"status": "resolved"})
    now = sla(home, id)
    assert (now["frt_state"], now["frt_status"]) == ("unanswered", "ok")
    assert now["resolution_state"] == "met"


def test_a_transfer_is_matched_again(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy("Slow", first_response_time_secs=3600, channel="email")
    home.policy("Fast", first_response_time_secs=60, division_id=str(home.sales))
    id = home.conversation(channel="email", message="halo")
    assert sla(home, id)["policy_name"] == "Slow"
    clock.forward(minutes=10)
    home.api().post(f"{URL}/{id}/transfer", {"division_id": str(home.sales)})
    now = sla(home, id)
    assert (now["policy_name"], now["frt_status"], now["frt_elapsed_secs"]) == ("Fast", "breached", 600)
    assert now["frt_due_at"] == "2026-03-02T01:10:00Z"  # nothing is due in a past in which nobody could have known


def test_clocks_of_two_policies_name_both(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    first = home.policy("First")
    id = home.conversation(message="halo")
    home.api().post(f"{URL}/{id}/messages", {"sender": "agent", "body": "Halo"})
    clock.forward(seconds=5)
    second = home.policy("Second", priority=5)
    now = sla(home, id)
    assert (now["policy_id"], now["policy_name"]) == (second["id"], "Second")
    assert (now["frt_policy_id"], now["frt_policy_name"]) == (first["id"], "First")
    assert "resolution_policy_id" not in now


@pytest.mark.parametrize(("path", "said"), [("", "No policy"), ("/sla", "No SLA on this conversation")])
def test_pages_of_a_conversation_without_a_policy(home: House, browser: Browser, path: str, said: str) -> None:
    id = home.conversation(message="halo")
    page = browser.get(f"/conversations/{id}{path}")
    assert page.status_code == 200
    assert said in page.text
    fragment = browser.get(f"/conversations/{id}{path}", FRAGMENT)
    assert "<html" not in fragment.text
    assert browser.get(f"/conversations/{id}/sla", JSON).json is None
    assert browser.get(f"/conversations/{id}/sla", JSON).data.strip() == b"null"
