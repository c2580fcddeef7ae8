"""Rows of a table to events, gathered by conversation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from ..events import AGENT, ASSIGN, CREATED, CUSTOMER, MESSAGE, STATUS, TRANSFER, VOID, Event
from .fields import Cells, Fields
from .groups import Gathered, RowRefused, check_beginning, digest, event_id
from .mapping import CONVERSATIONS, Mapping
from .reading import Record


def gather(header: list[str], records: Iterator[Record], mapping: Mapping, source: str, now: datetime) -> Gathered:
    """Reads all rows. Raises BadMapping if the header is not the mapping's, and what reading the file raises."""
    fields = Fields(mapping, header, now)
    table: _Conversations | _Events = (
        _Conversations(fields, source) if mapping.rows == CONVERSATIONS else _Events(fields, source)
    )
    name = "external_id" if mapping.rows == CONVERSATIONS else "conversation"
    gathered = Gathered(whose=_whose(mapping, header, name), header=header, ignored=mapping.ignored(header))
    refusals, width = gathered.refusals, len(header)
    for record in records:
        gathered.records += 1
        try:
            if record.wrong is not None:
                raise RowRefused(record.wrong)
            if len(record.cells) != width:
                raise RowRefused(f"the row has {len(record.cells)} cells, the header has {width}")
            table.take(record, gathered)
        except RowRefused as refused:
            refusals.add(record.number, str(refused), gathered.whose(record))
    table.finish(gathered)
    for events in gathered.groups.values():
        check_beginning(events, refusals)
    gathered.settle()
    return gathered


def _whose(mapping: Mapping, header: list[str], name: str) -> Callable[[Record], str | None]:
    places, default = mapping.places(header).get(name), mapping.defaults.get(name)

    def whose(record: Record) -> str | None:
        if places is None or len(record.cells) <= places[0]:
            return default if places is None else None
        cell = record.cells[places[0]].strip()
        return default if cell in mapping.missing else cell

    return whose


class _Conversations:
    """One conversation a row: up to five facts."""

    def __init__(self, fields: Fields, source: str) -> None:
        self._missing = fields.missing
        self._source = source
        self._external_id = fields.text("external_id")
        self._channel = fields.word("channel")
        self._division = fields.word("division")
        self._contact_name = fields.text("contact_name")
        self._contact_address = fields.text("contact_address")
        self._subject = fields.text("subject")
        self._opened_by = fields.word("opened_by")
        self._agent_email = fields.text("agent_email")
        self._status = fields.word("status")
        self._created_at = fields.instant("created_at")
        self._first_response_at = fields.instant("first_response_at")
        self._resolved_at = fields.instant("resolved_at")
        self._status_at = fields.instant("status_at")

    def take(self, record: Record, gathered: Gathered) -> None:
        cells, source, number = record.cells, self._source, record.number
        conversation = self._need("external_id", self._external_id(cells))
        if conversation in gathered.groups:
            other = gathered.groups[conversation][0].position
            raise RowRefused(f"the conversation stands in the file twice (row {other} and row {number})")
        created_at = self._created_at(cells)
        if created_at is None:
            raise self._missing("created_at")
        agent = self._agent_email(cells)
        first_response_at = self._first_response_at(cells)
        events = [
            Event(
                source, event_id(conversation, "created"), CREATED, conversation, created_at,
                position=number, inferred=True,
                channel=self._need("channel", self._channel(cells)),
                division=self._division(cells),
                contact_name=self._need("contact_name", self._contact_name(cells)),
                contact_address=self._contact_address(cells),
                subject=self._subject(cells),
                opened_by=self._opened_by(cells) or CUSTOMER,
            )
        ]  # fmt: skip
        if agent is not None:
            at = first_response_at or created_at
            events.append(
                Event(source, event_id(conversation, "assigned"), ASSIGN, conversation, at,
                      position=number, agent_email=agent)
            )  # fmt: skip
        if first_response_at is not None:
            events.append(
                Event(source, event_id(conversation, "first_response"), MESSAGE, conversation, first_response_at,
                      position=number, sender=AGENT, body="", agent_email=agent)
            )  # fmt: skip
        for at, status in self._statuses(cells, created_at, first_response_at):
            events.append(
                Event(source, event_id(conversation, status), STATUS, conversation, at, position=number, status=status)
            )
        gathered.groups[conversation] = events

    def finish(self, gathered: Gathered) -> None:
        """A row is a whole conversation: nothing is left to do."""

    def _need(self, name: str, value: str | None) -> str:
        if value is None:
            raise self._missing(name)
        return value

    def _statuses(
        self, cells: Cells, created_at: datetime, first_response_at: datetime | None
    ) -> list[tuple[datetime, str]]:
        """What a row knows of the conversation's status, and since when."""
        status, resolved_at, status_at = self._status(cells), self._resolved_at(cells), self._status_at(cells)
        if status is None:
            status = "open" if resolved_at is None else "resolved"
        if resolved_at is not None:
            if status == "resolved" or (status == "closed" and status_at in (None, resolved_at)):
                return [(resolved_at, status)]
            if status_at is None or status_at < resolved_at:
                raise RowRefused(
                    f"resolved_at is given, the status is {status}, and no status_at after it says since when"
                )
            return [(resolved_at, "resolved"), (status_at, status)]
        if status_at is not None:
            return [(status_at, status)]
        if status == "open":
            return []
        if status == "pending":
            # the last that the row knows of is the reply after which one waits for the customer
            return [(max(created_at, first_response_at or created_at), status)]
        raise RowRefused(f"the status is {status}, and nothing says since when")


