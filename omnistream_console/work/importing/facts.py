"""Events to the rows of facts, and to the form in which they wait for their conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ...sla import timeline as words
from ...sla.timeline import Fact
from ...store.database import new_id
from ..events import AGENT, ASSIGN, BOT, CREATED, CUSTOMER, MESSAGE, NOTE, STATUS, TRANSFER, Event
from .groups import event_id

KINDS: Final = {
    CREATED: words.CREATED,
    STATUS: words.STATUS,
    TRANSFER: words.TRANSFER,
    ASSIGN: words.ASSIGNMENT,
}
SENDERS: Final = {
    CUSTOMER: words.CUSTOMER_MESSAGE,
    AGENT: words.AGENT_REPLY,
    BOT: words.BOT_MESSAGE,
    NOTE: words.NOTE,
}
BY: Final = {kind: sender for sender, kind in SENDERS.items() if sender != NOTE}
PLACED: Final = {CREATED: 0, TRANSFER: 1}


def order(event: Event) -> tuple[datetime, int, int, str]:
    """The order of a group's events, as it is that of their facts where it matters for where the conversation is."""
    return event.at, event.position if event.seq is None else event.seq, PLACED.get(event.type, 2), event.id


def parts(event: Event) -> Iterable[Event]:
    """The events that an event is made of: a creation may tell a first message and an assignment too."""
    yield event
    if event.type == CREATED:
        if event.message:
            by = event.agent_id if event.opened_by == AGENT else None
            yield _part(event, "message", MESSAGE, sender=event.opened_by, body=event.message, agent_id=by)
        if event.agent_id is not None:
            yield _part(event, "assigned", ASSIGN, agent_id=event.agent_id)


def _part(event: Event, name: str, kind: str, **told: Any) -> Event:
    id = event_id(event.id, name)
    return Event(event.source, id, kind, event.conversation, event.at, event.seq, event.position, **told)


def row(event: Event, organization_id: UUID, conversation_id: UUID, heard_at: datetime) -> dict[str, Any]:
    """The fact that an event becomes, with every column. A void event becomes none."""
    kind = event.type
    placed = kind in (CREATED, TRANSFER)
    said = kind == MESSAGE
    return {
        "id": new_id(),
        "organization_id": organization_id,
        "conversation_id": conversation_id,
        "kind": SENDERS[event.sender or ""] if said else KINDS[kind],
        "at": event.at,
        "heard_at": heard_at,
        "seq": event.position if event.seq is None else event.seq,
        "source": event.source,
        "source_id": event.id,
        "actor_id": event.agent_id if said else None,
        "body": event.body if said else event.note,
        "status": event.status,
        "channel": event.channel if placed else None,
        "division_id": event.division_id if placed else None,
        "agent_id": event.agent_id if kind == ASSIGN else None,
        "opened_by": event.opened_by,
        "voided_at": None,
    }


def fact(row: dict[str, Any]) -> Fact:
    """A fact's row as the rules read it."""
    return Fact(
        row["kind"],
        row["at"],
        row["heard_at"],
        row["seq"],
        row["source"],
        row["source_id"],
        row["channel"],
        row["division_id"],
        row["opened_by"],
        row["status"],
    )


def people(rows: Sequence[dict[str, Any]]) -> tuple[UUID | None, dict[str, Any]]:
    """Who has a conversation, and the message that the board shows, by its facts."""
    agent_id: UUID | None = None
    message: dict[str, Any] = {"last_message_at": None, "last_message_by": None}
    if len({row["kind"] for row in rows} - {words.CREATED, words.STATUS, words.TRANSFER}) == 0:
        return agent_id, message
    for row in sorted(rows, key=lambda row: words.order(fact(row))):
        if row["kind"] == words.ASSIGNMENT:
            agent_id = row["agent_id"]
        elif row["kind"] in BY:
            message = {"last_message_at": row["at"], "last_message_by": BY[row["kind"]]}
    return agent_id, message


_IDS: Final = ("division_id", "agent_id")


def kept(event: Event) -> dict[str, Any]:
    """An event as it waits: JSON, the names of divisions and agents resolved."""
    said = {name: getattr(event, name) for name in _FIELDS}
    said["at"] = event.at.isoformat()
    for name in _IDS:
        if said[name] is not None:
            said[name] = str(said[name])
    return {name: value for name, value in said.items() if value is not None}


def resumed(said: dict[str, Any]) -> Event:
    """The event that waited."""
    told = dict(said)
    told["at"] = datetime.fromisoformat(told["at"])
    for name in _IDS:
        if name in told:
            told[name] = UUID(told[name])
    return Event(**told)


_FIELDS: Final = tuple(field.name for field in fields(Event) if field.name not in ("division", "agent_email"))
