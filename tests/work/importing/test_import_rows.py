"""Rows to events: both kinds of tables, every reason to refuse, and what falls with a refused row."""

from __future__ import annotations

import csv
import io
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnistream_console.work.events import Event
from omnistream_console.work.importing import mapping, rows
from omnistream_console.work.importing.groups import Gathered
from omnistream_console.work.importing.mapping import Mapping
from omnistream_console.work.importing.reading import Record

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[3] / "examples" / "mappings"
INCIDENTS = mapping.load(EXAMPLES / "servicenow-incidents.toml")
HEAD = "number,incident_state,sys_mod_count,opened_at,sys_updated_at,contact_type,priority,caller_id,u_symptom"
NATIVE = ",".join(mapping.NATIVE)


def table(text: str, by: Mapping | None = None) -> Gathered:
    header, *cells = list(csv.reader(io.StringIO(text)))
    records = iter([Record(number, number + 1, row) for number, row in enumerate(cells, 1)])
    return rows.gather(header, records, by or mapping.native(header), "desk", NOW)


def incidents(*rows: str) -> Gathered:
    return table("\n".join([HEAD, *rows]), INCIDENTS)


def conversations(*rows: str) -> Gathered:
    return table("\n".join([NATIVE, *rows]))


def facts(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(event.type, f"{event.at:%d %H:%M}", event.status or event.sender or event.agent_email) for event in events]


# One row an update


def test_an_incident_is_created_by_its_earliest_row_and_moves_with_the_others() -> None:
    gathered = incidents(
        "INC7,Closed,2,1/8/2016 09:00,3/8/2016 09:00,Email,2 - High,Caller 1,Symptom 1",
        "INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3 - Moderate,Caller 7,?",
        "INC7,Active,1,1/8/2016 09:00,1/8/2016 9:05,?,3 - Moderate,Caller 7,Symptom 1",
    )
    assert not gathered.refusals
    created, *updates = gathered.groups["INC7"]
    assert (created.id, created.channel, created.division, created.contact_name, created.subject) == (
        "INC7/created", "phone", "3 - Moderate", "Caller 7", None,
    )  # fmt: skip
    assert (created.at, created.opened_by) == (datetime(2016, 8, 1, 12, 0, tzinfo=UTC), "customer")
    assert facts(updates) == [
        ("status", "03 12:00", "closed"), ("status", "01 12:05", "open"), ("status", "01 12:05", "open"),
    ]  # fmt: skip
    assert [(event.seq, event.position, event.channel, event.division) for event in updates] == [
        (2, 1, "email", "2 - High"), (0, 2, "phone", "3 - Moderate"), (1, 3, None, "3 - Moderate"),
    ]  # fmt: skip
    assert len({event.id for event in gathered.groups["INC7"]}) == 4


def test_an_update_that_says_open_may_stand_before_the_opening() -> None:
    gathered = incidents("INC7,New,0,1/8/2016 09:00,1/8/2016 08:00,Phone,3 - Moderate,Caller 7,?")
    assert facts(gathered.groups["INC7"]) == [
        ("conversation.created", "01 12:00", None), ("status", "01 11:00", "open"),
    ]  # fmt: skip


