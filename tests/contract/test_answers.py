"""Every operation of the contract, asked of the application and held against the contract's own schemas."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from tests.contract.contract import OPERATIONS, SCHEMAS, kept
from tests.support.clock import Clock
from tests.support.web import House

FULL = {
    "name": "WhatsApp, sales",
    "description": "For those who want to buy",
    "first_response_time_secs": 120,
    "resolution_time_secs": 7200,
    "warning_threshold_pct": 75,
    "priority": 10,
    "channel": "whatsapp",
}


def test_these_are_the_operations() -> None:
    """A new one in the contract wants a test here."""
    assert set(OPERATIONS) == {
        "listSlaPolicies",
        "createSlaPolicy",
        "updateSlaPolicy",
        "deleteSlaPolicy",
        "listSlaBreaches",
        "getConversationSla",
    }


def test_create(home: House) -> None:
    api = home.api()
    made = kept("createSlaPolicy", api.post("/api/sla-policies", {"name": "Everything"}))
    defaults = {
        key: value["default"] for key, value in SCHEMAS["SlaPolicyCreate"]["properties"].items() if "default" in value
    }
    assert {key: made[key] for key in defaults} == defaults
    assert made["is_active"] is True
    assert not {"description", "channel", "division_id"} & set(made)
    full = {**FULL, "division_id": str(home.sales), "is_default": True}
    made = kept("createSlaPolicy", api.post("/api/sla-policies", full))
    assert full.items() <= made.items()
    assert made["created_at"] == made["updated_at"]


def test_list(home: House) -> None:
    api = home.api()
    assert kept("listSlaPolicies", api.get("/api/sla-policies")) == []
    one = home.policy("One", is_default=True)
    two = home.policy(**FULL)
    assert kept("listSlaPolicies", api.get("/api/sla-policies")) == [two, one]


def test_update(home: House) -> None:
    api = home.api()
    url = f"/api/sla-policies/{home.policy(**FULL)['id']}"
    change: dict[str, Any] = {
        "name": "Changed",
        "description": "Otherwise",
        "first_response_time_secs": 1,
        "resolution_time_secs": 315_360_000,
        "warning_threshold_pct": 100,
        "priority": -1_000_000,
        "channel": "email",
        "division_id": str(home.support),
        "is_active": True,
        "is_default": True,
    }
    assert set(change) == set(SCHEMAS["SlaPolicyUpdate"]["properties"])
    for field, value in change.items():
        assert kept("updateSlaPolicy", api.patch(url, {field: value}))[field] == value
    cleared = kept("updateSlaPolicy", api.patch(url, {"description": None, "channel": None, "division_id": None}))
    assert not {"description", "channel", "division_id"} & set(cleared)
    assert kept("updateSlaPolicy", api.patch(url, {})) == cleared


def test_delete(home: House) -> None:
    api = home.api()
    made = home.policy(**FULL)
    gone = kept("deleteSlaPolicy", api.delete(f"/api/sla-policies/{made['id']}"))
    assert gone["id"] == made["id"]
    assert gone["message"]
    assert api.get("/api/sla-policies").json == []
    default = home.policy("Default", is_default=True)
    refused = api.delete(f"/api/sla-policies/{default['id']}")
    assert (refused.status_code, refused.mimetype) == (409, "application/problem+json")
    assert api.get("/api/sla-policies").json == [default]


def test_breaches(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    api = home.api()
    policy = home.policy(**FULL)
    url = f"/api/sla-policies/{policy['id']}/breaches"
    assert kept("listSlaBreaches", api.get(url)) == []
    conversation = home.conversation(message="halo")
    clock.forward(minutes=3)
    home.sweep()
    (breach,) = kept("listSlaBreaches", home.api().get(url))
    assert breach["conversation_id"] == conversation
    assert breach["sla_policy_id"] == policy["id"]
    assert breach["breach_type"] == "first_response"
    assert breach["threshold_secs"] == 120
    assert breach["actual_secs"] == 180
    assert breach["breached_at"] == "2026-03-02T01:02:00Z"
    clock.forward(hours=3)
    home.sweep()
    newest = kept("listSlaBreaches", home.api().get(url))
    assert [breach["breach_type"] for breach in newest] == ["resolution", "first_response"]
    home.api().delete(f"/api/sla-policies/{policy['id']}")
    assert [item["id"] for item in kept("listSlaBreaches", home.api().get(url))] == [item["id"] for item in newest]


def test_a_hundred_breaches_at_most_the_newest_first(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    policy = home.policy(first_response_time_secs=60)
    home.conversations(104)
    clock.forward(minutes=10)
    home.sweep()
    found = kept("listSlaBreaches", home.api().get(f"/api/sla-policies/{policy['id']}/breaches"))
    assert len(found) == 100
    instants = [breach["breached_at"] for breach in found]
    assert instants == sorted(instants, reverse=True)
    assert instants[0] == "2026-03-02T01:01:00Z"


def test_sla_of_a_conversation(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    bare = home.conversation(message="no policy yet")
    assert kept("getConversationSla", home.api().get(f"/api/conversations/{bare}/sla")) is None
    policy = home.policy(**FULL)
    conversation = home.conversation(message="halo")
    clock.forward(seconds=95)
    sla = kept("getConversationSla", home.api().get(f"/api/conversations/{conversation}/sla"))
    assert {key: sla[key] for key in SCHEMAS["ConversationSla"]["properties"]} == {
        "conversation_id": conversation,
        "policy_id": policy["id"],
        "policy_name": policy["name"],
        "frt_status": "warning",
        "frt_elapsed_secs": 95,
        "frt_threshold_secs": 120,
        "resolution_status": "ok",
        "resolution_elapsed_secs": 95,
        "resolution_threshold_secs": 7200,
    }


def test_a_clock_that_does_not_exist_leaves_its_fields_out(home: House) -> None:
    home.policy()
    conversation = home.conversation(opened_by="agent")
    sla = kept("getConversationSla", home.api().get(f"/api/conversations/{conversation}/sla"))
    assert not [key for key in sla if key.startswith(("frt_", "next_response_"))]
    assert sla["resolution_status"] == "ok"


def test_strangers_and_agents(home: House) -> None:
    policy = home.policy()
    conversation = home.conversation()
    for method, path, _ in OPERATIONS.values():
        about = conversation if "conversations" in path else policy["id"]
        body = {"name": "x"} if method in ("post", "patch") else None
        refused = home.api("agent").open(method.upper(), path.replace("{id}", about), body)
        assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
        if "{id}" in path:
            refused = home.api().open(method.upper(), path.replace("{id}", str(uuid4())), body)
            assert (refused.status_code, refused.mimetype) == (404, "application/problem+json")
    assert UUID(policy["id"]).version == 7
