"""Imports end to end, on both databases: what is written, what the same file does a second time, what an interrupted
import leaves, and that the order of a file's rows does not matter."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from omnistream_console.sla import policies as rules
from omnistream_console.store import agents, divisions, organizations, policies
from omnistream_console.store.breaches import BreachRow
from omnistream_console.store.clocks import ClockRow
from omnistream_console.store.conversations import ConversationRow
from omnistream_console.store.database import db, new_id, transaction
from omnistream_console.store.timeline import FactRow, WaitingEventRow
from omnistream_console.work.importing import apply, run
from omnistream_console.work.importing.run import ImportFailed, Summary, import_file

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
INCIDENTS = Path(__file__).parents[3] / "examples" / "mappings" / "servicenow-incidents.toml"
HEAD = "number,incident_state,sys_mod_count,opened_at,sys_updated_at,contact_type,priority,caller_id,u_symptom,made_sla"
LOG = [
    "INC1,New,0,1/2/2016 01:16,1/2/2016 01:23,Phone,3 - Moderate,Caller 1,Symptom 1,true",
    "INC1,Active,1,1/2/2016 01:16,1/2/2016 08:53,Phone,3 - Moderate,Caller 1,Symptom 1,true",
    "INC1,Closed,2,1/2/2016 01:16,5/2/2016 12:00,Phone,3 - Moderate,Caller 1,Symptom 1,true",
    "INC2,New,0,1/2/2016 02:00,1/2/2016 02:00,Email,4 - Low,Caller 2,?,true",
    "INC2,Active,1,1/2/2016 02:00,2/2/2016 02:00,Email,3 - Moderate,Caller 2,?,true",
    "INC2,Resolved,2,1/2/2016 02:00,9/2/2016 02:00,Email,3 - Moderate,Caller 2,?,false",
    "INC2,Closed,3,1/2/2016 02:00,19/2/2016 02:00,Email,3 - Moderate,Caller 2,?,false",
    "INC3,Awaiting User Info,0,1/2/2016 03:00,1/2/2016 03:10,Self service,2 - High,?,Symptom 3,true",
    "INC4,New,0,1/2/2016 03:30,1/2/2016 03:40,Phone,3 - Moderate,Caller 4,Symptom 1,false",
    "INC4,Closed,1,1/2/2016 03:30,19/2/2016 03:30,Phone,3 - Moderate,Caller 4,Symptom 1,false",
]
CONVERSATIONS = """\
external_id,channel,division,contact_name,subject,created_at,first_response_at,resolved_at,status,agent_email
A1,whatsapp,Billing,Budi,Refund,2026-03-01T09:00:00Z,2026-03-01T09:10:00Z,2026-03-01T10:00:00Z,resolved,sari@example.com
A2,email,billing,Ani,,2026-03-02T09:00:00Z,,,open,
A3,email,,Cici,,2026-03-02T11:59:00Z,,,pending,
"""


@pytest.fixture
def acme(app: Flask) -> UUID:
    return organization(app)


@pytest.fixture
def acme_sqlite(app_sqlite: Flask) -> UUID:
    return organization(app_sqlite)


def organization(app: Flask) -> UUID:
    """An organization with an agent and a policy for the division that most incidents are of."""
    with app.app_context(), transaction():
        acme = organizations.create("Acme", "Asia/Jakarta", NOW)
        moderate = divisions.create(acme.id, "3 - Moderate", NOW)
        agents.create(acme.id, email="Sari@example.com", name="Sari", role="agent", now=NOW)
        at = policies.begin_edit(acme.id, NOW)
        for name, division, secs in (("Moderate", str(moderate.id), 783_000), ("Everything", None, 3_600)):
            values = {"name": name, "division_id": division, "is_default": division is None}
            values |= {"first_response_time_secs": secs, "resolution_time_secs": secs}
            policies.add(rules.create(new_id(), acme.id, values, at), None)
    return acme.id


def bring(app: Flask, path: Path, **options: Any) -> Summary:
    with app.app_context():
        return import_file(path, "acme", "desk", now=options.pop("now", NOW), **options)


def bring_log(app: Flask, folder: Path, rows: Sequence[str] = LOG, **options: Any) -> Summary:
    path = folder / "log.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *rows]).encode()))
    return bring(app, path, mapping_path=INCIDENTS, **options)


def bring_conversations(app: Flask, folder: Path, text: str = CONVERSATIONS, **options: Any) -> Summary:
    path = folder / "conversations.csv"
    path.write_text(text)
    return bring(app, path, **options)


def bring_lines(app: Flask, folder: Path, events: Sequence[dict[str, Any]], **options: Any) -> Summary:
    path = folder / "events.jsonl"
    path.write_text("\n".join(json.dumps(event) for event in events))
    return bring(app, path, **options)


def state(app: Flask) -> dict[str, Any]:
    """All that an import wrote, without the ids that the database gives."""
    with app.app_context():
        names = {row.id: row.name for row in db.session.execute(select(divisions.DivisionRow)).scalars()}
        of: dict[UUID, str | None] = {}
        found: dict[str, Any] = {"conversations": [], "facts": [], "clocks": [], "breaches": []}
        for c in db.session.execute(select(ConversationRow)).scalars():
            of[c.id] = c.external_id
            found["conversations"].append(
                (c.external_id, c.channel, names.get(c.division_id), c.agent_id, c.contact_name, c.subject, c.status,
                 c.opened_by, c.created_at, c.last_message_at, c.last_message_by, c.board_state, c.next_due_at)
            )  # fmt: skip
        for f in db.session.execute(select(FactRow)).scalars():
            found["facts"].append(
                (of[f.conversation_id], f.source_id, f.kind, f.at, f.status, f.channel, names.get(f.division_id),
                 f.body, f.agent_id, f.actor_id, f.voided_at)
            )  # fmt: skip
        for k in db.session.execute(select(ClockRow)).scalars():
            found["clocks"].append(
                (of[k.conversation_id], k.kind, k.policy_name, k.state, k.started_at, k.due_at, k.stopped_at, k.counted,
                 k.breached_at)
            )  # fmt: skip
        for b in db.session.execute(select(BreachRow)).scalars():
            found["breaches"].append((of[b.conversation_id], b.clock, b.breached_at, b.actual_secs, b.retracted_at))
        found["waiting"] = [
            (w.source_id, w.conversation) for w in db.session.execute(select(WaitingEventRow)).scalars()
        ]
        return {name: sorted(rows, key=repr) for name, rows in found.items()}


def test_a_log_of_updates(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_log(app, tmp_path)
    assert (summary.records, summary.accepted, summary.duplicate, summary.opened) == (10, 14, 0, 4)
    assert summary.divisions == ["4 - Low", "2 - High"]
    assert summary.ignored == ["made_sla"]
    assert summary.refused == []
    found = state(app)
    assert [(c[0], c[1], c[2], c[4], c[6]) for c in found["conversations"]] == [
        ("INC1", "phone", "3 - Moderate", "Caller 1", "closed"),
        ("INC2", "email", "3 - Moderate", "Caller 2", "closed"),
        ("INC3", "self-service", "2 - High", "Unknown caller", "open"),
        ("INC4", "phone", "3 - Moderate", "Caller 4", "closed"),
    ]
    # INC2 was late as “4 - Low” already, before its priority changed: a transfer buys no time
    assert [(b[0], b[1], b[2]) for b in found["breaches"] if b[1] == "resolution"] == [
        ("INC2", "resolution", datetime(2016, 2, 1, 5, 0, tzinfo=UTC)),
        ("INC3", "resolution", datetime(2016, 2, 1, 6, 0, tzinfo=UTC)),
        ("INC4", "resolution", datetime(2016, 2, 10, 7, 0, tzinfo=UTC)),
    ]
    assert [f[6] for f in found["facts"] if f[2] == "transfer"] == ["3 - Moderate"]
    resolution = {k[0]: (k[2], k[3]) for k in found["clocks"] if k[1] == "resolution"}
    assert resolution == {
        "INC1": ("Moderate", "met"),
        "INC2": ("Moderate", "met_late"),
        "INC3": ("Everything", "running"),
        "INC4": ("Moderate", "met_late"),
    }


def test_a_table_of_conversations(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_conversations(app, tmp_path)
    assert summary.divisions == ["Billing"]
    found = state(app)
    with app.app_context():
        sari = agents.by_email(acme, "sari@example.com")
    assert [(c[0], c[2], c[3], c[6], c[9], c[10]) for c in found["conversations"]] == [
        ("A1", "Billing", sari, "resolved", datetime(2026, 3, 1, 9, 10, tzinfo=UTC), "agent"),
        ("A2", "Billing", None, "open", None, None),
        ("A3", None, None, "pending", None, None),
    ]
    assert [(k[0], k[1], k[3]) for k in found["clocks"]] == [
        ("A1", "first_response", "met"), ("A1", "resolution", "met"),
        ("A2", "first_response", "running"), ("A2", "resolution", "running"),
        ("A3", "first_response", "running"), ("A3", "resolution", "paused"),
    ]  # fmt: skip
    # what fell due before the import is on record at once
    assert [(b[0], b[1]) for b in found["breaches"]] == [("A2", "first_response"), ("A2", "resolution")]


@pytest.mark.parametrize("bringing", [bring_log, bring_conversations])
def test_the_same_file_twice_changes_nothing(app: Flask, acme: UUID, tmp_path: Path, bringing: Any) -> None:
    first = bringing(app, tmp_path)
    before = state(app)
    again = bringing(app, tmp_path, now=NOW + timedelta(minutes=1))
    assert (again.accepted, again.duplicate, again.opened, again.changed) == (0, first.accepted, 0, 0)
    assert again.divisions == []
    assert state(app) == before


def test_an_interrupted_import_leaves_whole_conversations_and_is_completed_by_the_next(
    app: Flask, acme: UUID, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    fold, seen = apply.fold, []

    def interrupted(*heard: Any) -> Any:
        seen.append(heard)
        if len(seen) == 2:
            raise KeyboardInterrupt
        return fold(*heard)

    with monkeypatch.context() as patched:
        patched.setattr(apply, "fold", interrupted)
        with pytest.raises(KeyboardInterrupt):
            bring_log(app, tmp_path)
    halfway = state(app)
    assert [c[0] for c in halfway["conversations"]] == ["INC1"]
    assert len(halfway["facts"]) == 4
    summary = bring_log(app, tmp_path)
    assert (summary.opened, summary.duplicate, summary.accepted) == (3, 4, 10)
    assert [c[0] for c in state(app)["conversations"]] == ["INC1", "INC2", "INC3", "INC4"]


MOVES = [
    "INC5,New,0,1/2/2016 03:00,1/2/2016 03:00,Phone,4 - Low,Caller 5,?,true",
    "INC5,Active,1,1/2/2016 03:00,1/2/2016 05:00,Phone,3 - Moderate,Caller 5,?,true",
    "INC5,Active,2,1/2/2016 03:00,1/2/2016 06:00,Email,3 - Moderate,Caller 5,?,true",
    "INC5,Active,3,1/2/2016 03:00,1/2/2016 07:00,Email,4 - Low,Caller 5,?,true",
    "INC5,Closed,4,1/2/2016 03:00,1/2/2016 08:00,Email,4 - Low,Caller 5,?,true",
]


@given(rows=st.permutations([*LOG[3:7], *MOVES]), cuts=st.sets(st.integers(1, 8), max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(rows=MOVES[::-1], cuts={1, 2, 3, 4})
def test_the_order_of_rows_does_not_matter(
    app_sqlite: Flask, acme_sqlite: UUID, tmp_path: Path, rows: list[str], cuts: set[int]
) -> None:
    """The same rows shuffled, and brought in several files, end in the same clocks and the same place. (A breach that
    an earlier file showed keeps its instant: what is on record is not rewritten.)"""
    app, path = app_sqlite, tmp_path / "some.csv"
    number = next(_sources)
    for source, some in (
        (f"once {number}", [sorted(rows)]),
        (f"often {number}", [rows[a:b] for a, b in pairwise([0, *sorted(cuts), len(rows)])]),
    ):
        for part in filter(None, some):
            path.write_text("\n".join([HEAD, *part]))
            with app.app_context():
                import_file(path, "Acme", source, mapping_path=INCIDENTS, now=NOW)
    assert clocks(app, f"once {number}") == clocks(app, f"often {number}")


_sources = count()


def clocks(app: Flask, source: str) -> list[tuple[Any, ...]]:
    """The clocks of a source's conversations, and where these stand."""
    with app.app_context():
        query = (
            select(ConversationRow, ClockRow)
            .outerjoin(ClockRow, ClockRow.conversation_id == ConversationRow.id)
            .where(ConversationRow.source == source)
            .order_by(ConversationRow.external_id, ClockRow.kind)
        )
        return [
            (c.external_id, c.channel, c.division_id, c.status, c.next_due_at, k.kind, k.policy_name, k.state,
             k.started_at, k.due_at, k.stopped_at, k.counted, k.breached_at is not None)
            for c, k in db.session.execute(query)
        ]  # fmt: skip