def test_columns_that_nothing_is_taken_from_are_named() -> None:
    gathered = table(HEAD + ",made_sla\nINC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller,?,true", INCIDENTS)
    assert gathered.ignored == ["made_sla"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3 - Moderate,Caller", "the row has 8 cells, the header has 9"),
        ("?,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?", "conversation (column “number”) is missing"),
        ("INC7,?,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?", "status (column “incident_state”) is missing"),
        ("INC7,New,0,1/8/2016 09:00,?,Phone,3,Caller 7,?", "at (column “sys_updated_at”) is missing"),
        ("INC7,New,0,?,1/8/2016 9:05,Phone,3,Caller 7,?", "created_at (column “opened_at”) is missing"),
        ("INC7,New,x,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?",
         "seq (column “sys_mod_count”): “x” must be a whole number"),
        ("INC7,New,0,1/8/2016 09:00,1/13/2016 9:05,Phone,3,Caller 7,?",
         "at (column “sys_updated_at”): “1/13/2016 9:05”: month must be in 1..12"),
        ("INC7,New,0,1/8/2016 09:00,1/8/2026 9:05,Phone,3,Caller 7,?",
         "at (column “sys_updated_at”): “1/8/2026 9:05” is more than five minutes ahead"),
        ("INC7,New,0,1/8/1969 09:00,1/8/2016 9:05,Phone,3,Caller 7,?",
         "created_at (column “opened_at”): “1/8/1969 09:00” is before 1970"),
        ("INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Fax,3,Caller 7,?",
         "channel (column “contact_type”): [values.channel] does not say what “Fax” is"),
        ("INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,?,3,Caller 7,?", "channel (column “contact_type”) is missing"),
        ("INC7,Closed,0,1/8/2016 09:00,1/8/2016 8:05,Phone,3,Caller 7,?", "the resolution is before the creation"),
        (f"{'x' * 201},New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?",
         "conversation (column “number”) must be at most 200 characters"),
        (f"INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,{'x' * 121},Caller 7,?",
         "division (column “priority”) must be at most 120 characters"),
        ("INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Call\x00er,?",
         "contact_name (column “caller_id”) holds characters that are no text"),
        ("INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Call\udce4r,?",
         "contact_name (column “caller_id”) is not utf-8"),
    ],
)  # fmt: skip
def test_reasons_to_refuse_an_update(row: str, reason: str) -> None:
    gathered = incidents(row)
    assert gathered.refusals.records == {1: reason}
    assert gathered.groups == {}


def test_a_refused_row_takes_its_whole_conversation_and_no_other() -> None:
    gathered = incidents(
        "INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?",
        "INC8,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 8,?",
        "INC7,Active,1,1/8/2016 09:00,soon,Phone,3,Caller 7,?",
        "INC7,Closed,2,1/8/2016 09:00,3/8/2016 9:05,Phone,3,Caller 7,?",
    )
    assert list(gathered.groups) == ["INC8"]
    reasons = [gathered.refusals.reason(n, c) for n, c in ((1, "INC7"), (2, "INC8"), (3, "INC7"), (4, "INC7"))]
    assert reasons[1] is None
    assert reasons[2] == "at (column “sys_updated_at”): “soon” is not of the form %d/%m/%Y %H:%M"
    assert reasons[0] == reasons[3] == f"another row of its conversation is refused: {reasons[2]}"


def test_rows_that_disagree_about_the_creation() -> None:
    gathered = incidents(
        "INC7,New,0,1/8/2016 09:00,1/8/2016 9:05,Phone,3,Caller 7,?",
        "INC7,New,1,2/8/2016 09:00,2/8/2016 9:05,Phone,3,Caller 7,?",
    )
    assert gathered.refusals.records == {2: "created_at differs from that of row 1 of the same conversation"}


TYPED = mapping.check(
    tomllib.loads("""
rows = "events"
[columns]
conversation = "ticket"
type = "what"
at = "at"
id = "id"
channel = "channel"
division = "team"
contact_name = "contact"
sender = "who"
body = "text"
status = "status"
agent_email = "agent"
note = "text"
event = "voids"
[values.type]
"new" = "conversation.created"
"say" = "message"
"is" = "status"
"move" = "transfer"
"give" = "assign"
"undo" = "void"
""")
)
TYPED_HEAD = "id,ticket,what,at,channel,team,contact,who,text,status,agent,voids\n"


def typed(*rows: str) -> Gathered:
    return table(TYPED_HEAD + "\n".join(rows), TYPED)


