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
from ...sla.breaches import settle
from ...sla.folding import clocks_of
from ...sla.matching import Governance
from ...store import breaches, clocks, conversations, history, organizations, policies, timeline
from ...store.database import new_id
from ..derive import place_of, rederive
from ..events import CREATED, TRANSFER, VOID, Errors, Event, Message
from . import facts

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
        found: dict[tuple[str, str], UUID] = {}
        for source, names in _by_source((group.source, group.conversation) for group in groups).items():
            ids = conversations.by_external_ids(self.organization_id, source, names)
            found.update(((source, name), id) for name, id in ids.items())
        conversations.hold(list(found.values()))
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
                        refused.append((event, {"conversation": [Message("already_created")]}))
                    continue
                created = True
            elif event.type == VOID:
                target = self._targets.get((event.source, event.event or ""))
                if target is not None and target.is_void:
                    duplicate += 1
                    continue
                if (wrong := self._void_refused(event, group, id)) is not None:
                    refused.append((event, {"event": [Message(wrong)]}))
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
        continued: list[tuple[UUID, Group, list[tuple[datetime, Event]]]] = []
        for group, id in ready:
            heard = [(self.now, event) for event in group.events]
            heard += waited.get((group.source, group.conversation), ())
            if id is None:
                self._open(heard)
            else:
                continued.append((id, group, heard))
        history.write(self._batch)
        for id, _, heard in sorted(continued, key=lambda one: one[0]):
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

    def _open(self, heard: Sequence[tuple[datetime, Event]]) -> None:
        """A new conversation, folded."""
        created = next(event for _, event in heard if event.type == CREATED)
        id, organization_id, now = new_id(), self.organization_id, self.now
        rows = self._rows(id, heard, created.channel or "", created.division_id)
        valid = [row for row in rows if row["voided_at"] is None]
        course = words.read(map(facts.fact, valid))
        seq, governance = self._governance
        settled = settle(clocks_of(course, governance), {}, now)
        agent_id, message = _people(valid)
        subject = course.subject
        place = breaches.Place(organization_id, id, subject.channel, subject.division_id, agent_id)
        batch = self._batch
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
        self.taken.opened += 1

    def _rows(
        self, id: UUID, heard: Sequence[tuple[datetime, Event]], channel: str, division_id: UUID | None
    ) -> list[dict[str, Any]]:
        """The facts of a new conversation, void ones marked. What is to be void and not there yet waits on."""
        told = [event for _, event in heard]
        rows = [
            facts.row(part, self.organization_id, id, heard_at)
            for heard_at, event in heard
            if event.type != VOID
            for part in facts.parts(event)
        ]
        if len({(event.channel, event.division_id) for event in told}) > 1:
            implied = facts.transfers(sorted(told, key=facts.order), channel, division_id)
            rows += [facts.row(event, self.organization_id, id, self.now) for event in implied]
        for heard_at, event in heard:
            if event.type == VOID:
                self._void(event, heard_at, rows)
        return rows

    def _void(self, event: Event, heard_at: datetime, rows: Sequence[dict[str, Any]]) -> None:
        for row in rows:
            if row["source_id"] == event.event and row["source"] == event.source:
                if row["kind"] != words.CREATED:
                    row["voided_at"] = self.now
                return
        self._wait([event], heard_at)

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
        rows += self._implied(id, [event for _, event in heard])
        for heard_at, event in heard:
            if event.type == VOID:
                found = timeline.by_source_ids(self.organization_id, event.source, [event.event or ""])
                target = found.get(event.event or "")
                if target is None:
                    self._void(event, heard_at, rows)
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

    def _implied(self, id: UUID, events: Sequence[Event]) -> list[dict[str, Any]]:
        """The transfers that rows of a table imply for a known conversation."""
        if all(event.type in facts.PLACED or not (event.channel or event.division_id) for event in events):
            return []
        told = timeline.facts_of([id])[id]
        created = next(fact for fact in told if fact.kind == words.CREATED)
        moves = [
            Event(f.source, f.id, TRANSFER, "", f.at, f.seq, channel=f.channel, division_id=f.division_id)
            for f in told
            if f.kind == words.TRANSFER
        ]
        ordered = sorted([*moves, *events], key=facts.order)
        implied = facts.transfers(ordered, created.channel or "", created.division_id)
        known = timeline.known(self.organization_id, events[0].source, [event.id for event in implied])
        return [facts.row(e, self.organization_id, id, self.now) for e in implied if e.id not in known]


def _opens(group: Group) -> bool:
    """Whether a group is a conversation with its beginning and nothing that needs looking up."""
    types = {event.type for event in group.events}
    return CREATED in types and VOID not in types


def _by_source(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for source, name in pairs:
        found.setdefault(source, {})[name] = None
    return {source: list(names) for source, names in found.items()}


def _people(rows: Sequence[dict[str, Any]]) -> tuple[UUID | None, dict[str, Any]]:
    """Who has a conversation, and the message that the board shows, by its facts."""
    agent_id: UUID | None = None
    message: dict[str, Any] = {"last_message_at": None, "last_message_by": None}
    if len({row["kind"] for row in rows} - {words.CREATED, words.STATUS, words.TRANSFER}) == 0:
        return agent_id, message
    for row in sorted(rows, key=lambda row: words.order(facts.fact(row))):
        if row["kind"] == words.ASSIGNMENT:
            agent_id = row["agent_id"]
        elif row["kind"] in facts.BY:
            message = {"last_message_at": row["at"], "last_message_by": facts.BY[row["kind"]]}
    return agent_id, message