def test_later_rows_of_a_known_conversation_are_added_and_the_clocks_follow(
    app: Flask, acme: UUID, tmp_path: Path
) -> None:
    bring_log(app, tmp_path, LOG[:5])
    assert {c[0]: c[6] for c in state(app)["conversations"]} == {"INC1": "closed", "INC2": "open"}
    summary = bring_log(app, tmp_path)
    assert (summary.opened, summary.changed) == (2, 1)
    later = state(app)
    assert [c[2] for c in later["conversations"] if c[0] == "INC2"] == ["3 - Moderate"]
    assert [f[6] for f in later["facts"] if f[2] == "transfer"] == ["3 - Moderate"], "told once"
    assert [k[3] for k in later["clocks"] if k[:2] == ("INC2", "resolution")] == ["met_late"]


def test_refused_rows_are_written_and_their_conversations_left_out(app: Flask, acme: UUID, tmp_path: Path) -> None:
    refused = tmp_path / "refused.csv"
    rows = [*LOG[:3], LOG[3].replace("1/2/2016 02:00,Email", "soon,Email"), *LOG[4:]]
    summary = bring_log(app, tmp_path, rows, refused_path=refused)
    assert summary.opened == 3
    assert [line for line, _ in summary.refused] == [5, 6, 7, 8]
    written = list(csv.DictReader(io.StringIO(refused.read_text())))
    assert written[0]["reason"].startswith("at (column “sys_updated_at”): “soon”")
    assert written[3]["reason"] == f"another row of its conversation is refused: {written[0]['reason']}"
    assert written[3]["number"] == "INC2"
    assert [c[0] for c in state(app)["conversations"]] == ["INC1", "INC3", "INC4"]


