"""Events from outside, one request at a time: `POST /api/events`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from ...sla.problems import Invalid
from ...store import history
from ...store.database import transaction
from ..events import Errors, Event, validate
from .apply import Group, Taken, Taking
from .names import Names

_TRIES: Final = 5


@dataclass(slots=True)
class Answer:
    """What became of the events of a request. `refused`: (index in the request, errors by field)."""

    accepted: int = 0
    duplicate: int = 0
    refused: list[tuple[int, Errors]] = field(default_factory=list)


def take_events(organization_id: UUID, raws: Sequence[object], heard_at: datetime) -> Answer:
    """Takes events as JSON says them, in one transaction; a refused one keeps no other back. Their positions stand
    for `seq` where that is not given."""
    answer = Answer()
    valid: list[Event] = []
    for index, raw in enumerate(raws):
        try:
            event = validate(raw, heard_at)
        except Invalid as refused:
            answer.refused.append((index, dict(refused.errors)))
            continue
        event.position = index
        valid.append(event)
    taken, unresolved = _take(organization_id, valid, heard_at)
    answer.accepted, answer.duplicate = taken.accepted, taken.duplicate
    answer.refused += [(event.position, errors) for event, errors in [*unresolved, *taken.refused]]
    answer.refused.sort(key=lambda refusal: refusal[0])
    return answer


def _take(organization_id: UUID, events: Sequence[Event], now: datetime) -> tuple[Taken, list[tuple[Event, Errors]]]:
    def once() -> tuple[Taken, list[tuple[Event, Errors]]]:
        names = Names(organization_id)
        groups: dict[tuple[str, str], Group] = {}
        unresolved = []
        for event in events:
            errors = names.resolve(event)
            if errors is not None:
                unresolved.append((event, errors))
                continue
            place = (event.source, event.conversation)
            groups.setdefault(place, Group(*place, [])).events.append(event)
        return Taking(organization_id, now, whole=False).run(list(groups.values())), unresolved

    for _ in range(_TRIES - 1):
        try:
            with transaction():
                return once()
        except history.Conflict:
            continue  # another request brought the same conversation: it is known now
    with transaction():
        return once()
