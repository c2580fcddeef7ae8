"""Derives the clocks of a conversation again and writes down what follows: its clocks, breaches and place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ..sla.breaches import settle
from ..sla.clocks import Clock, Standing, standing
from ..sla.folding import clocks_of
from ..sla.timeline import UNDERWAY, Course, read
from ..store import breaches, clocks, conversations, policies, timeline
from ..store.conversations import Conversation


def rederive(conversation: Conversation, now: datetime, **changed: object) -> list[Clock]:
    """Folds a locked conversation's whole timeline and stores the result, with what else of its row `changed`.
    Its status, channel and division are those of the timeline's end. Returns the clocks."""
    seq, governance = policies.governance(conversation.organization_id)
    here = [conversation.id]
    clocks.of(here, locked=True)  # the sweep waits, or has been: its records are read below
    course = read(timeline.facts_of(here)[conversation.id])
    recorded = breaches.of(here)[conversation.id]
    settled = settle(clocks_of(course, governance), recorded, now)
    clocks.save(conversation.organization_id, [(conversation.id, settled.clocks)])
    place = breaches.Place(
        conversation.organization_id,
        conversation.id,
        course.subject.channel,
        course.subject.division_id,
        conversation.agent_id,
    )
    breaches.save(place, settled.breaches, recorded, now)
    conversations.change(
        conversation.id,
        **{
            "status": course.status,
            "channel": course.subject.channel,
            "division_id": course.subject.division_id,
            "updated_at": now,
            **conversations.materialised(place_of(course, settled.clocks), seq),
            **changed,
        },
    )
    return settled.clocks


def place_of(course: Course, kept: Sequence[Clock]) -> Standing | None:
    """The place on the board; None for a conversation that has ended."""
    return standing(kept) if course.status in UNDERWAY else None


def bring_over(organization_id: UUID, ids: Sequence[UUID], now: datetime) -> int:
    """Brings conversations to the policies of today, each whole, in the caller's transaction. Those that somebody
    else holds right now are left: they are met again. Returns how many were brought."""
    taken = conversations.lock_many(ids)
    for id in taken:
        conversation = conversations.get(organization_id, id)
        if conversation is not None:
            rederive(conversation, now, updated_at=conversation.updated_at)
    return len(taken)