@dataclass(slots=True)
class _Opening:
    """What rows that describe their conversation say of its beginning; the earliest row says it."""

    created_at: datetime
    key: tuple[datetime, int]
    position: int
    profile: tuple[str | None, ...]


class _Events:
    """One event a row. Where a column says when the conversation was created, every row describes its conversation
    too: the first of them creates it, and a channel or division that differs from the row before is a transfer."""

    def __init__(self, fields: Fields, source: str) -> None:
        self._missing = fields.missing
        self._source = source
        self._conversation = fields.text("conversation")
        self._type = fields.word("type")
        self._at = fields.instant("at")
        self._key = fields.key("id")
        self._seq = fields.number("seq")
        self._status = fields.word("status")
        self._sender = fields.word("sender")
        self._body = fields.text("body")
        self._channel = fields.word("channel")
        self._division = fields.word("division")
        self._note = fields.text("note")
        self._agent_email = fields.text("agent_email")
        self._event = fields.text("event")
        self._profile = tuple(map(fields.text, ("contact_name", "contact_address", "subject", "message")))
        self._opened_by = fields.word("opened_by")
        self._created_at = fields.instant("created_at")
        self._describes = fields.has("created_at")
        self._openings: dict[str, _Opening] = {}
        self._alike: dict[str, int] = {}

    def take(self, record: Record, gathered: Gathered) -> None:
        cells = record.cells
        conversation = self._conversation(cells)
        if conversation is None:
            raise self._missing("conversation")
        kind, at = self._type(cells), self._at(cells)
        if kind is None:
            raise self._missing("type")
        if at is None:
            raise self._missing("at")
        event = Event(self._source, "", kind, conversation, at, self._seq(cells), record.number)
        if self._describes or kind in (CREATED, TRANSFER):
            event.channel = self._channel(cells)
            event.division = self._division(cells)
        if kind == STATUS:
            event.status = self._status(cells)
            if event.status is None:
                raise self._missing("status")
        else:
            self._fill(event, cells)
        event.id = self._key(cells) or self._derived(event)
        if self._describes and kind != CREATED:
            self._describe(event, cells)
        gathered.add(event)

    def finish(self, gathered: Gathered) -> None:
        """Creates the conversations that rows describe."""
        for conversation, opening in self._openings.items():
            events = gathered.groups.get(conversation)
            if events is None or any(event.type == CREATED for event in events):
                continue
            first = sorted(events, key=_order)
            contact_name, contact_address, subject, opened_by, message = opening.profile
            channel = next((event.channel for event in first if event.channel), None)
            if channel is None or contact_name is None:
                lacking = self._missing("channel" if channel is None else "contact_name")
                gathered.refusals.add(opening.position, str(lacking), conversation)
                continue
            created = Event(
                self._source, event_id(conversation, "created"), CREATED, conversation, opening.created_at, 0,
                opening.position, True, contact_name, contact_address, subject, opened_by or CUSTOMER, message, channel,
                next((event.division for event in first if event.division), None),
            )  # fmt: skip
            events.insert(0, created)

    def _fill(self, event: Event, cells: Cells) -> None:
        """The fields of the rarer types."""
        if event.type == MESSAGE:
            event.sender, event.body = self._sender(cells), self._body(cells) or ""
            event.agent_email = self._agent_email(cells) if event.sender in (AGENT, "note") else None
            if event.sender is None:
                raise self._missing("sender")
        elif event.type == TRANSFER:
            event.note = self._note(cells)
            if event.channel is None and event.division is None:
                raise self._missing("division")
        elif event.type == ASSIGN:
            event.agent_email = self._agent_email(cells)
        elif event.type == VOID:
            event.event = self._event(cells)
            if event.event is None:
                raise self._missing("event")
        elif event.type == CREATED:
            event.contact_name, event.contact_address, event.subject, event.message = (
                read(cells) for read in self._profile
            )
            event.opened_by, event.agent_email = self._opened_by(cells) or CUSTOMER, self._agent_email(cells)
            if event.contact_name is None or event.channel is None:
                raise self._missing("channel" if event.channel is None else "contact_name")

    def _describe(self, event: Event, cells: Cells) -> None:
        created_at = self._created_at(cells)
        if created_at is None:
            raise self._missing("created_at")
        opening = self._openings.get(event.conversation)
        key = _order(event)
        if opening is None:
            self._openings[event.conversation] = _Opening(created_at, key, event.position, self._beginning(cells))
            return
        if opening.created_at != created_at:
            raise RowRefused(f"created_at differs from that of row {opening.position} of the same conversation")
        if key < opening.key:
            opening.key, opening.position, opening.profile = key, event.position, self._beginning(cells)

    def _beginning(self, cells: Cells) -> tuple[str | None, ...]:
        name, address, subject, message = (read(cells) for read in self._profile)
        return name, address, subject, self._opened_by(cells), message

    def _derived(self, event: Event) -> str:
        """An id for a row that has none: from what it says, and counted where several rows say the same."""
        said = digest(
            event.conversation, event.type, event.at.isoformat(), event.status or "", event.sender or "",
            event.body or "", event.agent_email or "", event.event or "",
            f"{event.channel}|{event.division}" if event.type == TRANSFER else "",
        )  # fmt: skip
        count = self._alike[said] = self._alike.get(said, 0) + 1
        return f"row:{said}:{count}"


def _order(event: Event) -> tuple[datetime, int]:
    return event.at, event.position if event.seq is None else event.seq
