"""Two who make the same at the same moment: the second is told so, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from omnistream_console.store import divisions
from tests.support.web import house


def test_the_second_of_two_is_a_conflict(app_sqlite: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    home = house(app_sqlite)
    consumer = home.api("admin")
    assert consumer.post("/api/divisions", {"name": "Gudang"}).status_code == 201

    def not_seen_yet(*_: Any) -> None:
        return None

    # What the other transaction has not committed yet, the look before the insert cannot see.
    monkeypatch.setattr(divisions, "by_name", not_seen_yet)
    answer = consumer.post("/api/divisions", {"name": "gudang"})
    assert answer.status_code == 409
    assert answer.mimetype == "application/problem+json"
    monkeypatch.undo()
    names = [division["name"] for division in consumer.get("/api/divisions").json]
    assert "Gudang" in names
    assert "gudang" not in names
