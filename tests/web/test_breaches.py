"""The ledger of breaches: filters, periods, pages, and the same rows as CSV."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.clock import Clock
from tests.support.web import FRAGMENT, JSON, House

URL = "/api/breaches"


@pytest.fixture
def ledger(home: House, clock: Clock) -> dict[str, str]:
    """Four breaches around a midnight in Jakarta (17:00 UTC). Returns the ids of their conversations."""
    clock.freeze("2026-03-01T16:00:00Z")
    mail = home.policy("Mail", channel="email", first_response_time_secs=5400, resolution_time_secs=9000)
    home.policy("Chat", channel="webchat", first_response_time_secs=3000, resolution_time_secs=36000)
    found = {
        "mail": home.conversation(channel="email", message="a", division_id=str(home.sales), contact_name="=1+1"),
        "chat": home.conversation(channel="webchat", message="a", contact_name="Ayu", subject='@SUM("a",\n"b")'),
        "policy": str(mail["id"]),
    }
    home.api().patch(f"/api/conversations/{found['chat']}/assign", {"agent_id": str(home.people["agent"].id)})
    clock.freeze("2026-03-01T19:00:00Z")
    home.sweep()
    return found


def rows(answer: TestResponse) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    return [(row["conversation_id"], row["breach_type"]) for row in answer.json or []]


def in_page(page: TestResponse) -> list[str]:
    assert page.status_code == 200
    return re.findall(r'data-breach="([^"]+)"', page.text)


def in_csv(answer: TestResponse) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_the_newest_first(home: House, ledger: dict[str, str]) -> None:
    mail, chat = ledger["mail"], ledger["chat"]
    answer = home.api().get(URL)
    assert rows(answer) == [(mail, "resolution"), (mail, "first_response"), (chat, "first_response")]
    newest = answer.json[0]
    assert newest["policy_name"] == "Mail"
    assert newest["breached_at"] == "2026-03-01T18:30:00Z"
    assert newest["detected_at"] == "2026-03-01T19:00:00Z"
    assert (newest["threshold_secs"], newest["actual_secs"]) == (9000, 10_800)
    assert newest["division_id"] == str(home.sales)
    assert "agent_id" not in newest
    assert answer.json[2]["agent_id"] == str(home.people["agent"].id)


def test_filters_in_every_representation(home: House, ledger: dict[str, str]) -> None:
    mail, chat = ledger["mail"], ledger["chat"]
    m1, m2, c1 = (mail, "first_response"), (mail, "resolution"), (chat, "first_response")
    api, browser = home.api(), home.browser()
    whole = {(row["conversation_id"], row["breach_type"]): row["id"] for row in api.get(URL).json or []}
    for query, expected in {
        "": [m2, m1, c1],
        f"policy_id={ledger['policy']}": [m2, m1],
        "clock=first_response": [m1, c1],
        "clock=next_response": [],
        "channel=webchat": [c1],
        f"division_id={home.sales}": [m2, m1],
        f"division_id={home.support}": [],
        f"agent_id={home.people['agent'].id}": [c1],
        "from=2026-03-02": [m2, m1],  # midnight in Jakarta, 17:00 UTC
        "to=2026-03-01": [c1],
        "from=2026-03-02&to=2026-03-02": [m2, m1],
        "from=2026-03-01T17:30:00Z": [m2, m1],
        "from=2026-03-01T17:30:01Z": [m2],
        "to=2026-03-01T17:30:00Z": [c1],
        "to=2026-03-01T17:30:01Z&from=2026-03-01": [m1, c1],
        "from=2026-03-02T01:30:00%2B07:00": [m2],
        "include=retracted,next_response": [m2, m1, c1],
        "clock=first_response&channel=email&from=2026-03-02": [m1],
    }.items():
        ids = [whole[row] for row in expected]
        assert rows(api.get(f"{URL}?{query}")) == expected, query
        assert in_page(browser.get(f"/breaches?{query}")) == ids, query
        assert in_page(browser.get(f"/breaches?{query}", FRAGMENT)) == ids, query
        assert [row["id"] for row in in_csv(browser.get(f"/breaches.csv?{query}"))] == ids, query


def test_the_csv_is_the_list(home: House, ledger: dict[str, str]) -> None:
    browser = home.browser()
    listed = browser.get("/breaches", JSON).json or []
    table = in_csv(browser.get("/breaches.csv"))
    assert len(table) == len(listed) == 3
    for row, breach in zip(table, listed, strict=True):
        for key in ("id", "conversation_id", "sla_policy_id", "breach_type", "breached_at", "detected_at", "channel"):
            assert row[key] == breach[key]
        assert row["policy"] == breach["policy_name"]
        assert int(row["threshold_secs"]) == breach["threshold_secs"]
        assert int(row["actual_secs"]) == breach["actual_secs"]
        assert int(row["over_secs"]) == breach["actual_secs"] - breach["threshold_secs"]
        assert row["retracted_at"] == ""
    assert table[0]["division"] == "Sales"
    assert table[2]["agent"] == home.people["agent"].name


def test_a_spreadsheet_runs_nothing(home: House, ledger: dict[str, str]) -> None:
    table = in_csv(home.browser().get("/breaches.csv"))
    assert table[0]["contact_name"] == "'=1+1"
    assert table[2]["subject"] == '\'@SUM("a",\n"b")'
    for row in table:
        assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for value in row.values())


def test_retracted_ones_are_left_out_unless_asked(home: House, ledger: dict[str, str]) -> None:
    chat = ledger["chat"]
    in_time = {"sender": "agent", "body": "I was there", "at": "2026-03-01T16:10:00Z"}
    assert home.api().post(f"/api/conversations/{chat}/messages", in_time).status_code == 201
    api, browser = home.api(), home.browser()
    assert (chat, "first_response") not in rows(api.get(URL))
    asked = api.get(f"{URL}?include=retracted").json or []
    (retracted,) = [row for row in asked if row["conversation_id"] == chat]
    assert retracted["retracted_at"] == "2026-03-01T19:00:00Z"
    assert len(in_page(browser.get("/breaches"))) == 2
    page = browser.get("/breaches?include=retracted")
    assert len(in_page(page)) == 3
    assert "Retracted" in page.text
    (row,) = [row for row in in_csv(browser.get("/breaches.csv?include=retracted")) if row["conversation_id"] == chat]
    assert row["retracted_at"] == "2026-03-01T19:00:00Z"
    now = api.get(f"/api/conversations/{chat}/sla").json
    assert now is not None
    assert now["frt_status"] == "ok"


def test_a_running_breach_grows_until_its_clock_stops(home: House, ledger: dict[str, str], clock: Clock) -> None:
    def took() -> int:
        (row,) = home.api().get(f"{URL}?channel=webchat").json or []
        return int(row["actual_secs"])

    assert took() == 10_800
    clock.forward(minutes=10)
    assert took() == 11_400
    home.api().post(f"/api/conversations/{ledger['chat']}/messages", {"sender": "agent", "body": "Sorry"})
    clock.forward(minutes=10)
    assert took() == 11_400


def walk(home: House, where: str) -> list[str]:
    found: list[str] = []
    while where:
        answer = home.api().get(where)
        found += [row["id"] for row in answer.json or []]
        link = re.fullmatch(r'<http://localhost(.*)>; rel="next"', answer.headers.get("Link", ""))
        where = link[1] if link else ""
    return found


def test_pages_walk_everything_once(home: House, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home.policy(first_response_time_secs=60)
    home.conversations(123)
    clock.forward(minutes=30)
    home.sweep()
    whole = walk(home, f"{URL}?limit=200")
    assert len(whole) == len(set(whole)) == 123
    assert walk(home, f"{URL}?limit=50") == walk(home, URL) == whole
    assert walk(home, f"{URL}?limit=41&clock=first_response&include=retracted&include=next_response") == whole
    assert home.api().get(f"{URL}?limit=123").headers.get("Link") is None

    browser = home.browser()
    found: list[str] = []
    where: str | None = "/breaches?clock=first_response"
    while where:
        page = browser.get(where)
        found += in_page(page)
        assert "123" in page.text
        link = re.search(r'href="(/breaches\?[^"]*cursor=[^"]+)"', page.text)
        where = unescape(link[1]) if link else None
        assert where is None or "clock=first_response" in where
    assert found == whole
    table = in_csv(browser.get("/breaches.csv?limit=10"))
    assert [row["id"] for row in table] == whole


def test_a_policys_own_list(home: House, ledger: dict[str, str]) -> None:
    answer = home.api().get(f"/api/sla-policies/{ledger['policy']}/breaches")
    assert rows(answer) == [(ledger["mail"], "resolution"), (ledger["mail"], "first_response")]
    page = home.browser().get(f"/sla-policies/{ledger['policy']}/breaches")
    assert in_page(page) == [row["id"] for row in answer.json or []]


def test_a_row_leads_to_its_conversation(home: House, ledger: dict[str, str]) -> None:
    page = home.browser().get("/breaches")
    for key in ("mail", "chat"):
        assert f'href="/conversations/{ledger[key]}"' in page.text
    assert "=1+1" in page.text


def test_strangers_see_nothing(home: House, stranger: House, ledger: dict[str, str]) -> None:
    assert stranger.api().get(URL).json == []
    assert stranger.api().get(f"{URL}?policy_id={ledger['policy']}").json == []
    assert in_csv(stranger.browser().get("/breaches.csv")) == []


def test_nothing_yet(home: House) -> None:
    browser: Any = home.browser()
    assert in_page(browser.get("/breaches")) == []
    assert in_csv(browser.get("/breaches.csv")) == []
    assert home.api().get(URL).json == []
