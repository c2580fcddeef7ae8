"""The live board: counters and rows, groups, filters in the address, the poll and its validator."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event
from werkzeug.test import TestResponse

from omnistream_console.store import workers
from omnistream_console.store.database import db, transaction, utc_now
from tests.support.clock import Clock
from tests.support.web import FRAGMENT, PAGE, Browser, House

COUNTERS = ("breached", "warning", "ok", "paused", "none", "unassigned")


def counters(page: TestResponse) -> dict[str, int]:
    return {key: int(number) for key, number in re.findall(r'data-counter="(\w+)"[^>]*>(\d+)<', page.text)}


def rows(page: TestResponse) -> list[str]:
    return re.findall(r'data-conversation="([^"]+)"', page.text)


def group(page: TestResponse, key: str) -> list[str]:
    found = re.search(rf'id="group-{key}".*?</section>', page.text, re.DOTALL)
    return re.findall(r'data-conversation="([^"]+)"', found[0]) if found else []


def link_to_next(page: TestResponse) -> str | None:
    found = re.search(r'href="(/conversations\?[^"]*cursor=[^"]+)"', page.text)
    return unescape(found[1]) if found else None


@pytest.fixture
def mixed(home: House, clock: Clock) -> dict[str, str]:
    """One conversation in each state, at 08:10 of a Monday in Jakarta."""
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy("Mail", channel="email", first_response_time_secs=900, resolution_time_secs=7200)
    api = home.api()
    found = {
        "breached": home.conversation(channel="email", message="late", created_at="2026-03-02T00:50:00Z"),
        "warning": home.conversation(channel="email", message="soon", created_at="2026-03-02T00:57:00Z"),
        "ok": home.conversation(channel="email", message="fine"),
        "paused": home.conversation(channel="email", message="hm"),
        "none": home.conversation(channel="webchat", message="who cares"),
        "ended": home.conversation(channel="email", message="done"),
    }
    clock.forward(minutes=1)
    api.post(f"/api/conversations/{found['paused']}/messages", {"sender": "agent", "body": "And you?"})
    api.patch(f"/api/conversations/{found['paused']}/status", {"status": "pending"})
    api.patch(f"/api/conversations/{found['ended']}/status", {"status": "resolved"})
    api.post(f"/api/conversations/{found['ok']}/takeover")
    clock.freeze("2026-03-02T01:10:00Z")
    return found


def test_counters_equal_rows(home: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    page = browser.get("/conversations")
    assert page.status_code == 200
    assert counters(page) == {"breached": 1, "warning": 1, "ok": 1, "paused": 1, "none": 1, "unassigned": 4}
    assert rows(page) == [mixed[key] for key in ("breached", "warning", "ok", "paused", "none")]
    for key in COUNTERS[:5]:
        only = browser.get(f"/conversations?sla={key}")
        assert rows(only) == [mixed[key]], key
        assert counters(only) == counters(page)
    assert set(rows(browser.get("/conversations?unassigned=1"))) == {*mixed.values()} - {mixed["ok"], mixed["ended"]}
    assert rows(browser.get("/conversations?status=resolved")) == [mixed["ended"]]
    assert rows(browser.get("/conversations?status=pending")) == [mixed["paused"]]


def test_groups(home: House, mixed: dict[str, str]) -> None:
    page = home.browser().get("/conversations")
    assert group(page, "overdue") == [mixed["breached"]]
    assert group(page, "due") == [mixed["warning"], mixed["ok"]]
    assert group(page, "paused") == [mixed["paused"]]
    assert group(page, "none") == [mixed["none"]]


def test_a_badge_says_what_the_api_says(home: House, mixed: dict[str, str]) -> None:
    page = home.browser().get("/conversations")
    for key in ("breached", "warning", "ok", "paused"):
        (row,) = re.findall(rf'data-conversation="{mixed[key]}".*?</li>', page.text, re.DOTALL)
        sla = home.api().get(f"/api/conversations/{mixed[key]}/sla").json
        assert sla is not None
        shown = {
            clock: (status, state)
            for clock, status, state in re.findall(
                r'data-clock="(\w+)"\s+data-status="(\w+)"\s+data-state="(\w+)"', row
            )
        }
        assert shown["first_response"] == (sla["frt_status"], sla["frt_state"])
        assert shown["resolution"] == (sla["resolution_status"], sla["resolution_state"])


def test_filters_stay_in_the_address(home: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    page = browser.get(f"/conversations?channel=email&division_id={home.sales}")
    assert rows(page) == []
    assert "Nothing matches these filters" in page.text
    moved = {"division_id": str(home.sales)}
    home.api().post(f"/api/conversations/{mixed['ok']}/transfer", moved)
    query = f"channel=email&division_id={home.sales}"
    page = browser.get(f"/conversations?{query}")
    assert rows(page) == [mixed["ok"]]
    assert counters(page)["ok"] == 1
    assert counters(page)["breached"] == 0
    links = [unescape(link) for link in re.findall(r'id="counter-\w+"[^>]*href="([^"]+)"', page.text)]
    assert len(links) == 6
    assert all(f"channel=email&division_id={home.sales}" in link for link in links)
    mine = browser.get(f"/conversations?agent_id={home.people['supervisor'].id}")
    assert rows(mine) == [mixed["ok"]]


def test_groups_fold_and_unfold(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy(first_response_time_secs=60)
    late = home.conversations(23, every=timedelta(seconds=1))
    clock.forward(minutes=5)
    fresh = home.conversations(3)
    browser = home.browser()
    page = browser.get("/conversations")
    assert group(page, "due") == fresh[::-1]
    assert group(page, "overdue") == late[:10]
    assert counters(page)["breached"] == 23
    assert "/conversations?sla=breached" in page.text
    assert rows(browser.get("/conversations?sla=breached")) == late


def walk(browser: Browser, path: str) -> list[str]:
    """Every row of every page."""
    found: list[str] = []
    pages = 0
    where: str | None = path
    while where:
        page = browser.get(where)
        assert page.status_code == 200
        found += rows(page)
        where = link_to_next(page)
        pages += 1
        assert pages < 10
    return found


@pytest.mark.parametrize("query", ["", "?sla=breached", "?sla=none", "?sort=-created_at", "?status=resolved"])
def test_pages_walk_everything_once(home: House, clock: Clock, query: str) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    if query != "?sla=none":
        home.policy(first_response_time_secs=3600)
    ids = home.conversations(120, every=timedelta(seconds=0) if query == "" else timedelta(seconds=1))
    if query == "?sla=breached":
        clock.forward(hours=2)
    if query == "?status=resolved":
        for id in ids[:60]:
            home.api().patch(f"/api/conversations/{id}/status", {"status": "resolved"})
        ids = ids[:60]
    found = walk(home.browser(), f"/conversations{query}")
    assert len(found) == len(set(found))
    assert set(found) == set(ids)


# The poll


def poll(browser: Browser, etag: str | None, path: str = "/conversations", **headers: str) -> TestResponse:
    return browser.get(path, FRAGMENT, headers={**({"If-None-Match": etag} if etag else {}), **headers})


def test_the_fragment_is_the_page_without_its_frame(home: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    fragment = poll(browser, None)
    assert fragment.status_code == 200
    assert "<html" not in fragment.text
    assert fragment.text.strip().startswith("<div")
    assert rows(fragment) == rows(browser.get("/conversations"))


def test_unchanged_is_304_without_a_body(home: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    first = poll(browser, None)
    etag = first.headers["ETag"]
    again = poll(browser, etag)
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == etag
    assert again.headers["Cache-Control"] == "private, no-cache"
    assert poll(browser, etag.removeprefix("W/")).status_code == 304
    assert poll(browser, '"other"').status_code == 200
    assert poll(browser, etag, "/conversations?channel=email").status_code == 200
    # A page says some things once (a message, a form's token) and is drawn anew.
    page = browser.get("/conversations", PAGE, headers={"If-None-Match": etag})
    assert page.status_code == 200
    assert "ETag" not in page.headers


def test_every_write_changes_the_validator(home: House, clock: Clock, mixed: dict[str, str]) -> None:
    browser, api = home.browser(), home.api()
    etag = poll(browser, None).headers["ETag"]
    url = f"/api/conversations/{mixed['ok']}"
    new = {"channel": "email", "contact_name": "New"}
    writes: list[Any] = [
        home.sweep,
        lambda: api.post("/api/conversations", new),
        lambda: api.post(f"{url}/messages", {"sender": "customer", "body": "Halo?"}),
        lambda: api.post(f"{url}/messages", {"sender": "note", "body": "Hm"}),
        lambda: api.patch(f"{url}/status", {"status": "pending"}),
        lambda: api.patch(f"{url}/assign", {"agent_id": None}),
        lambda: api.post(f"{url}/takeover"),
        lambda: api.post(f"{url}/transfer", {"channel": "webchat"}),
        lambda: api.post("/api/sla-policies", {"name": "Another", "priority": 9}),
        lambda: api.post(
            "/api/events",
            [
                {
                    "id": "1",
                    "source": "crm",
                    "type": "conversation.created",
                    "conversation": "c1",
                    "at": "2026-03-02T01:00:00Z",
                    "channel": "email",
                    "contact_name": "Told",
                }
            ],
        ),
    ]
    for number, write in enumerate(writes):
        done = write()
        assert done is None or done.status_code < 300, done.text
        changed = poll(browser, etag)
        assert changed.status_code == 200, number
        etag = changed.headers["ETag"]
        assert poll(browser, etag).status_code == 304, number


def test_a_strangers_write_changes_nothing(home: House, stranger: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    etag = poll(browser, None).headers["ETag"]
    stranger.conversation(message="halo")
    assert poll(browser, etag).status_code == 304


def test_passing_instants_change_the_validator(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy(first_response_time_secs=100, warning_threshold_pct=80, resolution_time_secs=7200)
    home.conversation(message="halo")
    browser = home.browser()
    seen = []
    etag = None
    for second in (0, 79, 80, 81, 99, 100, 101, 600):
        clock.freeze("2026-03-02T01:00:00Z")
        clock.forward(seconds=second)
        answer = poll(browser, etag)
        etag = answer.headers["ETag"]
        seen.append((second, answer.status_code))
    assert seen == [(0, 200), (79, 304), (80, 200), (81, 304), (99, 304), (100, 200), (101, 304), (600, 304)]


def test_each_language_has_its_own(home: House, mixed: dict[str, str]) -> None:
    browser = home.browser()
    english = poll(browser, None, **{"Accept-Language": "en"})
    indonesian = poll(browser, english.headers["ETag"], **{"Accept-Language": "id"})
    assert indonesian.status_code == 200
    assert english.text != indonesian.text
    assert poll(browser, indonesian.headers["ETag"], **{"Accept-Language": "id"}).status_code == 304
    browser.submit("/language", {"locale": "id", "next": "/conversations"})
    assert poll(browser, english.headers["ETag"], **{"Accept-Language": "en"}).status_code == 200


def test_a_worker_that_stalls_is_told(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    browser = home.browser()
    silent = poll(browser, None)
    assert "breaches are not being recorded" in silent.text
    with home.app.app_context(), transaction():
        workers.beat("here", utc_now(), utc_now())
    swept = poll(browser, silent.headers["ETag"])
    assert swept.status_code == 200
    assert "breaches are not being recorded" not in swept.text
    clock.forward(seconds=14)
    assert poll(browser, swept.headers["ETag"]).status_code == 304
    clock.forward(seconds=3)
    stalled = poll(browser, swept.headers["ETag"])
    assert stalled.status_code == 200
    assert "breaches are not being recorded" in stalled.text


def test_an_empty_board_says_how_to_begin(home: House) -> None:
    page = home.browser().get("/conversations")
    assert "No conversations yet" in page.text
    assert counters(page) == dict.fromkeys(COUNTERS, 0)


def queries(home: House, browser: Browser, path: str, kind: str = PAGE) -> int:
    """How many statements an answer takes."""
    seen: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    with home.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", listen)
    try:
        assert browser.get(path, kind).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", listen)
    return len(seen)


def test_the_cost_does_not_grow_with_the_rows(home: House) -> None:
    home.policy()
    browser = home.browser()
    counts = []
    for more in (10, 190):
        home.conversations(more)
        browser.get("/conversations")
        counts.append([queries(home, browser, "/conversations", kind) for kind in (PAGE, FRAGMENT)])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 12
