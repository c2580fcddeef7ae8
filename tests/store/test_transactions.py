"""Transactions: writers queue, readers never wait, and what belongs together is kept together."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import event, insert, text
from sqlalchemy.exc import IntegrityError

from omnistream_console.store import board, clocks, conversations, organizations, policies
from omnistream_console.store.board import Filters
from omnistream_console.store.clocks import ClockRow
from omnistream_console.store.database import db, new_id, table_of, transaction
from omnistream_console.work import sweep
from tests.work import desk
from tests.work.desk import m, open_


def begun(app: Flask) -> list[str]:
    """Hears the statements with which transactions begin."""
    heard: list[str] = []

    def hear(statement: str) -> None:
        if statement.startswith("BEGIN"):
            heard.append(statement)

    @event.listens_for(db.engine, "checkout")
    def listen(connection: Any, *rest: object) -> None:
        connection.set_trace_callback(hear)

    return heard


def test_sqlite_is_set_as_it_has_to_be(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        found = {
            name: db.session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30_000, "synchronous": 1}


def test_writers_take_the_lock_at_the_start_and_readers_none(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        organization = desk.found()
        db.session.rollback()
        heard = begun(app_sqlite)
        board.counters(organization, Filters(), m(0))
        assert heard == ["BEGIN"]
        sweep.step(m(0))
        assert heard == ["BEGIN", "BEGIN IMMEDIATE"]
        with transaction():
            organizations.touch(organization)
            with transaction():  # joins the one around it
                organizations.touch(organization)
        assert heard == ["BEGIN", "BEGIN IMMEDIATE", "BEGIN IMMEDIATE"]


def test_a_reader_does_not_wait_for_a_long_write(context: Flask, organization: UUID) -> None:
    open_(organization, m(0))
    writing, done = threading.Event(), threading.Event()

    def write() -> None:
        with context.app_context(), transaction():
            organizations.touch(organization)
            writing.set()
            done.wait(20)

    writer = threading.Thread(target=write)
    writer.start()
    assert writing.wait(10)
    began = time.monotonic()
    try:
        assert len(board.rows(organization, board.DUE, Filters(), m(1), limit=10)) == 1
        assert board.counters(organization, Filters(), m(1)).ok == 1
        assert time.monotonic() - began < 5
    finally:
        done.set()
        writer.join()


def test_what_fails_leaves_nothing(organization: UUID) -> None:
    before = conversations.get(organization, open_(organization, m(0)))
    assert before is not None

    def half() -> None:
        with transaction():
            conversations.change(before.id, subject="half")
            organizations.touch(organization)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert conversations.get(organization, before.id) == before


def test_foreign_keys_are_on(organization: UUID) -> None:
    id = open_(organization, m(0))
    row = {column.name: None for column in table_of(ClockRow).columns}
    kept = desk.clock_of(id)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(insert(table_of(ClockRow)), [row | clocks.row_of(kept, new_id(), organization)])


def test_an_edit_by_another_process_is_seen(context: Flask, organization: UUID) -> None:
    seq, before = policies.governance(organization)
    assert policies.governance(organization) == (seq, before)
    desk.edit(desk.the_policy(organization), m(5), resolution_time_secs=60)
    after = policies.governance(organization)
    assert after[0] == seq + 1
    # Another process has a memory of its own; what it shares is the count in the database.
    policies._governance.clear()
    assert policies.governance(organization)[1].at(m(6)).policies == after[1].at(m(6)).policies
    assert [since for since, _ in after[1].books][-1] == m(5)


def test_an_edit_that_was_rolled_back_is_forgotten(organization: UUID) -> None:
    policy = desk.the_policy(organization)

    def half() -> None:
        with transaction():
            policies.begin_edit(organization, m(1))
            policies.delete(policy, None, m(1))
            assert policies.governance(organization)[1].at(m(2)).policies == ()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    desk.edit(policy, m(3), priority=4)
    (standing,) = policies.governance(organization)[1].at(m(4)).policies
    assert (standing.priority, standing.version) == (4, 2)


def test_two_edits_never_carry_the_same_instant(organization: UUID) -> None:
    policy = desk.the_policy(organization)
    for priority in (1, 2, 3):
        desk.edit(policy, m(5), priority=priority)
    since = [at for at, _ in policies.governance(organization)[1].books]
    assert since == sorted(set(since))
    assert policies.governance(organization)[1].at(m(6)).policies[0].priority == 3
