"""What `POST /api/events` does with its events, on both databases."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from omnistream_console.sla.problems import Problem
from omnistream_console.store import agents, divisions, organizations
from omnistream_console.store.conversations import ConversationRow
from omnistream_console.store.database import db, transaction
from omnistream_console.store.timeline import FactRow, WaitingEventRow
from omnistream_console.work.importing.taking import Answer, take_events

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def created(id: str = "1", conversation: str = "A", **told: Any) -> dict[str, Any]:
    return {
        "id": id, "source": "crm", "type": "conversation.created", "conversation": conversation,
        "at": "2026-03-02T09:00:00Z", "channel": "email", "contact_name": "Budi", **told,
    }  # fmt: skip


def status(
    id: str, status: str, conversation: str = "A", at: str = "2026-03-02T09:30:00Z", **told: Any
) -> dict[str, Any]:
    return {
        "id": id, "source": "crm", "type": "status", "conversation": conversation, "at": at, "status": status, **told,
    }  # fmt: skip


@pytest.fixture
def acme(app: Flask) -> UUID:
    with app.app_context(), transaction():
        organization = organizations.create("Acme", "Asia/Jakarta", NOW)
        divisions.create(organization.id, "Billing", NOW)
        agents.create(organization.id, email="sari@example.com", name="Sari", role="agent", now=NOW)
        other = organizations.create("Other", "Asia/Jakarta", NOW)
        divisions.create(other.id, "Sales", NOW)
    return organization.id


def take(app: Flask, organization_id: UUID, *raws: object) -> Answer:
    with app.app_context():
        return take_events(organization_id, raws, NOW)


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return db.session.execute(select(func.count()).select_from(model)).scalar_one()


def row(app: Flask) -> ConversationRow:
    with app.app_context():
        return db.session.execute(select(ConversationRow)).scalar_one()


def test_events_are_counted_and_the_refused_named_by_their_index(app: Flask, acme: UUID) -> None:
    answer = take(
        app, acme,
        created(), created(), 7, status("2", "gone"), status("3", "pending"), created("4", division="Sales"),
        created("5", "B", agent_email="nobody@example.com"), created("6", "C", division="billing"),
    )  # fmt: skip
    assert (answer.accepted, answer.duplicate) == (3, 1)
    assert [index for index, _ in answer.refused] == [2, 3, 5, 6]
    errors = dict(answer.refused)
    assert errors[5] == {"division": [Problem("unknown_division")]}
    assert errors[6] == {"agent_email": [Problem("unknown_agent")]}
    assert count(app, ConversationRow) == 2


def test_one_refused_event_keeps_no_other_of_its_conversation_back(app: Flask, acme: UUID) -> None:
    take(app, acme, created(), status("2", "gone"), status("3", "pending"))
    assert row(app).status == "pending"


def test_the_ids_of_another_organization_do_not_exist(app: Flask, acme: UUID) -> None:
    with app.app_context():
        other = organizations.by_name("Other")
        assert other is not None
        sales = divisions.of(other.id)[0].id
    assert [e for _, e in take(app, acme, created(division_id=str(sales))).refused] == [
        {"division_id": [Problem("unknown_division")]}
    ]


def test_a_second_creation_is_refused(app: Flask, acme: UUID) -> None:
    assert take(app, acme, created()).accepted == 1
    answer = take(app, acme, created("9", channel="webchat"))
    assert answer.refused == [(0, {"conversation": [Problem("already_created")]})]
    assert row(app).channel == "email"


def test_the_position_orders_what_happened_at_one_instant(app: Flask, acme: UUID) -> None:
    take(app, acme, created(), status("2", "resolved"), status("3", "open"))
    assert row(app).status == "open"
    take(app, acme, status("5", "closed", seq=20), status("4", "pending", seq=10))
    assert row(app).status == "closed"


def test_external_ids_are_unique_within_a_source(app: Flask, acme: UUID) -> None:
    assert take(app, acme, created(), created(source="desk")).accepted == 2
    assert count(app, ConversationRow) == 2


def test_what_waits_is_heard_of_when_it_came(app: Flask, acme: UUID) -> None:
    take(app, acme, status("2", "pending"), status("2", "pending"))
    assert count(app, WaitingEventRow) == 1
    with app.app_context():
        answer = take_events(acme, [created()], NOW + timedelta(hours=1))
    assert answer.accepted == 1
    assert count(app, WaitingEventRow) == 0
    with app.app_context():
        heard = dict(db.session.execute(select(FactRow.kind, FactRow.heard_at)).all())
    assert heard == {"created": NOW + timedelta(hours=1), "status": NOW}
    assert row(app).status == "pending"
    assert take(app, acme, status("2", "pending")).duplicate == 1


def test_an_assignment_and_its_end(app: Flask, acme: UUID) -> None:
    give = {
        "id": "2", "source": "crm", "type": "assign", "conversation": "A", "at": "2026-03-02T09:10:00Z",
        "agent_email": "Sari@example.com",
    }  # fmt: skip
    take(app, acme, created(), give)
    with app.app_context():
        assert row(app).agent_id == agents.by_email(acme, "sari@example.com")
    # an older one heard late changes nothing of who has it
    take(app, acme, {**give, "id": "3", "at": "2026-03-02T09:05:00Z", "agent_email": None})
    assert row(app).agent_id is not None
    take(app, acme, {**give, "id": "4", "at": "2026-03-02T09:15:00Z", "agent_email": None})
    assert row(app).agent_id is None


def test_a_transfer_by_name(app: Flask, acme: UUID) -> None:
    move = {
        "id": "2", "source": "crm", "type": "transfer", "conversation": "A", "at": "2026-03-02T09:10:00Z",
        "division": "Billing", "channel": "webchat", "note": "money",
    }  # fmt: skip
    take(app, acme, created())
    take(app, acme, move)
    with app.app_context():
        assert row(app).division_id == divisions.of(acme)[0].id
    assert row(app).channel == "webchat"


def test_the_same_events_from_many_at_once_are_taken_once(app: Flask, acme: UUID) -> None:
    events = [
        created("1"),
        status("2", "pending"),
        created("3", "B"),
        status("4", "resolved", "B"),
        status("5", "open", "C"),
    ]
    answers: list[Answer] = []
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def post() -> None:
        try:
            with app.app_context():
                start.wait()
                answers.append(take_events(acme, events, NOW))
                db.session.remove()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(app, ConversationRow) == 2
    assert count(app, FactRow) == 4
    assert count(app, WaitingEventRow) == 1
    assert sum(answer.accepted for answer in answers) >= 5
    assert all(answer.accepted + answer.duplicate == 5 for answer in answers)