def test_rows_of_every_type() -> None:
    gathered = typed(
        "1,T1,new,2026-02-01T09:00:00Z,email,Billing,Budi,,,,,",
        "2,T1,say,2026-02-01T09:05:00Z,,,,agent,Halo,,sari@example.com,",
        "3,T1,give,2026-02-01T09:06:00Z,,,,,,,sari@example.com,",
        "4,T1,move,2026-02-01T09:07:00Z,,Sales,,,for you,,,",
        "5,T1,is,2026-02-01T09:08:00Z,,,,,,resolved,,",
        "6,T1,undo,2026-02-01T09:09:00Z,,,,,,,,5",
        "7,T1,say,2026-02-01T09:10:00Z,,,,customer,,,sari@example.com,",
    )
    assert not gathered.refusals
    created, said, given, moved, status, void, silent = gathered.groups["T1"]
    assert (created.channel, created.division, created.contact_name) == ("email", "Billing", "Budi")
    assert (said.sender, said.body, said.agent_email) == ("agent", "Halo", "sari@example.com")
    assert given.agent_email == "sari@example.com"
    assert (moved.division, moved.channel, moved.note) == ("Sales", None, "for you")
    assert (status.status, void.event) == ("resolved", "5")
    assert (silent.body, silent.agent_email) == ("", None)
    assert [event.id for event in gathered.groups["T1"]] == list("1234567")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2,T1,say,2026-02-01T09:05:00Z,,,,,Halo,,,", "sender (column “who”) is missing"),
        ("2,T1,say,2026-02-01T09:05:00Z,,,,robot,Halo,,,",
         "sender (column “who”): “robot” must be one of: customer, agent, bot, note"),
        ("2,T1,move,2026-02-01T09:05:00Z,,,,,,,,", "division (column “team”) is missing"),
        ("2,T1,undo,2026-02-01T09:05:00Z,,,,,,,,", "event (column “voids”) is missing"),
        ("2,T1,is,2026-02-01T09:05:00Z,,,,,,done,,",
         "status (column “status”): “done” must be one of: open, pending, resolved, closed"),
        ("2,T1,new,2026-02-01T09:05:00Z,E-Mail,,Budi,,,,,",
         "channel (column “channel”): “E-Mail” must be 1 to 40 characters of a-z, 0-9, _ and -; "
         "[values.channel] can translate it"),
        ("2,T1,new,2026-02-01T09:05:00Z,email,,,,,,,", "contact_name (column “contact”) is missing"),
        ("2,T1,new,2026-02-01T09:05:00Z,email,,Budi,,,,,", "the conversation is created a second time"),
        ("2,T1,say,2026-02-01T08:59:59Z,,,,agent,Halo,,,", "the reply is before the creation"),
        ("2,T1,is,2026-02-01T08:59:59Z,,,,,,resolved,,", "the resolution is before the creation"),
        (f"{'x' * 201},T1,is,2026-02-01T09:05:00Z,,,,,,open,,", "id (column “id”) must be at most 200 characters"),
    ],
)  # fmt: skip
def test_reasons_to_refuse_a_row_with_a_type(row: str, reason: str) -> None:
    gathered = typed("1,T1,new,2026-02-01T09:00:00Z,email,Billing,Budi,,,,,", row)
    assert gathered.refusals.records == {2: reason}
    assert gathered.groups == {}


def test_a_customer_may_have_written_before_the_creation() -> None:
    assert not typed(
        "1,T1,new,2026-02-01T09:00:00Z,email,Billing,Budi,,,,,", "2,T1,say,2026-02-01T08:59:59Z,,,,customer,Halo,,,"
    ).refusals


@given(st.permutations(range(5)))
def test_rows_without_an_id_get_the_same_ones_in_any_order(order: list[int]) -> None:
    told = [
        ",T1,new,2026-02-01T09:00:00Z,email,Billing,Budi,,,,,",
        ",T1,say,2026-02-01T09:05:00Z,,,,agent,Halo,,,",
        ",T1,say,2026-02-01T09:05:00Z,,,,agent,Halo,,,",
        ",T1,say,2026-02-01T09:05:00Z,,,,agent,Hai,,,",
        ",T2,say,2026-02-01T09:05:00Z,,,,agent,Halo,,,",
    ]
    ids = {event.id for events in typed(*told).groups.values() for event in events}
    assert len(ids) == 5
    assert {e.id for events in typed(*(told[i] for i in order)).groups.values() for e in events} == ids


