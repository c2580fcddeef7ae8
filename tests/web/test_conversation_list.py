"""Conversations as API consumers list them: order, filters, pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.support.clock import Clock
from tests.support.web import JSON, Browser, Consumer, House

URL = "/api/conversations"


def ids(api: Consumer, query: str = "") -> list[str]:
    answer = api.get(f"{URL}{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json or []]


def walk(api: Consumer, query: str) -> tuple[list[str], int]:
    """Every id of every page, and how many pages there were, by the Link header alone."""
    found: list[str] = []
    pages, where = 0, f"{URL}{query}"
    while where:
        answer = api.get(where)
        assert answer.status_code == 200
        found += [item["id"] for item in answer.json or []]
        link = re.fullmatch(r'<http://localhost(.*)>; rel="next"', answer.headers.get("Link", ""))
        where = link[1] if link else ""
        pages += 1
        assert pages < 30
    return found, pages


def test_by_what_falls_due_first_or_the_newest(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy("Fast", channel="email", first_response_time_secs=60)
    home.policy("Slow", channel="webchat", first_response_time_secs=600)
    slow = home.conversation(channel="webchat", message="a")
    clock.forward(seconds=5)
    fast = home.conversation(channel="email", message="a")
    clock.forward(seconds=5)
    never = home.conversation(channel="other", message="a")
    api = home.api()
    assert ids(api) == ids(api, "?sort=due") == [fast, slow, never]
    assert ids(api, "?sort=-created_at") == [never, fast, slow]
    clock.forward(minutes=2)
    assert ids(home.api()) == [fast, slow, never]  # overdue ones stay in front


def test_filters(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy("Mail", channel="email", first_response_time_secs=100)
    api = home.api()
    sales = home.conversation(channel="email", division_id=str(home.sales), message="x")
    chat = home.conversation(channel="webchat")
    done = home.conversation(channel="email", opened_by="agent")
    api.patch(f"{URL}/{done}/status", {"status": "closed"})
    person = home.people["agent"].id
    api.patch(f"{URL}/{chat}/assign", {"agent_id": str(person)})
    for query, expected in {
        "?channel=email": {sales, done},
        f"?division_id={home.sales}": {sales},
        f"?agent_id={person}": {chat},
        "?unassigned=1": {sales, done},
        "?status=closed": {done},
        "?sla=none": {chat},
        "?sla=ok": {sales},
        "?sla=breached": set(),
        "?channel=email&status=open": {sales},
    }.items():
        assert set(ids(api, query)) == expected, query
    clock.forward(seconds=80)
    assert ids(home.api(), "?sla=warning") == [sales]
    clock.forward(seconds=20)
    assert ids(home.api(), "?sla=breached") == [sales]
    assert ids(home.api(), "?sla=warning") == []


@pytest.mark.parametrize(
    ("query", "most"), [("", 7), ("&sort=-created_at", 7), ("&sla=none", 5), ("&channel=email&sort=due", 10)]
)
def test_pages_walk_everything_once(home: House, query: str, most: int) -> None:
    home.conversations(20, channel="webchat")
    home.policy(channel="email")
    home.conversations(20, every=timedelta(seconds=0))
    expected = set(ids(home.api(), f"?limit=200{query}"))
    found, pages = walk(home.api(), f"?limit={most}{query}")
    assert len(found) == len(set(found))
    assert set(found) == expected
    assert pages == -(-len(expected) // most)


def test_limits(home: House) -> None:
    home.conversations(60)
    api = home.api()
    assert len(ids(api)) == 50
    assert len(ids(api, "?limit=1")) == 1
    assert len(ids(api, "?limit=200")) == 60
    assert "Link" not in api.get(f"{URL}?limit=200").headers
    assert "Link" not in api.get(f"{URL}?limit=60").headers


def test_a_cursor_of_another_order_is_refused(home: House) -> None:
    home.conversations(3)
    link = home.api().get(f"{URL}?limit=1&sort=-created_at").headers["Link"]
    found = re.search(r"cursor=([\w-]+)", link)
    assert found
    assert home.api().get(f"{URL}?sort=due&cursor={found[1]}").status_code == 422


def test_a_row_says_where_it_stands(home: House, clock: Clock, browser: Browser) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    policy = home.policy(first_response_time_secs=60)
    id = home.conversation(message="halo", external_id="x-1", subject="Parcel", contact_address="+62 812")
    (row,) = home.api().get(URL).json or []
    assert row["sla_status"] == "ok"
    assert row["due_at"] == "2026-03-02T01:01:00Z"
    assert row["sla"]["policy_id"] == policy["id"]
    assert (row["id"], row["external_id"], row["subject"]) == (id, "x-1", "Parcel")
    assert "agent_id" not in row
    assert home.browser().get("/conversations", JSON).json == home.api().get(URL).json
