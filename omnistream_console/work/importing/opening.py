"""A new conversation: folded in memory, to be written whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ...sla import timeline as words
from ...sla.breaches import settle
from ...sla.folding import clocks_of
from ...sla.matching import Governance
from ...store import breaches, clocks, conversations, history
from ...store.database import new_id
from ..derive import place_of
from ..events import CREATED, VOID, Event
from . import facts, moves


def fold(
    batch: history.Batch,
    organization_id: UUID,
    heard: Sequence[tuple[datetime, Event]],
    governance: tuple[int, Governance],
    now: datetime,
) -> list[tuple[datetime, Event]]:
    """Puts a conversation with its facts, clocks and breaches into a batch. `heard`: when, and what. Returns what
    makes void an event that is not there yet."""
    created = next(event for _, event in heard if event.type == CREATED)
    id = new_id()
    rows = [
        facts.row(part, organization_id, id, heard_at)
        for heard_at, event in heard
        if event.type != VOID
        for part in facts.parts(event)
    ]
    if len({(event.channel, event.division_id) for _, event in heard}) > 1:
        told = (event for _, event in heard)
        implied = moves.implied(told, created.channel or "", created.division_id)
        rows += [facts.row(event, organization_id, id, now) for event in implied]
    early = [(at, event) for at, event in heard if event.type == VOID and not void(event, rows, now)]
    valid = [row for row in rows if row["voided_at"] is None]
    course = words.read(map(facts.fact, _telling(valid)))
    seq, policies = governance
    settled = settle(clocks_of(course, policies), {}, now)
    agent_id, message = facts.people(valid)
    subject = course.subject
    place = breaches.Place(organization_id, id, subject.channel, subject.division_id, agent_id)
    batch.facts += rows
    batch.clocks += [clocks.row_of(clock, id, organization_id) for clock in settled.clocks]
    batch.breaches += [breaches.row_of(breach, place, now) for breach in settled.breaches]
    batch.conversations.append(
        {
            "id": id,
            "organization_id": organization_id,
            "source": created.source,
            "external_id": created.conversation,
            "channel": subject.channel,
            "division_id": subject.division_id,
            "agent_id": agent_id,
            "contact_name": created.contact_name,
            "contact_address": created.contact_address or None,
            "subject": created.subject or None,
            "status": course.status,
            "opened_by": course.opened_by,
            "created_at": course.created_at,
            **message,
            "updated_at": now,
            **conversations.materialised(place_of(course, settled.clocks), seq),
        }
    )
    return early


def _telling(rows: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The facts that the clocks depend on: not the updates of a log that repeat the status."""
    statuses = []
    for row in rows:
        if row["kind"] == words.STATUS:
            statuses.append((row["at"], row["seq"], row["source_id"], row["status"], row))
        else:
            yield row
    statuses.sort()
    last = None
    for _, _, _, status, row in statuses:
        if status != last:
            last = status
            yield row


def void(event: Event, rows: Sequence[dict[str, Any]], now: datetime) -> bool:
    """Takes a fact that is not stored yet out of its timeline; False if it is not among these. A creation stays."""
    for row in rows:
        if row["source_id"] == event.event and row["source"] == event.source:
            if row["kind"] != words.CREATED:
                row["voided_at"] = now
            return True
    return False
