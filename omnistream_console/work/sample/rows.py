"""Stories into rows: the facts as they were told, and what the rules make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ...sla import timeline as words
from ...sla.breaches import Breach, settle
from ...sla.clocks import Clock
from ...sla.folding import clocks_of
from ...sla.matching import Governance
from ...store import breaches, clocks, conversations
from ...store.database import new_id
from ...store.history import Batch
from ..derive import place_of
from ..intake import CONSOLE
from .stories import Story

_SENDERS = {
    words.CUSTOMER_MESSAGE: "customer",
    words.AGENT_REPLY: "agent",
    words.BOT_MESSAGE: "bot",
}
# A worker that was up at the due instant records a breach well within a second of it.
_SWEPT_WITHIN = timedelta(milliseconds=300)


def add(batch: Batch, story: Story, organization_id: UUID, governance: tuple[int, Governance], now: datetime) -> None:
    """Adds a conversation with all that hangs on it to what will be written."""
    id = new_id()
    rows = [_row(told, organization_id, id) for told in story.facts]
    facts = {row["id"]: _fact(row) for row in rows}
    seq, rulebooks = governance

    recorded: dict[str, Breach] = {}
    found: dict[str, dict[str, Any]] = {}
    kept: list[Clock] = []
    for instant in _hearings(rows, now):
        heard = [facts[row["id"]] for row in rows if row["heard_at"] < instant or instant == now]
        course = words.read(heard)
        settled = settle(clocks_of(course, rulebooks), recorded, instant)
        kept = settled.clocks
        for breach in settled.breaches:
            if breach.clock not in found:
                place = _place_at(rows, breach.breached_at, organization_id, id)
                found[breach.clock] = breaches.row_of(breach, place, min(breach.breached_at + _SWEPT_WITHIN, now))
            heard_of = max(row["heard_at"] for row in rows if row["heard_at"] <= now)
            found[breach.clock]["retracted_at"] = heard_of if breach.retracted else None
            found[breach.clock]["actual_secs"] = breach.actual_secs
            recorded[breach.clock] = breach

    last = max((row for row in rows if row["kind"] in _SENDERS), key=lambda row: row["at"])
    batch.facts += rows
    batch.clocks += [clocks.row_of(clock, id, organization_id) for clock in kept]
    batch.breaches += found.values()
    batch.conversations.append(
        {
            "id": id,
            "organization_id": organization_id,
            "source": CONSOLE,
            "external_id": None,
            "channel": course.subject.channel,
            "division_id": course.subject.division_id,
            "agent_id": _assignee(rows, now),
            "contact_name": story.contact.name,
            "contact_address": story.contact.address,
            "subject": story.subject,
            "status": course.status,
            "opened_by": story.opened_by,
            "created_at": rows[0]["at"],
            "last_message_at": last["at"],
            "last_message_by": _SENDERS[last["kind"]],
            "updated_at": max(row["heard_at"] for row in rows),
            **conversations.materialised(place_of(course, kept), seq),
        }
    )


def _hearings(rows: Sequence[Mapping[str, Any]], now: datetime) -> list[datetime]:
    """When the timeline has to be read: now, and before that whenever a fact was heard of late, for it may undo what
    was on record by then."""
    return sorted({row["heard_at"] for row in rows if row["heard_at"] > row["at"]} | {now})


def _row(told: Mapping[str, Any], organization_id: UUID, conversation_id: UUID) -> dict[str, Any]:
    """A fact with every column."""
    return {
        "id": new_id(),
        "organization_id": organization_id,
        "conversation_id": conversation_id,
        "seq": None,
        "source": CONSOLE,
        "source_id": None,
        "actor_id": None,
        "body": None,
        "status": None,
        "channel": None,
        "division_id": None,
        "agent_id": None,
        "opened_by": None,
        "voided_at": None,
        **told,
    }


def _fact(row: Mapping[str, Any]) -> words.Fact:
    """A fact as the rules read it."""
    return words.Fact(
        row["kind"],
        row["at"],
        row["heard_at"],
        row["seq"],
        row["source"],
        str(row["id"]),
        row["channel"],
        row["division_id"],
        row["opened_by"],
        row["status"],
    )


def _place_at(
    rows: Sequence[Mapping[str, Any]], instant: datetime, organization_id: UUID, conversation_id: UUID
) -> breaches.Place:
    """Where the conversation stood at an instant, and who had it."""
    channel, division_id = rows[0]["channel"], rows[0]["division_id"]
    for row in rows:
        if row["kind"] == words.TRANSFER and row["at"] <= instant:
            channel, division_id = row["channel"] or channel, row["division_id"] or division_id
    return breaches.Place(organization_id, conversation_id, channel, division_id, _assignee(rows, instant))


def _assignee(rows: Sequence[Mapping[str, Any]], instant: datetime) -> UUID | None:
    given = [row for row in rows if row["kind"] == words.ASSIGNMENT and row["at"] <= instant]
    agent_id: UUID | None = max(given, key=lambda row: row["at"])["agent_id"] if given else None
    return agent_id
