"""The demo's traffic: simulated customers and agents.

Visitors of the live chat, whose targets are seconds, each with a plan; and in the other divisions whatever keeps the
number of open conversations where it is.
"""

from __future__ import annotations

import heapq
import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle
from random import Random
from uuid import UUID

from flask import Flask

from ..sla.clocks import PAUSED
from ..sla.timeline import CLOSED, OPEN, PENDING, RESOLVED, UNDERWAY
from ..store import agents, board, conversations, divisions, organizations
from ..store.board import Filters
from ..store.conversations import Conversation
from ..store.database import transaction, utc_now
from . import intake
from .intake import By, Opening
from .sample import people, texts

log = logging.getLogger(__name__)

LIVE_CHAT = "Obrolan Langsung"
LIVE_CHANNEL = "webchat"


@dataclass(frozen=True, slots=True)
class Visit:
    """What becomes of a visitor of the live chat, in seconds after the first word."""

    answered: tuple[float, float] | None
    solved: tuple[float, float]


IN_TIME = Visit((6, 17), (40, 90))
LATE = Visit((36, 52), (80, 130))
MUCH_TOO_LATE = Visit((62, 80), (165, 195))
UNANSWERED = Visit(None, (70, 100))
_VISITS = (LATE, IN_TIME, IN_TIME, MUCH_TOO_LATE, IN_TIME, LATE, UNANSWERED, IN_TIME)

_VISITOR_EVERY = (8.0, 11.0)
_MOST_VISITORS = 14
_FORGOTTEN_EVERY = timedelta(minutes=1)
# Of the other divisions: below the first number new conversations come in, above the second some are solved.
_FEWEST, _MOST = 120, 200
_GLANCE = 60  # rows of the board that an act chooses from

_ASSIGN, _REPLY, _WRITE, _BOT, _SOLVE = "assign", "reply", "write", "bot", "solve"


