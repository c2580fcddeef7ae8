"""The one judge of events: what POST /api/events and JSON Lines may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from omnistream_console.sla.problems import Invalid, Problem
from omnistream_console.work.events import ENGLISH, Event, in_english, validate

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BASE = {"id": "e1", "source": "crm", "conversation": "c1", "at": "2026-03-02T09:30:00+07:00"}
CREATED = {**BASE, "type": "conversation.created", "channel": "whatsapp", "contact_name": "Budi"}
MESSAGE = {**BASE, "type": "message", "sender": "customer", "body": "Halo\nkak"}
STATUS = {**BASE, "type": "status", "status": "pending"}
TRANSFER = {**BASE, "type": "transfer", "division": "Billing"}
ASSIGN = {**BASE, "type": "assign", "agent_email": "sari@example.com"}
VOID = {**BASE, "type": "void", "event": "e0"}


def refusal(raw: object, **options: Any) -> dict[str, list[Problem]]:
    with pytest.raises(Invalid) as refused:
        validate(raw, NOW, **options)
    return refused.value.errors


@pytest.mark.parametrize("raw", [CREATED, MESSAGE, STATUS, TRANSFER, ASSIGN, VOID], ids=lambda raw: raw["type"])
def test_every_type_is_taken_and_its_instant_is_in_utc(raw: dict[str, Any]) -> None:
    event = validate(raw, NOW)
    assert (event.id, event.source, event.conversation, event.type) == ("e1", "crm", "c1", raw["type"])
    assert event.at == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert event.at.tzinfo is UTC


def test_all_fields_of_a_creation() -> None:
    division = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
    raw = {
        **CREATED, "contact_name": "  Budi ", "contact_address": "+62 811", "subject": "Refund",
        "division_id": division, "agent_email": "sari@example.com", "opened_by": "agent", "message": "Halo", "seq": 3,
    }  # fmt: skip
    assert validate(raw, NOW) == Event(
        "crm", "e1", "conversation.created", "c1", datetime(2026, 3, 2, 2, 30, tzinfo=UTC), seq=3,
        contact_name="Budi", contact_address="+62 811", subject="Refund", opened_by="agent", message="Halo",
        channel="whatsapp", division_id=UUID(division), agent_email="sari@example.com",
    )  # fmt: skip


def test_a_conversation_is_the_customers_unless_it_says_otherwise() -> None:
    assert validate(CREATED, NOW).opened_by == "customer"


def test_unassigning_is_said_with_null() -> None:
    event = validate({**BASE, "type": "assign", "agent_id": None}, NOW)
    assert event.agent_id is None
    assert event.agent_email is None


def test_json_knows_no_difference_between_3_and_3_point_0() -> None:
    assert validate({**STATUS, "seq": 3.0}, NOW).seq == 3


@pytest.mark.parametrize(
    ("raw", "field", "code"),
    [
        ([], "", "not_an_object"),
        (None, "", "not_an_object"),
        ({}, "type", "required"),
        ({"type": "chat"}, "type", "unknown_type"),
        ({"type": ["status"]}, "type", "unknown_type"),
        ({k: v for k, v in STATUS.items() if k != "id"}, "id", "required"),
        ({k: v for k, v in STATUS.items() if k != "status"}, "status", "required"),
        ({**STATUS, "id": " "}, "id", "blank"),
        ({**STATUS, "id": "x" * 201}, "id", "too_long"),
        ({**STATUS, "id": 7}, "id", "not_a_string"),
        ({**STATUS, "source": "x" * 101}, "source", "too_long"),
        ({**STATUS, "stauts": "open"}, "stauts", "unknown_field"),
        ({**STATUS, "body": "x"}, "body", "unknown_field"),
        ({**STATUS, "status": "Open"}, "status", "unknown_choice"),
        ({**STATUS, "seq": "1"}, "seq", "not_an_integer"),
        ({**STATUS, "seq": True}, "seq", "not_an_integer"),
        ({**STATUS, "seq": 1.5}, "seq", "not_an_integer"),
        ({**STATUS, "seq": float("nan")}, "seq", "not_an_integer"),
        ({**STATUS, "seq": None}, "seq", "not_an_integer"),
        ({**STATUS, "seq": 2**31}, "seq", "out_of_range"),
        ({**STATUS, "seq": 10**30}, "seq", "out_of_range"),
        ({**STATUS, "at": 1772418600}, "at", "not_an_instant"),
        ({**STATUS, "at": "2026-03-02"}, "at", "not_an_instant"),
        ({**STATUS, "at": "2026-03-02T09:30:00"}, "at", "not_an_instant"),
        ({**STATUS, "at": "2026-02-30T09:30:00Z"}, "at", "not_an_instant"),
        ({**STATUS, "at": "2026-03-02 09:30:00Z"}, "at", "not_an_instant"),
        ({**STATUS, "at": "0001-01-01T00:00:00+12:00"}, "at", "not_an_instant"),
        ({**STATUS, "at": "1969-12-31T23:59:59Z"}, "at", "too_early"),
        ({**STATUS, "at": "2026-03-02T12:05:01Z"}, "at", "in_the_future"),
        ({**MESSAGE, "body": "a\x00b"}, "body", "not_text"),
        ({**MESSAGE, "body": "a\ud800b"}, "body", "not_text"),
        ({**MESSAGE, "body": "x" * 100_001}, "body", "too_long"),
        ({**MESSAGE, "body": None}, "body", "not_a_string"),
        ({**MESSAGE, "sender": "system"}, "sender", "unknown_choice"),
        ({**CREATED, "channel": "WhatsApp"}, "channel", "not_a_channel"),
        ({**CREATED, "channel": "email\n"}, "channel", "not_a_channel"),
        ({**CREATED, "channel": "x" * 41}, "channel", "not_a_channel"),
        ({**CREATED, "contact_name": " "}, "contact_name", "blank"),
        ({**CREATED, "contact_name": "Bu\ndi"}, "contact_name", "not_text"),
        ({**CREATED, "subject": "x" * 501}, "subject", "too_long"),
        ({**CREATED, "division": "x" * 121}, "division", "too_long"),
        ({**CREATED, "division_id": "7"}, "division_id", "not_a_uuid"),
        ({**CREATED, "division": "A", "division_id": "6f9619ff-8b86-4011-b42d-00c04fc964ff"}, "division", "not_both"),
        ({**CREATED, "opened_by": "bot"}, "opened_by", "unknown_choice"),
        ({**BASE, "type": "transfer"}, "division", "nothing_to_do"),
        ({**BASE, "type": "assign"}, "agent_id", "required"),
        ({**ASSIGN, "agent_id": None}, "agent_email", "not_both"),
        ({**VOID, "event": ""}, "event", "blank"),
    ],
)
def test_refusals_name_the_field_and_the_reason(raw: object, field: str, code: str) -> None:
    errors = refusal(raw)
    assert [message.code for message in errors[field]] == [code]
    assert in_english(errors)


def test_five_minutes_ahead_are_the_difference_of_two_clocks() -> None:
    assert validate({**STATUS, "at": "2026-03-02T12:05:00Z"}, NOW).at == NOW + timedelta(minutes=5)


def test_all_errors_are_told_at_once() -> None:
    assert set(refusal({**STATUS, "at": "yesterday", "status": "gone", "foo": 1})) == {"at", "status", "foo"}


def test_an_import_supplies_the_source_and_takes_no_other() -> None:
    bare = {k: v for k, v in STATUS.items() if k != "source"}
    assert validate(bare, NOW, source="crm").source == "crm"
    assert validate(STATUS, NOW, source="crm").source == "crm"
    assert refusal(STATUS, source="desk") == {"source": [Problem("other_source", {"expected": "desk"})]}


def test_the_words_say_what_the_sentence_needs() -> None:
    errors = refusal({**STATUS, "status": "gone"})
    assert in_english(errors) == "status: must be one of: open, pending, resolved, closed"
    assert all(words == words.strip() for words in ENGLISH.values())
