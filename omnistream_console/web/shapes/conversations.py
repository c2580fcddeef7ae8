"""Conversations and what happened in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ...sla.clocks import Clock
from ...store.conversations import Conversation
from ...store.timeline import Entry
from .base import Shape, present
from .sla import ConversationSla, conversation_sla


class ConversationItem(Shape):
    id: UUID
    channel: str
    status: Literal["open", "pending", "resolved", "closed"]
    contact_name: str
    opened_by: Literal["customer", "agent"]
    created_at: datetime
    updated_at: datetime
    source: str
    external_id: str | None = None
    contact_address: str | None = None
    subject: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    last_message_at: datetime | None = None
    sla_status: Literal["breached", "warning", "ok", "paused", "none"] | None = None
    due_at: datetime | None = None
    sla: ConversationSla | None = None


def conversation(row: Conversation, now: datetime, clocks: Iterable[Clock] | None = None) -> dict[str, Any]:
    """One conversation; `sla_status` and `sla` only for those who may see them, which is where clocks are given."""
    standing = row.standing if clocks is not None else None
    return present(
        id=row.id,
        channel=row.channel,
        status=row.status,
        contact_name=row.contact_name,
        contact_address=row.contact_address,
        subject=row.subject,
        division_id=row.division_id,
        agent_id=row.agent_id,
        opened_by=row.opened_by,
        source=row.source,
        external_id=row.external_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_message_at=row.last_message_at,
        sla_status=standing.status(now) if standing else None,
        due_at=row.next_due_at if standing else None,
        sla=None if clocks is None else conversation_sla(row.id, clocks, now),
    )


class TimelineEntry(Shape):
    id: UUID
    type: str
    at: datetime
    heard_at: datetime
    body: str | None = None
    status: str | None = None
    channel: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    actor_id: UUID | None = None
    source: str | None = None
    external_id: str | None = None
    voided_at: datetime | None = None


class ConversationDetail(ConversationItem):
    timeline: list[TimelineEntry]


def entry(entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        type=entry.kind,
        at=entry.at,
        heard_at=entry.heard_at,
        body=entry.body,
        status=entry.status,
        channel=entry.channel,
        division_id=entry.division_id,
        agent_id=entry.agent_id,
        actor_id=entry.actor_id,
        source=entry.source,
        external_id=entry.source_id,
        voided_at=entry.voided_at,
    )


class Message(Shape):
    id: UUID
    conversation_id: UUID
    sender: Literal["customer", "agent", "bot", "note"]
    body: str
    at: datetime
    agent_id: UUID | None = None
    external_id: str | None = None


_SENDER = {"customer_message": "customer", "agent_reply": "agent", "bot_message": "bot", "note": "note"}


def message(conversation_id: UUID, entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        conversation_id=conversation_id,
        sender=_SENDER[entry.kind],
        body=entry.body or "",
        at=entry.at,
        agent_id=entry.actor_id,
        external_id=entry.source_id,
    )


class TransferItem(Shape):
    id: UUID
    at: datetime
    division_id: UUID | None = None
    channel: str | None = None
    note: str | None = None
    agent_id: UUID | None = None


def transfer(entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        at=entry.at,
        division_id=entry.division_id,
        channel=entry.channel,
        note=entry.body,
        agent_id=entry.actor_id,
    )
