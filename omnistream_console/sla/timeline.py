"""The facts of a conversation and their order: what happened, when, and when we heard of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

CREATED = "created"
TRANSFER = "transfer"
CUSTOMER_MESSAGE = "customer_message"
AGENT_REPLY = "agent_reply"
BOT_MESSAGE = "bot_message"
NOTE = "note"
ASSIGNMENT = "assignment"
STATUS = "status"

KINDS = (CREATED, TRANSFER, CUSTOMER_MESSAGE, AGENT_REPLY, BOT_MESSAGE, NOTE, ASSIGNMENT, STATUS)
MESSAGES = (CUSTOMER_MESSAGE, AGENT_REPLY, BOT_MESSAGE, NOTE)
# A customer whose message and whose answer carry the same instant wrote first; a status closes what came before it.
_PLACE = {CREATED: 0, TRANSFER: 1, CUSTOMER_MESSAGE: 2, AGENT_REPLY: 3, STATUS: 5}
_OTHER = 4

OPEN = "open"
PENDING = "pending"
RESOLVED = "resolved"
CLOSED = "closed"
STATUSES = (OPEN, PENDING, RESOLVED, CLOSED)
UNDERWAY = (OPEN, PENDING)

BY_CUSTOMER = "customer"
BY_AGENT = "agent"


@dataclass(frozen=True, slots=True)
class Subject:
    """What policies look at: where a conversation stands at some moment."""

    channel: str
    division_id: UUID | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened. `at` is when; `heard_at` is when the product learned of it, never before it by more
    than the five minutes that clocks of two machines may differ."""

    kind: str
    at: datetime
    heard_at: datetime
    seq: int | None = None
    source: str = ""
    id: str = ""
    # created and transfer: where the conversation stands from then on; None in a transfer: unchanged
    channel: str | None = None
    division_id: UUID | None = None
    # created: who opened it; status: the status from then on
    opened_by: str | None = None
    status: str | None = None


Order = tuple[datetime, bool, int, int, str, str]


def place(at: datetime, seq: int | None, kind: str, source: str, id: str) -> Order:
    """The place of a fact in its timeline: instant, position in its source, kind, identity. Total, so that the clocks
    are the same in whatever order facts arrive. A fact without a position stands before those that have one."""
    return (at, seq is not None, seq or 0, _PLACE.get(kind, _OTHER), source, id)


def order(fact: Fact) -> Order:
    """The sort key of a timeline."""
    return place(fact.at, fact.seq, fact.kind, fact.source, fact.id)


@dataclass(frozen=True, slots=True)
class Course:
    """A timeline read once from start to end: all that clocks depend on."""

    created_at: datetime
    heard_at: datetime
    opened_by: str
    customer: Sequence[datetime]  # public messages of the customer
    replies: Sequence[datetime]  # public replies of human agents
    statuses: Sequence[tuple[datetime, datetime, str]]  # (at, heard_at, status), changes only; created as open
    subjects: Sequence[tuple[datetime, datetime, Subject]]  # (at, heard_at, subject from then on)

    @property
    def status(self) -> str:
        """The status at the end of the timeline."""
        return self.statuses[-1][2]

    @property
    def subject(self) -> Subject:
        """Where the conversation stands at the end of the timeline."""
        return self.subjects[-1][2]


class NoBeginning(ValueError):
    """A timeline without a `created` fact: nothing can be measured on it."""


def read(facts: Iterable[Fact]) -> Course:
    """Sorts the facts and reads them. Facts dated before the creation count from the creation where they say where
    the conversation stands or what its status is, and from their own instant where they are messages.

    Raises NoBeginning.
    """
    timeline = sorted(facts, key=order)
    created = next((fact for fact in timeline if fact.kind == CREATED), None)
    if created is None:
        raise NoBeginning
    customer: list[datetime] = []
    replies: list[datetime] = []
    subject = Subject(created.channel or "", created.division_id)
    subjects = [(created.at, created.heard_at, subject)]
    status = created.status or OPEN
    statuses = [(created.at, created.heard_at, status)]
    for fact in timeline:
        kind = fact.kind
        if kind == STATUS:
            if fact.status is not None and fact.status != status:
                status = fact.status
                statuses.append((max(fact.at, created.at), fact.heard_at, status))
        elif kind == CUSTOMER_MESSAGE:
            customer.append(fact.at)
        elif kind == AGENT_REPLY:
            replies.append(fact.at)
        elif kind == TRANSFER:
            moved = Subject(fact.channel or subject.channel, fact.division_id or subject.division_id)
            if moved != subject:
                subject = moved
                subjects.append((max(fact.at, created.at), fact.heard_at, subject))
    return Course(created.at, created.heard_at, created.opened_by or BY_CUSTOMER, customer, replies, statuses, subjects)
