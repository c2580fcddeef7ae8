"""Events gathered by conversation: an import takes a conversation whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from ..events import AGENT, CREATED, MAX_ID, MESSAGE, STATUS, Event
from .reading import Record


class RowRefused(ValueError):
    """A record that cannot be taken; str() is the reason."""


@dataclass
class Refusals:
    """What is not taken: records by number, and conversations, which fall with any record of theirs."""

    records: dict[int, str] = field(default_factory=dict)
    conversations: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.records or self.conversations)

    def add(self, number: int, reason: str, conversation: str | None) -> None:
        self.records.setdefault(number, reason)
        if conversation:
            self.conversations.setdefault(conversation, f"another row of its conversation is refused: {reason}")

    def reason(self, number: int, conversation: str | None) -> str | None:
        """Why a record is not taken, or None."""
        reason = self.records.get(number)
        return self.conversations.get(conversation) if reason is None and conversation else reason


@dataclass
class Gathered:
    """A file, read: its events by conversation, what was refused, and how to tell whose a record is.

    The position of an event is the number of its record.
    """

    whose: Callable[[Record], str | None]
    groups: dict[str, list[Event]] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)
    header: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    records: int = 0

    def add(self, event: Event) -> None:
        group = self.groups.get(event.conversation)
        if group is None:
            self.groups[event.conversation] = [event]
        else:
            group.append(event)

    def settle(self) -> None:
        """Drops the conversations of which a record was refused."""
        for conversation in self.refusals.conversations:
            self.groups.pop(conversation, None)


def check_beginning(events: list[Event], refusals: Refusals) -> None:
    """Refuses what a table cannot mean: a second creation, a reply or a resolution before the creation."""
    created: Event | None = None
    for event in events:
        if event.type == CREATED:
            if created is not None and created.id != event.id:
                refusals.add(event.position, "the conversation is created a second time", event.conversation)
            created = created or event
    if created is None:
        return
    begin = created.at
    for event in events:
        if event.at < begin:
            if event.type == MESSAGE and event.sender == AGENT:
                refusals.add(event.position, "the reply is before the creation", event.conversation)
            elif event.type == STATUS and event.status in ("resolved", "closed"):
                refusals.add(event.position, "the resolution is before the creation", event.conversation)


def event_id(*parts: str) -> str:
    """An id from parts that stay the same whenever the same record is read again."""
    text = "/".join(parts)
    return text if len(text) <= MAX_ID else "row:" + digest(*parts)


def digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(errors="surrogateescape"), digest_size=16).hexdigest()
