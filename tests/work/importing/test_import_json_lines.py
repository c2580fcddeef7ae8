"""JSON Lines end to end, on both databases: events in any order, what waits, what is void."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from omnistream_console.store import agents
from omnistream_console.work.importing.run import import_file
from tests.work.importing.bringing import NOW, bring_lines, state

CREATED = {
    "id": "1", "type": "conversation.created", "conversation": "A", "at": "2026-03-02T09:00:00Z", "channel": "email",
    "contact_name": "Budi", "division": "Billing", "message": "Halo", "agent_email": "sari@example.com",
}  # fmt: skip
REPLY = {
    "id": "2", "type": "message", "conversation": "A", "at": "2026-03-02T09:10:00Z", "sender": "agent", "body": "Hai",
    "agent_email": "SARI@example.com",
}  # fmt: skip
CLOSED = {"id": "3", "type": "status", "conversation": "A", "at": "2026-03-02T09:30:00Z", "status": "closed"}
VOID = {"id": "4", "type": "void", "conversation": "A", "at": "2026-03-02T09:31:00Z", "event": "3"}


def test_json_lines(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_lines(app, tmp_path, [CLOSED, CREATED, REPLY])
    assert (summary.accepted, summary.opened, summary.divisions) == (3, 1, ["Billing"])
    found = state(app)
    with app.app_context():
        sari = agents.by_email(acme, "sari@example.com")
    assert [(f[1], f[2], f[7], f[8], f[9]) for f in found["facts"]] == [
        ("1", "created", None, None, None),
        ("1/assigned", "assignment", None, sari, None),
        ("1/message", "customer_message", "Halo", None, None),
        ("2", "agent_reply", "Hai", None, sari),
        ("3", "status", None, None, None),
    ]
    assert found["conversations"][0][3] == sari
    assert [(k[1], k[3]) for k in found["clocks"]] == [("first_response", "met"), ("resolution", "met")]


def test_events_wait_for_their_conversation(app: Flask, acme: UUID, tmp_path: Path) -> None:
    first = bring_lines(app, tmp_path, [VOID, REPLY, CLOSED])
    assert (first.accepted, first.waiting, first.opened) == (3, 3, 0)
    again = bring_lines(app, tmp_path, [VOID, REPLY, CLOSED])
    assert (again.accepted, again.duplicate) == (0, 3)
    bring_lines(app, tmp_path, [CREATED])
    found = state(app)
    assert found["waiting"] == []
    assert [(f[1], f[10]) for f in found["facts"] if f[10]] == [("3", NOW)]
    assert [(c[6], c[10]) for c in found["conversations"]] == [("open", "agent")]


@pytest.mark.parametrize("cut", range(5))
def test_events_in_any_order_and_any_number_of_files_end_the_same(
    app: Flask, acme: UUID, tmp_path: Path, cut: int
) -> None:
    events = [{**event, "seq": n} for n, event in enumerate([CREATED, REPLY, CLOSED, VOID])]
    random.Random(cut).shuffle(events)
    for some in filter(None, (events[:cut], events[cut:])):
        bring_lines(app, tmp_path, some)
    found = state(app)
    assert found["waiting"] == []
    assert [(k[1], k[3], k[5]) for k in found["clocks"]] == [
        ("first_response", "met", datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
        ("resolution", "running", datetime(2026, 3, 2, 10, 0, tzinfo=UTC)),
    ]
    # where the reply was heard of last, its wait stood as a breach for a while, and is retracted
    assert [(b[1], b[2]) for b in found["breaches"] if b[4] is None] == [
        ("resolution", datetime(2026, 3, 2, 10, 0, tzinfo=UTC))
    ]
    assert [(c[6], c[9]) for c in found["conversations"]] == [("open", datetime(2026, 3, 2, 9, 10, tzinfo=UTC))]


def test_a_conversation_with_a_line_that_cannot_be_taken_is_refused_whole(
    app: Flask, acme: UUID, tmp_path: Path
) -> None:
    bring_lines(app, tmp_path, [CREATED])
    before = state(app)
    summary = bring_lines(app, tmp_path, [{**CREATED, "id": "9"}, REPLY])
    assert summary.refused == [
        (1, "conversation: was created before, by another event"),
        (2, "another row of its conversation is refused: conversation: was created before, by another event"),
    ]
    assert state(app) == before


def test_the_same_events_under_another_source_are_other_events(app: Flask, acme: UUID, tmp_path: Path) -> None:
    bring_lines(app, tmp_path, [CREATED, REPLY])
    path = tmp_path / "events.jsonl"
    with app.app_context():
        summary = import_file(path, "Acme", "other", now=NOW)
    assert (summary.accepted, summary.opened) == (2, 1)


def test_an_id_that_another_conversation_of_the_source_has_is_a_duplicate(
    app: Flask, acme: UUID, tmp_path: Path
) -> None:
    bring_lines(app, tmp_path, [CREATED, REPLY])
    summary = bring_lines(app, tmp_path, [{**CREATED, "id": "10", "conversation": "B"}, {**REPLY, "conversation": "B"}])
    assert (summary.accepted, summary.duplicate, summary.opened) == (1, 1, 1)


def test_voiding_a_reply_starts_the_wait_again(app: Flask, acme: UUID, tmp_path: Path) -> None:
    bring_lines(app, tmp_path, [CREATED, REPLY])
    void = {**VOID, "event": "2"}
    assert bring_lines(app, tmp_path, [void]).accepted == 1
    assert [(k[1], k[3]) for k in state(app)["clocks"]] == [("first_response", "running"), ("resolution", "running")]
    assert state(app)["conversations"][0][10] == "customer"
    assert bring_lines(app, tmp_path, [void]).duplicate == 1
    for wrong in ({**VOID, "id": "5", "event": "1"}, {**VOID, "id": "6", "conversation": "B", "event": "2"}):
        assert len(bring_lines(app, tmp_path, [wrong]).refused) == 1
