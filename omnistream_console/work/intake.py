"""Takes facts in: what the console's forms and the API's calls do to one conversation.

Each function works inside the caller's write transaction and leaves the conversation whole: the fact stored, clocks
derived, breaches settled, the board told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from ..sla import timeline as words
from ..store import conversations, organizations, policies, timeline
from ..store.conversations import Conversation
from ..store.database import new_id
from .derive import rederive

CONSOLE = "console"  # the source of facts that people and API calls state one by one

_SENDERS = {
    "customer": words.CUSTOMER_MESSAGE,
    "agent": words.AGENT_REPLY,
    "bot": words.BOT_MESSAGE,
    "note": words.NOTE,
}


class Closed(ValueError):
    """A customer's message to a closed conversation: a new conversation is wanted."""


class Missing(LookupError):
    """No such conversation in this organization."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new conversation is told to be."""

    channel: str
    contact_name: str
    contact_address: str | None = None
    subject: str | None = None
    division_id: UUID | None = None
    opened_by: str = words.BY_CUSTOMER
    external_id: str | None = None
    source: str = CONSOLE
    created_at: datetime | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class By:
    """Whose doing a fact is, when it happened, and when we hear of it."""

    heard_at: datetime
    actor_id: UUID | None = None
    at: datetime | None = None
    source_id: str | None = field(default=None)

    @property
    def instant(self) -> datetime:
        return self.at or self.heard_at


def open_conversation(organization_id: UUID, opening: Opening, by: By) -> UUID:
    """A new conversation, with its first message where there is one. The caller has looked whether the external id
    is taken. Returns its id."""
    id = new_id()
    at = opening.created_at or by.instant
    seq, _ = policies.governance(organization_id)
    conversations.add_many(
        [
            {
                "id": id,
                "organization_id": organization_id,
                "source": opening.source,
                "external_id": opening.external_id,
                "channel": opening.channel,
                "division_id": opening.division_id,
                "agent_id": None,
                "contact_name": opening.contact_name,
                "contact_address": opening.contact_address,
                "subject": opening.subject,
                "status": words.OPEN,
                "opened_by": opening.opened_by,
                "created_at": at,
                "last_message_at": None,
                "last_message_by": None,
                "updated_at": by.heard_at,
                **conversations.materialised(None, seq),
            }
        ]
    )
    conversation = conversations.get(organization_id, id)
    assert conversation is not None
    by = By(by.heard_at, by.actor_id, at)
    _add(
        conversation,
        by,
        words.CREATED,
        channel=opening.channel,
        division_id=opening.division_id,
        opened_by=opening.opened_by,
        seq=0,
    )
    changed: dict[str, Any] = {}
    if opening.message:
        kind = words.CUSTOMER_MESSAGE if opening.opened_by == words.BY_CUSTOMER else words.AGENT_REPLY
        _add(conversation, by, kind, body=opening.message, seq=1)
        changed = {"last_message_at": at, "last_message_by": opening.opened_by}
    _finish(conversation, by, **changed)
    return id


def add_message(organization_id: UUID, id: UUID, sender: str, body: str, by: By) -> UUID:
    """A message or note. A customer's message opens a pending or resolved conversation again, at the same instant.
    Raises Missing, Closed."""
    conversation = _held(organization_id, id)
    opens = False
    if sender == "customer":
        if conversation.status == words.CLOSED:
            raise Closed
        opens = conversation.status in (words.PENDING, words.RESOLVED)
    fact = _add(conversation, by, _SENDERS[sender], body=body)
    if opens:
        _add(conversation, By(by.heard_at, None, by.at), words.STATUS, status=words.OPEN)
    _finish(conversation, by, **last_message(conversation, sender, by.instant))
    return fact


def last_message(conversation: Conversation, sender: str, at: datetime) -> Mapping[str, Any]:
    """What a message changes in the row: the newest public one is shown on the board."""
    if sender == "note" or (conversation.last_message_at is not None and at < conversation.last_message_at):
        return {}
    return {"last_message_at": at, "last_message_by": sender}


def change_status(organization_id: UUID, id: UUID, status: str, by: By) -> None:
    """A status from an instant on; the one that it has already is no new fact. Raises Missing."""
    conversation = _held(organization_id, id)
    if status != conversation.status or by.at is not None:
        _add(conversation, by, words.STATUS, status=status)
        _finish(conversation, by)


def assign(organization_id: UUID, id: UUID, agent_id: UUID | None, by: By) -> None:
    """Who has it from now on; None: nobody. Raises Missing."""
    conversation = _held(organization_id, id)
    if agent_id != conversation.agent_id:
        _add(conversation, by, words.ASSIGNMENT, agent_id=agent_id)
        conversations.change(id, agent_id=agent_id, updated_at=by.heard_at)
        organizations.touch(organization_id)


def transfer(
    organization_id: UUID, id: UUID, division_id: UUID | None, channel: str | None, note: str | None, by: By
) -> UUID:
    """Moves a conversation to another division or channel, or both; None: stays. Policies are matched again.
    Raises Missing."""
    conversation = _held(organization_id, id)
    fact = _add(conversation, by, words.TRANSFER, division_id=division_id, channel=channel, body=note)
    _finish(conversation, by)
    return fact


def _held(organization_id: UUID, id: UUID) -> Conversation:
    conversation = conversations.locked(organization_id, id)
    if conversation is None:
        raise Missing
    return conversation


def _add(conversation: Conversation, by: By, kind: str, **columns: Any) -> UUID:
    return timeline.add(
        {
            "organization_id": conversation.organization_id,
            "conversation_id": conversation.id,
            "kind": kind,
            "at": by.instant,
            "heard_at": by.heard_at,
            "source": CONSOLE,
            "source_id": by.source_id if kind in words.MESSAGES else None,
            "actor_id": by.actor_id,
            **columns,
        }
    )


def _finish(conversation: Conversation, by: By, **changed: Any) -> None:
    rederive(conversation, by.heard_at, **changed)
    organizations.touch(conversation.organization_id)
