"""What the tests of imports share: an organization, files brought into it, and all that an import wrote."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from omnistream_console.sla import policies as rules
from omnistream_console.store import agents, divisions, organizations, policies
from omnistream_console.store.breaches import BreachRow
from omnistream_console.store.clocks import ClockRow
from omnistream_console.store.conversations import ConversationRow
from omnistream_console.store.database import db, new_id, transaction
from omnistream_console.store.timeline import FactRow, WaitingEventRow
from omnistream_console.work.importing.run import Summary, import_file

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
