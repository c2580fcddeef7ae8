"""Transfers that the rows of a table imply: every row says where it found its conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from ...sla import timeline as words
from ...sla.timeline import Fact
from ..events import CREATED, TRANSFER, Event
from .facts import order
from .groups import digest, event_id

# Begins the id of a transfer at the creation itself: an earlier row than those that created it was read later.
_BEGINNING: Final = "beginning:"


def implied(events: Iterable[Event], channel: str, division_id: UUID | None) -> list[Event]:
    """The transfers of a new conversation that was created at this place."""
    return _walk(sorted(events, key=order), channel, division_id, None)


def implied_later(events: Sequence[Event], told: Sequence[Fact]) -> tuple[list[Event], list[str]]:
    """The transfers that new rows of a known conversation imply, or rows that are stored and come after them; they
    may be known already. And the ids of such transfers that hold no longer."""
    timeline = sorted(told, key=words.order)
    created = next(fact for fact in timeline if fact.kind == words.CREATED)
    conversation = events[0].conversation
    of_rows = created.id == event_id(conversation, "created")
    channel, division_id = created.channel or "", created.division_id
    stored, beginnings = [], []
    for fact in timeline:
        placed = fact.kind in (words.CREATED, words.TRANSFER)
        if placed:
            channel, division_id = fact.channel or channel, fact.division_id or division_id
        if fact.id.startswith(_BEGINNING):
            beginnings.append(fact.id)
        elif fact.kind == words.TRANSFER or (of_rows and not placed and fact.source == created.source):
            # a row that found its conversation elsewhere than the one before it would have been told as a transfer
            kind = TRANSFER if placed else ""
            event = Event(fact.source, fact.id, kind, conversation, fact.at, fact.seq)
            event.channel, event.division_id = (fact.channel, fact.division_id) if placed else (channel, division_id)
            stored.append(event)
    merged = sorted([*stored, *events], key=order)
    found = _walk(merged, created.channel or "", created.division_id, created.at if of_rows else None)
    return found, [id for id in beginnings if all(id != event.id for event in found)]


def _walk(events: Iterable[Event], channel: str, division_id: UUID | None, beginning: datetime | None) -> list[Event]:
    """Events in their order, from a place on. `beginning`: when the conversation was created, if rows say that; then
    the first of them all says where."""
    found: list[Event] = []
    first = beginning is not None
    for event in events:
        if event.type == CREATED or (event.channel is None and event.division_id is None):
            continue
        to_channel, to_division = event.channel or channel, event.division_id or division_id
        if event.type != TRANSFER and (to_channel, to_division) != (channel, division_id):
            id = _BEGINNING + digest(event.id) if first else event_id(event.id, "transfer")
            move = Event(event.source, id, TRANSFER, event.conversation, event.at, event.seq, event.position)
            if first and beginning is not None:
                move.at, move.seq = beginning, 0
            # all that the row says: it holds whatever rows between this and the one before are read later
            move.channel, move.division_id = to_channel, to_division
            found.append(move)
        first = first and event.type == TRANSFER
        channel, division_id = to_channel, to_division
    return found