# One row a conversation


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (",,,", []),
        (",,open,", []),
        ("2026-02-01T09:10:00Z,,,", [("message", "01 09:10", "agent")]),
        (",2026-02-01T10:00:00Z,,", [("status", "01 10:00", "resolved")]),
        (",2026-02-01T10:00:00Z,closed,", [("status", "01 10:00", "closed")]),
        (",,pending,", [("status", "01 09:00", "pending")]),
        ("2026-02-01T09:10:00Z,,pending,", [("message", "01 09:10", "agent"), ("status", "01 09:10", "pending")]),
        (",,,sari@example.com", [("assign", "01 09:00", "sari@example.com")]),
        (
            "2026-02-01T09:10:00Z,2026-02-01T10:00:00Z,resolved,sari@example.com",
            [
                ("assign", "01 09:10", "sari@example.com"),
                ("message", "01 09:10", "agent"),
                ("status", "01 10:00", "resolved"),
            ],
        ),
    ],
)
def test_the_facts_of_a_conversation_row(told: str, expected: list[tuple[Any, ...]]) -> None:
    gathered = conversations(f"A1,whatsapp,Billing,Budi,Refund,2026-02-01T09:00:00Z,{told}")
    created, *others = gathered.groups["A1"]
    assert (created.channel, created.division, created.contact_name, created.subject) == (
        "whatsapp", "Billing", "Budi", "Refund",
    )  # fmt: skip
    assert facts(others) == expected


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",whatsapp,,Budi,,2026-02-01T09:00:00Z,,,,", "external_id (column “external_id”) is missing"),
        ("A1,,,Budi,,2026-02-01T09:00:00Z,,,,", "channel (column “channel”) is missing"),
        ("A1,whatsapp,,,,2026-02-01T09:00:00Z,,,,", "contact_name (column “contact_name”) is missing"),
        ("A1,whatsapp,,Budi,,,,,,", "created_at (column “created_at”) is missing"),
        ("A1,whatsapp,,Budi,,2026-02-01 09:00,,,,",
         "created_at (column “created_at”): “2026-02-01 09:00” has no offset, and the mapping names no zone"),
        ("A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,2026-02-01T08:00:00Z,,,", "the reply is before the creation"),
        ("A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,,2026-02-01T08:00:00Z,,", "the resolution is before the creation"),
        ("A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,,,resolved,", "the status is resolved, and nothing says since when"),
        ("A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,,2026-02-01T10:00:00Z,open,",
         "resolved_at is given, the status is open, and no status_at after it says since when"),
        ("A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,,,Resolved,",
         "status (column “status”): “Resolved” must be one of: open, pending, resolved, closed"),
    ],
)  # fmt: skip
def test_reasons_to_refuse_a_conversation(row: str, reason: str) -> None:
    gathered = conversations(row)
    assert gathered.refusals.records == {1: reason}
    assert gathered.groups == {}


def test_a_conversation_that_stands_in_the_file_twice_is_refused_whole() -> None:
    row = "A1,whatsapp,,Budi,,2026-02-01T09:00:00Z,,,,"
    gathered = conversations(row, row)
    assert gathered.groups == {}
    assert gathered.refusals.records == {2: "the conversation stands in the file twice (row 1 and row 2)"}


def test_since_when_a_status_holds() -> None:
    by = mapping.load(EXAMPLES / "conversations.toml")
    gathered = table(
        "Ticket,Channel,Team,Customer,Subject,Created,First reply,Solved,State,State since,Assignee\n"
        "1,WhatsApp,-,-,-,01.02.2026 09:00:00,-,01.02.2026 10:00:00,Open,01.02.2026 11:00:00,-\n"
        "2,Mail,Sales,Ani,-,01.02.2026 09:00:00,-,-,Waiting,01.02.2026 11:00:00,-\n"
        "3,Pigeon,Sales,Ani,-,01.02.2026 09:00:00,-,01.02.2026 10:00:00,Closed,01.02.2026 11:00:00,-\n"
        "4,Web,Sales,Ani,-,01.02.2026 09:00:00,-,01.02.2026 10:00:00,Closed,01.02.2026 10:00:00,-\n",
        by,
    )
    assert [facts(events[1:]) for events in gathered.groups.values()] == [
        [("status", "01 03:00", "resolved"), ("status", "01 04:00", "open")],
        [("status", "01 04:00", "pending")],
        [("status", "01 03:00", "resolved"), ("status", "01 04:00", "closed")],
        [("status", "01 03:00", "closed")],
    ]
    first = gathered.groups["1"][0]
    assert (first.division, first.contact_name, first.channel) == ("Support", "Unknown", "whatsapp")
    assert gathered.groups["3"][0].channel == "other"
