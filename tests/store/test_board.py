"""The board and the ledger as they are read: every row once and in order, and counters that are the rows counted."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from omnistream_console.sla.clocks import standing
from omnistream_console.store import agents, board, breaches, clocks, conversations, divisions, policies
from omnistream_console.store.board import Filters
from omnistream_console.store.conversations import Conversation
from omnistream_console.store.database import transaction
from omnistream_console.work import intake, sweep
from omnistream_console.work.intake import By
from tests.work import desk
from tests.work.desk import become, m, open_, say

NOW = m(300)


def mixed(organization: UUID, seed: int, number: int = 36) -> None:
    """Conversations of all kinds, many of one instant so that only the id tells them apart."""
    dice = random.Random(seed)
    with transaction():
        teams = [divisions.create(organization, name, m(0)).id for name in ("Sales", "Support")]
        agent = agents.create(organization, email="a@example.com", name="Ayu", role="agent", now=m(0)).id
    for policy in (desk.the_policy(organization),):
        desk.edit(policy, m(-1), channel="email")
    for _ in range(number):
        at = dice.choice([0, 100, 150, 290, 299])
        told = {"channel": dice.choice(["email", "email", "email", "sms"]), "division_id": dice.choice([None, *teams])}
        id = open_(organization, m(at), **told)
        if dice.random() < 0.5:
            say(organization, id, "agent", m(at + dice.choice([1, 1, 80])))
        if dice.random() < 0.5:
            become(organization, id, dice.choice(["pending", "pending", "resolved", "open"]), m(at + 90))
        if dice.random() < 0.6:
            with transaction():
                intake.assign(organization, id, agent, By(m(at + 91)))
    while sweep.step(NOW):
        pass


def walked(page: Callable[[Any], list[Conversation]], key: Callable[[Conversation], Any]) -> list[Conversation]:
    """All rows, page by page, the way a browser pages."""
    found: list[Conversation] = []
    after = None
    while rows := page(after):
        found += rows
        after = key(rows[-1])
    return found


def place(group: str) -> Callable[[Conversation], tuple[datetime | None, UUID]]:
    dated = group in (board.OVERDUE, board.DUE)
    return lambda row: (row.next_due_at if dated else row.created_at, row.id)


def every_row(organization: UUID) -> list[Conversation]:
    return board.listed(organization, Filters(), NOW, sort="-created_at", limit=10_000)


@pytest.mark.parametrize("seed", [1, 2])
def test_pages_give_every_row_once_and_in_order(organization: UUID, seed: int) -> None:
    mixed(organization, seed)
    under_way = {row.id for row in every_row(organization) if row.board_state is not None}
    seen: list[UUID] = []
    for group in board.GROUPS:
        rows = walked(
            lambda after, group=group: board.rows(organization, group, Filters(), NOW, limit=3, after=after),  # type: ignore[misc]
            place(group),
        )
        keys = [place(group)(row) for row in rows]
        assert keys == sorted(keys, reverse=group == board.OVERDUE)  # type: ignore[type-var]
        seen += [row.id for row in rows]
    assert len(seen) == len(set(seen))
    assert set(seen) == under_way


@pytest.mark.parametrize("sort", ["due", "-created_at"])
def test_the_list_of_all_pages_as_well(organization: UUID, sort: str) -> None:
    mixed(organization, 3)
    rows = walked(
        lambda after: board.listed(organization, Filters(), NOW, sort=sort, limit=7, after=after),
        lambda row: (row.next_due_at if sort == "due" else row.created_at, row.id),
    )
    assert sorted(row.id for row in rows) == sorted(row.id for row in every_row(organization))
    if sort == "due":
        dues = [row.next_due_at for row in rows]
        dated = [due for due in dues if due is not None]
        assert dues[: len(dated)] == sorted(dated)
    else:
        assert all((one.created_at, one.id) > (next_.created_at, next_.id) for one, next_ in pairwise(rows))


@pytest.mark.parametrize("seed", [4, 5])
def test_the_counters_are_the_rows_counted(organization: UUID, seed: int) -> None:
    mixed(organization, seed)
    team = divisions.of(organization)[0].id
    rows = every_row(organization)
    for filters, keep in (
        (Filters(), lambda row: True),
        (Filters(channel="email"), lambda row: row.channel == "email"),
        (Filters(division_id=team), lambda row: row.division_id == team),
        (Filters(divisions=frozenset([team])), lambda row: row.division_id == team),
        (Filters(divisions=frozenset()), lambda row: False),
        (Filters(unassigned=True), lambda row: row.agent_id is None),
        (Filters(status="pending"), lambda row: row.status == "pending"),
    ):
        shown = [row for row in rows if row.standing is not None and keep(row)]
        counted = dict.fromkeys(board.SLA, 0)
        for row in shown:
            assert row.standing is not None
            counted[row.standing.status(NOW)] += 1
        found = board.counters(organization, filters, NOW)
        assert {name: getattr(found, name) for name in board.SLA} == counted, filters
        assert found.unassigned == sum(row.agent_id is None for row in shown)
        for sla, number in counted.items():
            narrowed = Filters(
                status=filters.status,
                channel=filters.channel,
                division_id=filters.division_id,
                divisions=filters.divisions,
                unassigned=filters.unassigned,
                sla=sla,
            )
            listed = [row for group in board.GROUPS for row in board.rows(organization, group, narrowed, NOW, limit=99)]
            assert len(listed) == number, (narrowed, sla)


def test_what_stands_in_the_row_is_what_the_clocks_say(organization: UUID) -> None:
    mixed(organization, 6)
    rows = every_row(organization)
    kept = clocks.of([row.id for row in rows])
    for row in rows:
        if row.standing is not None:
            for at in (m(300), m(400), m(9_999)):
                assert row.standing.status(at) == standing(kept[row.id]).status(at)


def test_the_mark_changes_when_something_is_written_and_when_an_instant_passes(organization: UUID) -> None:
    open_(organization, m(0))
    marks = [board.mark(organization, m(at)) for at in (1, 2, 48, 50, 60, 61)]
    assert [one == two for one, two in pairwise(marks)] == [True, False, True, False, True]
    open_(organization, m(62))
    assert board.mark(organization, m(63)) != marks[-1]


def test_breaches_page_in_order_too(organization: UUID) -> None:
    mixed(organization, 7)
    found = list(breaches.every(organization, breaches.Filters(), NOW))
    assert len(found) == breaches.count(organization, breaches.Filters()) > 5
    pages: list[breaches.Listed] = []
    after = None
    while rows := breaches.newest(organization, breaches.Filters(), NOW, limit=2, after=after):
        pages += rows
        after = (rows[-1].breached_at, rows[-1].id)
    assert [row.id for row in pages] == [row.id for row in found]
    keys = [(row.breached_at, row.id) for row in pages]
    assert keys == sorted(keys, reverse=True)
    middle = found[len(found) // 2].breached_at
    before = breaches.count(organization, breaches.Filters(to=middle))
    since = breaches.count(organization, breaches.Filters(from_=middle))
    assert before + since == len(found)


def test_another_organization_sees_and_touches_nothing(organization: UUID) -> None:
    mixed(organization, 8, number=12)
    other = desk.found("Elsewhere")
    policy = desk.the_policy(organization)
    (row, *_) = every_row(organization)
    team, agent = divisions.of(organization)[0], agents.of(organization)[0]
    assert every_row(other) == []
    for group in board.GROUPS:
        assert board.rows(other, group, Filters(), NOW, limit=9) == []
    assert sum(getattr(board.counters(other, Filters(), NOW), name) for name in board.SLA) == 0
    assert board.mark(other, NOW)[1:] == (None, None)
    assert board.channels(other) == []
    assert conversations.get(other, row.id) is None
    assert conversations.locked(other, row.id) is None
    assert conversations.stale(other, 99, 9) == []
    assert list(breaches.every(other, breaches.Filters(retracted=True), NOW)) == []
    assert breaches.count(other, breaches.Filters(policy_id=policy.id)) == 0
    assert clocks.oldest_wait(other) is None
    assert clocks.governed_by(other) == {}
    assert policies.get(other, policy.id, deleted=True) is None
    assert policy.id not in [one.id for one in policies.of(other)]
    assert not divisions.exists(other, team.id)
    assert divisions.by_name(other, team.name) is None
    assert not agents.exists(other, agent.id)
    assert agents.by_email(other, agent.email) is None
    assert agents.of(other) == []
    assert divisions.of(other) == []
