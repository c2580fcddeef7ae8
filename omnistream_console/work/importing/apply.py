"""Takes events in bulk: sorts out what is new, opens conversations, adds to those that are known, keeps the rest.

A new conversation is folded in memory and written whole with its facts, clocks and breaches. A known one gets its new
facts and is derived again. Events of a conversation that nobody has told us of wait until somebody does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from ...sla import timeline as words
from ...sla.matching import Governance
from ...sla.problems import Problem
from ...store import conversations, history, organizations, policies, timeline
from ...store.conversations import Conversation
from ...store.database import new_id
from ..derive import rederive
from ..events import CREATED, VOID, Errors, Event
from . import facts, moves
from .opening import fold, void

_PUBLIC: Final = tuple(facts.BY)


@dataclass(slots=True)
class Group:
    """Events of one conversation of one source."""

    source: str
    conversation: str
    events: list[Event]


@dataclass(slots=True)
class Taken:
    """What became of events."""

    accepted: int = 0
    duplicate: int = 0
    waiting: int = 0  # accepted, and kept until their conversation is heard of
    opened: int = 0  # conversations
    changed: int = 0
    refused: list[tuple[Event, Errors]] = field(default_factory=list)

    def add(self, other: Taken) -> None:
        self.accepted += other.accepted
        self.duplicate += other.duplicate
        self.waiting += other.waiting
        self.opened += other.opened
        self.changed += other.changed
        self.refused += other.refused


class Taking:
    """One batch, in the caller's write transaction.

    `whole`: a conversation with a refused event is refused whole. `hopeful`: of conversations that are new nobody
    looks whether their events are known; if one is, the database says so (Conflict).
    """

    def __init__(self, organization_id: UUID, now: datetime, *, whole: bool, hopeful: bool = False) -> None:
        self.organization_id = organization_id
        self.now = now
        self.whole = whole
        self.hopeful = hopeful
        self.taken = Taken()
        self._batch = history.Batch()
        self._known: set[tuple[str, str]] = set()
        self._targets: dict[tuple[str, str], timeline.Known] = {}
        self._governance: tuple[int, Governance] = policies.governance(organization_id)

    def run(self, groups: Sequence[Group]) -> Taken:
        """Takes the events, whose divisions and agents are resolved. Raises history.Conflict where somebody else
        brought the same at the same time, or hope was vain: then everything has to be run again."""
        existing = self._existing(groups)
        if existing or not self.hopeful or not all(map(_opens, groups)):
            self._look_up(groups)
        ready: list[tuple[Group, UUID | None]] = []
        waiting: list[Event] = []
        for group in groups:
            id = existing.get((group.source, group.conversation))
            new = self._sort_out(group, id)
            if not new:
                continue
            if id is None and all(event.type != CREATED for event in new):
                waiting += new
                self.taken.waiting += len(new)
            else:
                ready.append((Group(group.source, group.conversation, new), id))
            self.taken.accepted += len(new)
        self._wait(waiting, self.now)
        self._take(ready)
        return self.taken

    def _existing(self, groups: Sequence[Group]) -> dict[tuple[str, str], UUID]:
        """The conversations that are there, locked in the order of their ids."""
        wanted = _by_source((group.source, group.conversation) for group in groups)
        found = self._find(wanted)
        strangers = {group.source for group in groups if (group.source, group.conversation) not in found}
        if strangers:
            history.queue(self.organization_id, strangers)
            found = self._find(wanted)
        conversations.hold(list(found.values()))
        return found

    def _find(self, wanted: dict[str, list[str]]) -> dict[tuple[str, str], UUID]:
        found: dict[tuple[str, str], UUID] = {}
        for source, names in wanted.items():
            ids = conversations.by_external_ids(self.organization_id, source, names)
            found.update(((source, name), id) for name, id in ids.items())
        return found

    def _look_up(self, groups: Sequence[Group]) -> None:
        """Which events are known, and what the void ones are about."""
        events = [event for group in groups for event in group.events]
        for source, ids in _by_source((event.source, event.id) for event in events).items():
            self._known.update((source, id) for id in timeline.known(self.organization_id, source, ids))
        voids = ((event.source, event.event or "") for event in events if event.type == VOID)
        for source, ids in _by_source(voids).items():
            found = timeline.by_source_ids(self.organization_id, source, ids)
            self._targets.update(((source, id), target) for id, target in found.items())

    def _sort_out(self, group: Group, id: UUID | None) -> list[Event]:
        """The events of a group that are new. Counts the others and tells those that are refused."""
        new: list[Event] = []
        refused: list[tuple[Event, Errors]] = []
        duplicate, created, seen = 0, id is not None, set()
        for event in group.events:
            place = (event.source, event.id)
            if place in self._known or place in seen:
                duplicate += 1
                continue
            if event.type == CREATED:
                if created:
                    if event.inferred:
                        duplicate += 1
                    else:
                        refused.append((event, {"conversation": [Problem("already_created")]}))
                    continue
                created = True
            elif event.type == VOID:
                if (wrong := self._void_refused(event, group, id)) is not None:
                    refused.append((event, {"event": [Problem(wrong)]}))
                    continue
                target = self._targets.get((event.source, event.event or ""))
                if target is not None and target.is_void:
                    duplicate += 1
                    continue
            seen.add(place)
            new.append(event)
        self.taken.refused += refused
        if refused and self.whole:
            return []
        self._known |= seen
        self.taken.duplicate += duplicate
        return new

    def _void_refused(self, event: Event, group: Group, id: UUID | None) -> str | None:
        target = self._targets.get((event.source, event.event or ""))
        if target is not None and target.conversation_id != id:
            return "of_another_conversation"
        if (target is not None and target.kind == words.CREATED) or any(
            other.type == CREATED and other.id == event.event for other in group.events
        ):
            return "holds_the_conversation"
        return None

    def _wait(self, events: Sequence[Event], heard_at: datetime) -> None:
        timeline.wait(
            [
                {
                    "id": new_id(),
                    "organization_id": self.organization_id,
                    "source": event.source,
                    "source_id": event.id,
                    "conversation": event.conversation,
                    "heard_at": heard_at,
                    "event": facts.kept(event),
                }
                for event in events
            ]
        )

    def _take(self, ready: Sequence[tuple[Group, UUID | None]]) -> None:
        """Opens and continues the conversations whose beginning is known, with the events that waited for them."""
        waited = self._waited(group for group, _ in ready)
        continued: list[tuple[UUID, list[tuple[datetime, Event]]]] = []
        for group, id in ready:
            heard = [(self.now, event) for event in group.events]
            heard += waited.get((group.source, group.conversation), ())
            if id is None:
                for heard_at, event in fold(self._batch, self.organization_id, heard, self._governance, self.now):
                    self._wait([event], heard_at)
                self.taken.opened += 1
            else:
                continued.append((id, heard))
        history.write(self._batch)
        for id, heard in sorted(continued, key=lambda one: one[0]):
            self._continue(id, heard)
        if ready:
            organizations.touch(self.organization_id)

    def _waited(self, groups: Iterable[Group]) -> dict[tuple[str, str], list[tuple[datetime, Event]]]:
        found: dict[tuple[str, str], list[tuple[datetime, Event]]] = {}
        for source, names in _by_source((group.source, group.conversation) for group in groups).items():
            for heard_at, said in timeline.take_waiting(self.organization_id, source, names):
                event = facts.resumed(said)
                found.setdefault((source, event.conversation), []).append((heard_at, event))
        for (source, _), heard in found.items():
            facts_now = timeline.by_source_ids(self.organization_id, source, [event.id for _, event in heard])
            heard[:] = [(at, event) for at, event in heard if event.id not in facts_now]
        return found

    def _continue(self, id: UUID, heard: Sequence[tuple[datetime, Event]]) -> None:
        """New facts of a known conversation, derived again."""
        conversation = conversations.get(self.organization_id, id)
        assert conversation is not None
        rows = [
            facts.row(part, self.organization_id, id, heard_at)
            for heard_at, event in heard
            if event.type != VOID
            for part in facts.parts(event)
        ]
        if any((event.channel or event.division_id) and event.type not in facts.PLACED for _, event in heard):
            rows += self._moves(conversation, [event for _, event in heard])
        for heard_at, event in heard:
            if event.type == VOID:
                found = timeline.by_source_ids(self.organization_id, event.source, [event.event or ""])
                target = found.get(event.event or "")
                if target is None:
                    if not void(event, rows, self.now):
                        self._wait([event], heard_at)
                elif target.conversation_id == id and target.kind != words.CREATED:
                    timeline.void(target.id, self.now)
        timeline.add_many(rows)
        changed: dict[str, Any] = {}
        assigned = timeline.latest(id, [words.ASSIGNMENT])
        if assigned is not None:
            changed["agent_id"] = assigned[2]
            conversation = replace(conversation, agent_id=assigned[2])
        said = timeline.latest(id, _PUBLIC)
        changed["last_message_at"] = said[1] if said else None
        changed["last_message_by"] = facts.BY[said[0]] if said else None
        rederive(conversation, self.now, **changed)
        self.taken.changed += 1

    def _moves(self, conversation: Conversation, events: Sequence[Event]) -> list[dict[str, Any]]:
        """The transfers that rows of a table imply, beside those that are known."""
        id, organization_id, source = conversation.id, self.organization_id, conversation.source
        implied, outdated = moves.implied_later(events, timeline.facts_of([id])[id])
        for known in timeline.by_source_ids(organization_id, source, outdated).values():
            timeline.void(known.id, self.now)
        there = timeline.known(organization_id, source, [event.id for event in implied])
        return [facts.row(event, organization_id, id, self.now) for event in implied if event.id not in there]


def _opens(group: Group) -> bool:
    """Whether a group is a conversation with its beginning and nothing that needs looking up."""
    types = {event.type for event in group.events}
    return CREATED in types and VOID not in types


def _by_source(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for source, name in pairs:
        found.setdefault(source, {})[name] = None
    return {source: list(names) for source, names in found.items()}
