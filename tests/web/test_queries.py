"""What stands behind the question mark: refused by name, and harmless on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support.web import FRAGMENT, House, house

BOARD, LEDGER = "conversations", "breaches"
REFUSED = [
    (BOARD, "status", "asleep"),
    (BOARD, "sla", "late"),
    (BOARD, "sort", "name"),
    (BOARD, "division_id", "nowhere"),
    (BOARD, "agent_id", "1"),
    (BOARD, "channel", "\0"),
    (BOARD, "limit", "0"),
    (BOARD, "limit", "201"),
    (BOARD, "limit", "ten"),
    (BOARD, "limit", "-1"),
    (BOARD, "cursor", "made-up"),
    (BOARD, "cursor", "é"),
    (LEDGER, "policy_id", "x"),
    (LEDGER, "clock", "lunch"),
    (LEDGER, "channel", "E-Mail"),
    (LEDGER, "channel", "\0"),
    (LEDGER, "from", "yesterday"),
    (LEDGER, "to", "2026-13-01"),
    (LEDGER, "from", "0001-01-01"),
    (LEDGER, "to", "9999-12-31T23:59:59-14:00"),
    (LEDGER, "include", "everything"),
    (LEDGER, "limit", "1000"),
    (LEDGER, "cursor", "fn4"),
]


@pytest.fixture
def home(app: Flask) -> House:
    return house(app)


def test_queries_that_say_nothing(home: House) -> None:
    api, browser = home.api(), home.browser()
    for noun, key, value in REFUSED:
        query: dict[str, Any] = {key: value}
        answer = api.get(f"/api/{noun}", query_string=query)
        assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), query
        assert answer.json is not None
        assert set(answer.json["errors"]) == {key}
        page = browser.get(f"/{noun}", query_string=query)
        assert (page.status_code, "<html" in page.text) == (422, True), query
        alert = browser.get(f"/{noun}", FRAGMENT, query_string=query)
        assert (alert.status_code, "<html" in alert.text) == (422, False), query


def test_queries_that_find_nothing(home: House) -> None:
    home.conversation()
    api = home.api()
    for noun in (BOARD, LEDGER):
        for key, value in (
            ("channel", "pigeon-post"),
            ("division_id", "01890000-0000-7000-8000-000000000000"),
            ("agent_id", "01890000-0000-7000-8000-000000000000"),
        ):
            answer = api.get(f"/api/{noun}", query_string={key: value})
            assert (answer.status_code, answer.json) == (200, [])
    assert len(api.get("/api/conversations?channel=&status=&limit=&cursor=&unassigned=").json or []) == 1