class Traffic:
    """Simulated customers and agents, one act at a time, through the same door as real facts."""

    def __init__(self, app: Flask, organization_id: UUID, seed: int = 1) -> None:
        self.app = app
        self.organization_id = organization_id
        self.random = Random(seed)  # noqa: S311 - no secret
        self._visits = cycle(_VISITS)
        self._agenda: list[tuple[datetime, int, UUID, str]] = []
        self._numbers = count()
        self._next_visitor: datetime | None = None
        self._next_look: datetime | None = None
        self._live_id: UUID | None = None
        self._teams: dict[UUID, list[UUID]] = {}
        self._seen = board.Counters(0, 0, 0, 0, 0, 0, 0)

    def run(self, stop: threading.Event) -> None:
        """An act every one to two seconds until told to stop. An act that fails is logged and not tried again."""
        while not stop.wait(self.random.uniform(1, 2)):
            try:
                with self.app.app_context():
                    self.act(utc_now())
            except Exception:
                log.exception("an act of the demo's traffic failed")

    def act(self, now: datetime) -> None:
        """One act, in one transaction: what is due on the agenda, else a new visitor, else something elsewhere."""
        with transaction():
            self._look_around(now)
            if self._agenda and self._agenda[0][0] <= now:
                _, _, id, step = heapq.heappop(self._agenda)
                self._take(id, step, now)
            elif self._next_visitor is None or now >= self._next_visitor:
                self._next_visitor = now + timedelta(seconds=self.random.uniform(*_VISITOR_EVERY))
                if len({id for _, _, id, _ in self._agenda}) < _MOST_VISITORS:
                    self._visit(next(self._visits), now)
            else:
                self._elsewhere(now)

    # The live chat

    def _visit(self, visit: Visit, now: datetime) -> UUID:
        """A visitor begins; what follows goes on the agenda."""
        topic = self.random.choice(texts.TOPICS)
        visitor = people.contact(self.random, LIVE_CHANNEL, topic.language)
        opening = Opening(
            channel=LIVE_CHANNEL,
            contact_name=visitor.name,
            division_id=self._live_id,
            message=self._said(topic.opening),
        )
        id = intake.open_conversation(self.organization_id, opening, By(now))
        self._plan(id, _BOT, now + timedelta(seconds=2))
        if visit.answered is not None:
            answered = self.random.uniform(*visit.answered)
            self._plan(id, _ASSIGN, now + timedelta(seconds=answered / 2))
            self._plan(id, _REPLY, now + timedelta(seconds=answered))
            self._plan(id, _WRITE, now + timedelta(seconds=answered + 9))
        self._plan(id, _SOLVE, now + timedelta(seconds=self.random.uniform(*visit.solved)))
        return id

    def _plan(self, id: UUID, step: str, at: datetime) -> None:
        heapq.heappush(self._agenda, (at, next(self._numbers), id, step))

    def _look_around(self, now: datetime) -> None:
        """Now and then: who works where, and which visitors nobody has plans for (of an earlier start, or whose act
        failed). They are solved."""
        if self._next_look is not None and now < self._next_look:
            return
        self._next_look = now + _FORGOTTEN_EVERY
        found, _ = divisions.named(self.organization_id, [LIVE_CHAT], now)
        self._live_id = found[organizations.key(LIVE_CHAT)]
        self._teams = {}
        for agent in agents.of(self.organization_id):
            if agent.role == agents.AGENT:
                for division_id in agent.division_ids:
                    self._teams.setdefault(division_id, []).append(agent.id)
        planned = {id for _, _, id, _ in self._agenda}
        live = Filters(division_id=self._live_id)
        for row in board.rows(self.organization_id, board.OVERDUE, live, now, limit=200):
            if row.id not in planned:
                self._plan(row.id, _SOLVE, now)

    def _take(self, id: UUID, step: str, now: datetime) -> None:
        """One step of a conversation, unless somebody at the console was faster."""
        found = conversations.get(self.organization_id, id)
        if found is None or found.status not in UNDERWAY:
            return
        if step == _ASSIGN:
            self._assign(found, now)
        elif step == _REPLY:
            self._reply(found, now)
        elif step == _WRITE:
            self._say(found, "customer", self.random.choice(texts.FOLLOW_UP["id"]), By(now))
        elif step == _BOT:
            self._say(found, "bot", texts.BOT["id"], By(now))
        elif step == _SOLVE:
            self._set(found, RESOLVED, now)

    # Everywhere else

    def _elsewhere(self, now: datetime) -> None:
        """An act in the other divisions, chosen so that the board goes on showing something of everything."""
        self._seen = seen = board.counters(self.organization_id, Filters(), now)
        under_way = seen.breached + seen.warning + seen.ok + seen.paused + seen.none
        if under_way < _FEWEST:
            self._begin(now)
        elif under_way > _MOST:
            self._solve_one(now)
        else:
            acts = (self._begin, self._solve_one, self._answer_one, self._write_one, self._pause_one, self._move_one)
            self.random.choices(acts, weights=(22, 20, 30, 10, 12, 6))[0](now)

    def _begin(self, now: datetime) -> None:
        topic = self.random.choice(texts.TOPICS)
        channel = self.random.choice(("whatsapp", "whatsapp", "instagram", "email"))
        customer = people.contact(self.random, channel, topic.language)
        division = divisions.by_name(self.organization_id, people.DIVISIONS[topic.division])
        opening = Opening(
            channel=channel,
            contact_name=customer.name,
            contact_address=customer.address,
            subject=self._said(topic.subject) if channel == "email" else None,
            division_id=division.id if division else None,
            message=self._said(topic.opening),
        )
        intake.open_conversation(self.organization_id, opening, By(now))

    def _solve_one(self, now: datetime) -> None:
        group = board.OVERDUE if self.random.random() * 40 < self._seen.breached - 25 else board.DUE
        for row in self._some(group, now):
            if row.last_message_by != "customer" or group == board.OVERDUE:
                self._assign(row, now)
                self._set(row, RESOLVED if self.random.random() < 0.9 else CLOSED, now)
                return

    def _answer_one(self, now: datetime) -> None:
        """One of those that fall due next gets its answer."""
        waiting = [row for row in self._next(board.DUE, now) if row.last_message_by != "agent"]
        if waiting:
            self._reply(self.random.choice(waiting[:8]), now)

    def _write_one(self, now: datetime) -> None:
        for row in self._some(self.random.choice((board.DUE, board.DUE, PAUSED)), now):
            self._say(row, "customer", self.random.choice(texts.FOLLOW_UP["id"]), By(now))
            return

    def _pause_one(self, now: datetime) -> None:
        """One is set to pending, or goes on."""
        if self.random.random() * 45 < self._seen.paused:
            for row in self._some(PAUSED, now):
                self._set(row, OPEN, now)
                return
        for row in self._some(board.DUE, now):
            if row.last_message_by == "agent" and row.status == OPEN:
                self._set(row, PENDING, now)
                return

    def _move_one(self, now: datetime) -> None:
        """One is handed to another division."""
        for row in self._some(board.DUE, now):
            elsewhere = sorted(id for id in self._teams if id not in (row.division_id, self._live_id))
            by = By(now, actor_id=row.agent_id)
            note = texts.HANDED_OVER["id"]
            intake.transfer(self.organization_id, row.id, self.random.choice(elsewhere), None, note, by)
            return

    def _next(self, group: str, now: datetime) -> list[Conversation]:
        """The first rows of a group of the board, those of the live chat left out."""
        rows = board.rows(self.organization_id, group, Filters(), now, limit=_GLANCE)
        return [row for row in rows if row.division_id != self._live_id]

    def _some(self, group: str, now: datetime) -> list[Conversation]:
        rows = self._next(group, now)
        self.random.shuffle(rows)
        return rows

    # Single acts

    def _assign(self, row: Conversation, now: datetime) -> UUID | None:
        """Somebody of the division takes it, if nobody has. Returns who has it."""
        team = self._teams.get(row.division_id) if row.division_id else None
        if row.agent_id is not None or not team:
            return row.agent_id
        agent_id = self.random.choice(team)
        intake.assign(self.organization_id, row.id, agent_id, By(now, actor_id=agent_id))
        return agent_id

    def _reply(self, row: Conversation, now: datetime) -> None:
        agent_id = self._assign(row, now)
        self._say(row, "agent", self.random.choice(texts.ASSURANCE["id"]), By(now, actor_id=agent_id))

    def _say(self, row: Conversation, sender: str, text: str, by: By) -> None:
        intake.add_message(self.organization_id, row.id, sender, self._said(text), by)

    def _set(self, row: Conversation, status: str, now: datetime) -> None:
        intake.change_status(self.organization_id, row.id, status, By(now, actor_id=row.agent_id))

    def _said(self, text: str) -> str:
        return text.format(
            order=f"CN-{self.random.randrange(10_000, 99_999)}",
            thing=self.random.choice(texts.THINGS),
            place=self.random.choice(texts.PLACES),
            sum=self.random.choice(texts.SUMS),
        )
