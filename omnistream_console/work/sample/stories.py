"""One conversation in the making: facts at instants, with lines that fit the topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ...sla import timeline as words
from ...sla.matching import PolicyVersion, Rulebook
from ...sla.timeline import Subject
from . import people, texts
from .texts import Topic


@dataclass(slots=True)
class World:
    """What every story draws from."""

    random: Random
    now: datetime
    zone: ZoneInfo
    divisions: Mapping[str, UUID]
    teams: Mapping[str, Sequence[UUID]]
    book: Rulebook  # the policies of today
    unusual: list[str] = field(default_factory=lambda: list(people.UNUSUAL))  # names not given away yet

    def promise(self, channel: str, division: str) -> PolicyVersion | None:
        """The policy that governs a conversation there today."""
        return self.book.choose(Subject(channel, self.divisions[division]))

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def daytime(self, days_ago: int) -> datetime:
        """A whole second of a day of the past, between eight and eight where the organization is."""
        day = (self.now - timedelta(days=days_ago)).astimezone(self.zone)
        morning = day.replace(hour=8, minute=0, second=0, microsecond=0)
        return (morning + timedelta(seconds=self.random.randrange(12 * 3_600))).astimezone(self.now.tzinfo)


class Story:
    """The facts of one conversation, in the order of their telling. Each method takes the instant of its fact."""

    def __init__(
        self,
        world: World,
        channel: str,
        division: str,
        created_at: datetime,
        *,
        opened_by: str = words.BY_CUSTOMER,
        unusual: bool = False,
    ) -> None:
        self.world = world
        self.channel = channel
        self.division = division
        self.created_at = created_at
        self.opened_by = opened_by
        self.agent_id: UUID | None = None
        self.facts: list[dict[str, Any]] = []
        self.topic: Topic = world.random.choice([topic for topic in texts.TOPICS if topic.division == division])
        language = self.topic.language
        self._about = {
            "order": f"CN-{world.random.randrange(10_000, 99_999)}",
            "thing": world.random.choice(texts.THINGS if language == "id" else texts.THINGS_EN),
            "place": world.random.choice(texts.PLACES),
            "sum": world.random.choice(texts.SUMS),
        }
        self._turn = 0
        self._answered = False
        name = world.unusual.pop(0) if unusual and world.unusual else None
        self.contact = people.contact(world.random, channel, language, name)
        self.subject: str | None = None
        if unusual and world.chance(0.5):
            self.subject = self._said(texts.LONG_SUBJECT)
        elif channel == "email" or world.chance(0.35):
            self.subject = self._said(self.topic.subject)
        self._add(
            words.CREATED,
            created_at,
            channel=channel,
            division_id=world.divisions[division],
            opened_by=opened_by,
            seq=0,
        )
        if opened_by == words.BY_CUSTOMER:
            self._add(words.CUSTOMER_MESSAGE, created_at, body=self._said(self.topic.opening), seq=1)
        else:
            self.agent_id = world.random.choice(world.teams[division])
            said = self._said(texts.REACHING_OUT[language])
            self._add(words.AGENT_REPLY, created_at, body=said, actor_id=self.agent_id, seq=1)
            self._add(words.ASSIGNMENT, created_at, agent_id=self.agent_id, actor_id=self.agent_id, seq=2)

    def customer(self, at: datetime, text: str | None = None) -> None:
        """The customer writes: the next line of the topic once somebody has answered."""
        if text is None and self._answered and self._turn < len(self.topic.turns):
            text = self.topic.turns[self._turn][0]
        text = text or self.world.random.choice(texts.FOLLOW_UP[self.topic.language])
        self._add(words.CUSTOMER_MESSAGE, at, body=self._said(text))

    def reply(self, at: datetime, heard_at: datetime | None = None) -> None:
        """A human agent answers in public; `heard_at` where we learn of it later."""
        if not self._answered:
            text = self.topic.answer
            self._answered = True
        elif self._turn < len(self.topic.turns):
            text = self.topic.turns[self._turn][1]
            self._turn += 1
        else:
            text = self.world.random.choice(texts.ASSURANCE[self.topic.language])
        self._add(words.AGENT_REPLY, at, body=self._said(text), actor_id=self._somebody(), heard_at=heard_at)

    def bot(self, at: datetime) -> None:
        self._add(words.BOT_MESSAGE, at, body=texts.BOT[self.topic.language])

    def note(self, at: datetime) -> None:
        self._add(words.NOTE, at, body=self._said(self.topic.note), actor_id=self._somebody())

    def assign(self, at: datetime) -> None:
        """Somebody of the division has it from now on."""
        self.agent_id = self.world.random.choice(self.world.teams[self.division])
        self._add(words.ASSIGNMENT, at, agent_id=self.agent_id, actor_id=self.agent_id)

    def status(self, at: datetime, status: str) -> None:
        self._add(words.STATUS, at, status=status, actor_id=self._somebody())

    def comes_back(self, at: datetime) -> None:
        """The customer writes to a conversation that waits or has ended, which opens it."""
        self._add(words.CUSTOMER_MESSAGE, at, body=texts.AGAIN[self.topic.language], seq=0)
        self._add(words.STATUS, at, status=words.OPEN, seq=1)

    def transfer(self, at: datetime, *, division: str | None = None, channel: str | None = None) -> None:
        note = texts.HANDED_OVER[self.topic.language]
        self._add(
            words.TRANSFER,
            at,
            division_id=self.world.divisions[division] if division else None,
            channel=channel,
            body=note,
            actor_id=self._somebody(),
        )
        self.division, self.channel = division or self.division, channel or self.channel

    def talk(self, start: datetime, end: datetime, turns: int) -> None:
        """Turns of customer and agent, spread over a stretch of time."""
        part = (end - start) / (2 * turns + 1) if turns else timedelta(0)
        for turn in range(turns):
            self.customer(start + part * (2 * turn + 1))
            self.reply(start + part * (2 * turn + 2))

    def _somebody(self) -> UUID:
        return self.agent_id or self.world.random.choice(self.world.teams[self.division])

    def _said(self, text: str) -> str:
        return text.format(**self._about)

    def _add(self, kind: str, at: datetime, *, heard_at: datetime | None = None, **columns: Any) -> None:
        at = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
        self.facts.append({"kind": kind, "at": at, "heard_at": heard_at or at, **columns})