def test_an_agent_that_nobody_knows_refuses_the_conversation(app: Flask, acme: UUID, tmp_path: Path) -> None:
    summary = bring_conversations(app, tmp_path, CONVERSATIONS.replace("sari@", "nobody@"))
    assert summary.refused == [(2, "agent_email: is no agent of this organization")]
    assert summary.refused_path == tmp_path / "conversations.csv.refused.csv"
    assert [c[0] for c in state(app)["conversations"]] == ["A2", "A3"]


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


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"organization": "Nobody"}, "there is no organization “Nobody”"),
        ({"source": " "}, "the source must be"),
        ({"source": "x" * 101}, "the source must be"),
        ({"mapping_path": Path("gone.toml")}, "No such file"),
        ({"refused_path": "the file"}, "cannot be the imported file"),
    ],
)
def test_imports_that_cannot_begin(app: Flask, acme: UUID, tmp_path: Path, options: dict[str, Any], said: str) -> None:
    path = tmp_path / "conversations.csv"
    path.write_text(CONVERSATIONS)
    told = {"organization": "Acme", "source": "desk", **options}
    if "refused_path" in told:
        told["refused_path"] = path
    with app.app_context(), pytest.raises(ImportFailed, match=said):
        import_file(path, told.pop("organization"), told.pop("source"), now=NOW, **told)
    assert path.read_text() == CONVERSATIONS


def test_a_file_that_is_damaged_imports_nothing(app: Flask, acme: UUID, tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *LOG]).encode())[:-9])
    with pytest.raises(ImportFailed):
        bring(app, path, mapping_path=INCIDENTS)
    assert state(app)["conversations"] == []


def test_json_lines_need_no_mapping(app: Flask, acme: UUID, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="needs no mapping"):
        bring_lines(app, tmp_path, [CREATED], mapping_path=INCIDENTS)
