"""What the databases do for the hot queries: the index that is meant for each, and no table read from end to end.

The plans are those of organizations with many rows, statistics taken. On PostgreSQL reading a whole table is made
unattractive, as it is where there are millions of rows: what is asked is whether the index serves, and in its order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, text

from omnistream_console.store import agents, board, breaches, clocks, conversations, sweeping, workers
from omnistream_console.store.board import Filters
from omnistream_console.store.database import db, transaction
from omnistream_console.work import sweep
from tests.work import desk
from tests.work.desk import m, spread

NUMBER = 4_000
NOW = m(0)
BIG = ("conversations", "clocks", "breaches", "facts")


@dataclass(frozen=True)
class Expected:
    """A query and the indexes that answer it."""

    name: str
    ask: Callable[[UUID, UUID], Any]
    indexes: tuple[str, ...]
    sqlite: tuple[str, ...] = ()  # and these on SQLite, which weighs no costs against them


def rows(group: str, **filters: Any) -> Callable[[UUID, UUID], Any]:
    return lambda organization, policy: board.rows(organization, group, Filters(**filters), NOW, limit=50)


def behind(organization: UUID, policy: UUID) -> Any:
    last = board.rows(organization, board.DUE, Filters(), NOW, limit=1)[0]
    return board.rows(organization, board.DUE, Filters(), NOW, limit=50, after=(last.next_due_at or NOW, last.id))


DUE, WARNING, BOARD = "ix_conversations_due", "ix_conversations_warning", "ix_conversations_board"
EXPECTED = [
    Expected("the sweep's claim", lambda o, p: sweeping.claim(NOW, 1_000), ("ix_clocks_sweep_at",)),
    Expected("the next due instant", lambda o, p: sweeping.next_due(), ("ix_clocks_sweep_at",)),
    Expected("the board: overdue", rows(board.OVERDUE), (DUE,)),
    Expected("the board: due", rows(board.DUE), (DUE,)),
    Expected("the board: due, from behind a cursor on", behind, (DUE,)),
    Expected("the board: paused", rows("paused"), (BOARD,)),
    Expected("the board: no policy", rows("none"), (BOARD,)),
    Expected(
        "the counters",
        lambda o, p: board.counters(o, Filters(), NOW),
        (DUE, WARNING, BOARD),
        ("ix_conversations_unassigned",),
    ),
    Expected("what tells a change", lambda o, p: board.mark(o, NOW), (DUE, WARNING)),
    Expected(
        "the newest conversations",
        lambda o, p: board.listed(o, Filters(), NOW, sort="-created_at", limit=50),
        ("ix_conversations_created",),
    ),
    Expected(
        "the breaches of all policies",
        lambda o, p: breaches.newest(o, breaches.Filters(), NOW, limit=50),
        ("ix_breaches_newest",),
    ),
    Expected(
        "the breaches of one policy",
        lambda o, p: breaches.newest(o, breaches.Filters(policy_id=p), NOW, limit=50),
        ("ix_breaches_policy",),
    ),
    Expected("what is behind an edit", lambda o, p: conversations.stale(o, 1, 100), ("ix_conversations_governed",)),
    Expected("who is behind an edit", lambda o, p: conversations.behind(), ("ix_conversations_governed",)),
    Expected("the longest wait", lambda o, p: clocks.oldest_wait(o), ("ix_clocks_waiting",)),
    Expected("how the sweep does", lambda o, p: workers.pulse(NOW), ("ix_clocks_sweep_at",)),
]


@pytest.fixture
def busy(context: Flask) -> tuple[UUID, UUID]:
    """Two organizations with conversations in every place of the board and as many breaches; (the second, its second
    policy)."""
    for name, number in (("Elsewhere", NUMBER // 10), ("Here", NUMBER)):
        organization = desk.found(name)
        policy = desk.promise(organization, "WhatsApp", m(-60), channel="whatsapp")
        begin = NOW - timedelta(minutes=61)
        ids = desk.fill(organization, spread(begin, timedelta(hours=50), number // 2), channel="email")
        ids += desk.fill(organization, spread(begin - timedelta(days=9), timedelta(days=8), number // 2))
    with transaction() as session:
        state = "UPDATE conversations SET next_due_at = NULL, next_warning_at = NULL, board_state = "
        early = "WHERE next_due_at < :now"
        parameters = {"now": _instant(NOW - timedelta(minutes=5))}
        # The older half has ended, but for some that wait or that no policy takes; what is left is under way.
        for share, change in ((3, "'paused'"), (5, "'none'"), (1, "NULL")):
            session.execute(text(f"{state} {change} {early} AND {_hash()} % {share} = 0"), parameters)
        agent = agents.create(organization, email="a@example.com", name="Ayu", role="agent", now=NOW).id
        most = f"UPDATE conversations SET agent_id = :agent WHERE {_hash()} % 50 <> 0"
        session.execute(text(most), {"agent": _id(agent)})
        session.execute(text("UPDATE clocks SET sweep_at = NULL WHERE sweep_at < :now"), parameters)
        session.execute(
            text(
                "INSERT INTO breaches (id, organization_id, conversation_id, clock, policy_id, policy_version, "
                "policy_name, threshold_secs, breached_at, detected_at, channel) "
                "SELECT conversation_id, organization_id, conversation_id, kind, policy_id, 1, policy_name, "
                "threshold_secs, due_at, due_at, 'email' FROM clocks WHERE kind = 'first_response' AND due_at < :now"
            ),
            parameters,
        )
        a_fifth = f"{_hash()} % 5 = 0".replace("created_at", "breached_at")
        session.execute(text(f"UPDATE breaches SET policy_id = :policy WHERE {a_fifth}"), {"policy": _id(policy.id)})
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # VACUUM also says which pages everybody sees: without it PostgreSQL thinks little of an index alone.
        connection.exec_driver_sql("ANALYZE" if _sqlite() else "VACUUM ANALYZE")
    return organization, policy.id


def _sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _instant(at: Any) -> Any:
    return int(at.timestamp() * 1_000_000) if _sqlite() else at


def _id(id: UUID) -> Any:
    return id.hex if _sqlite() else id


def _hash() -> str:
    """Something that differs from row to row."""
    return "(created_at / 1000000)" if _sqlite() else "extract(epoch FROM created_at)::bigint"


def plan_of(ask: Callable[[], Any]) -> str:
    """The plans of the statements that a call makes."""
    heard: list[tuple[str, Any]] = []

    def hear(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:
        if statement.startswith("SELECT"):
            heard.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    assert heard
    explain = "EXPLAIN QUERY PLAN " if _sqlite() else "EXPLAIN "
    if not _sqlite():
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    lines = []
    for statement, parameters in heard:
        for row in db.session.connection().exec_driver_sql(explain + statement, parameters):
            lines.append(str(row[-1]))
    db.session.rollback()
    return "\n".join(lines)


def faults(expected: Expected, plan: str) -> list[str]:
    wanted = (*expected.indexes, *(expected.sqlite if _sqlite() else ()))
    found = [f"{index} is not used" for index in wanted if index not in plan]
    for table in BIG:
        # SQLite says SCAN also of an index read in its order, which is what a limit wants: only without one is it bad.
        if re.search(rf"Seq Scan on {table}\b|SCAN {table}(?! USING)", plan):
            found.append(f"{table} is read from end to end")
    if re.search(r"USE TEMP B-TREE FOR ORDER BY|\bSort\b(?! Key)", plan):
        found.append("it sorts")
    return found


def test_every_hot_query_uses_its_index(busy: tuple[UUID, UUID]) -> None:
    organization, policy = busy
    wrong = []
    for expected in EXPECTED:
        plan = plan_of(lambda expected=expected: expected.ask(organization, policy))  # type: ignore[misc]
        if found := faults(expected, plan):
            wrong.append(f"{expected.name}: {', '.join(found)}\n{plan}")
    assert not wrong, "\n\n".join(wrong)


def test_the_number_of_queries_does_not_grow_with_the_rows(organization: UUID) -> None:
    desk.fill(organization, spread(NOW - timedelta(minutes=90), timedelta(minutes=60), 250))
    while sweep.step(NOW):
        pass
    numbers = []
    for limit in (2, 200):
        heard: list[str] = []

        def hear(connection: object, cursor: object, statement: str, *rest: object, heard: list[str] = heard) -> None:
            heard.append(statement)

        event.listen(db.engine, "before_cursor_execute", hear)
        for group in board.GROUPS:
            board.rows(organization, group, Filters(), NOW, limit=limit)
        breaches.newest(organization, breaches.Filters(), NOW, limit=limit)
        found = board.listed(organization, Filters(), NOW, sort="due", limit=limit)
        clocks.of([one.id for one in found])
        event.remove(db.engine, "before_cursor_execute", hear)
        numbers.append(len([one for one in heard if one.startswith("SELECT")]))
    assert numbers[0] == numbers[1] == len(board.GROUPS) + 3
