"""The sweep: records what is due, at due, once; and nobody's trouble is another one's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from omnistream_console.store import board, breaches, conversations, sweeping, workers
from omnistream_console.store.database import db, transaction
from omnistream_console.work import recalculate, sweep
from omnistream_console.work.loop import Worker
from tests.work import desk
from tests.work.desk import SECOND, become, clock_of, delete, edit, m, open_, recorded, say, spread, the_policy

TICK = timedelta(microseconds=1)


def test_nothing_is_recorded_before_due_and_all_exactly_at_due(organization: UUID) -> None:
    id = open_(organization, m(0))
    assert sweep.step(m(60) - TICK) == 0
    assert sweep.step(m(60)) == 1
    (breach,) = recorded(organization, m(90))
    assert (breach.conversation_id, breach.clock, breach.policy_name) == (id, "first_response", "Everything")
    assert (breach.breached_at, breach.detected_at, breach.threshold_secs) == (m(60), m(60), 3_600)
    assert (breach.growing, breach.actual_secs, breach.channel) == (True, 5_400, "email")
    assert clock_of(id).breached_at == m(60)


def test_what_is_recorded_is_not_due_again(organization: UUID) -> None:
    open_(organization, m(0))
    assert [sweep.step(m(61)), sweep.step(m(61)), sweep.step(m(90))] == [1, 0, 0]
    assert sweeping.next_due() == m(240)
    assert sweep.step(m(240)) == 1
    assert [breach.clock for breach in recorded(organization, m(300))] == ["resolution", "first_response"]
    assert sweeping.next_due() is None


def test_a_batch_takes_what_fell_due_first_and_the_rest_is_not_forgotten(organization: UUID) -> None:
    desk.fill(organization, spread(m(0), 25 * SECOND, 25))
    assert [sweep.step(m(61), batch=10) for _ in range(4)] == [10, 10, 5, 0]
    assert len({breach.conversation_id for breach in recorded(organization, m(61))}) == 25


def test_the_board_hears_of_it_once_for_a_batch(organization: UUID) -> None:
    desk.fill(organization, [m(0)] * 5)
    before = board.mark(organization, m(60))[0]
    sweep.step(m(60))
    assert board.mark(organization, m(60))[0] == before + 1
    sweep.step(m(60))
    assert board.mark(organization, m(60))[0] == before + 1


def test_recording_moves_nothing_on_the_board(organization: UUID) -> None:
    id = open_(organization, m(0))
    before = conversations.get(organization, id)
    sweep.step(m(60))
    assert conversations.get(organization, id) == before


def test_a_stopped_or_paused_clock_is_not_due(organization: UUID) -> None:
    id = open_(organization, m(0))
    say(organization, id, "agent", m(5))
    become(organization, id, "pending", m(10))
    assert sweeping.next_due() is None
    become(organization, id, "open", m(1_000))
    assert sweeping.next_due() == m(1_230)


def test_a_conversation_behind_the_latest_edit_is_brought_there_first(organization: UUID) -> None:
    id = open_(organization, m(0))
    edit(the_policy(organization), m(30), first_response_time_secs=7_200)
    assert sweep.step(m(60)) == 1
    assert recorded(organization, m(60)) == []
    assert (clock_of(id).due_at, clock_of(id).policy_version) == (m(120), 2)
    assert sweep.step(m(120)) == 1
    (breach,) = recorded(organization, m(120))
    assert (breach.breached_at, breach.threshold_secs) == (m(120), 7_200)


def test_a_stale_clock_that_is_due_by_the_new_version_as_well_is_recorded_by_that_one(organization: UUID) -> None:
    open_(organization, m(0))
    edit(the_policy(organization), m(30), first_response_time_secs=600)
    sweep.step(m(60))
    (breach,) = recorded(organization, m(60))
    assert (breach.breached_at, breach.threshold_secs, breach.detected_at) == (m(30), 600, m(60))


def test_a_clock_whose_policy_went_is_recorded_by_nobody(organization: UUID) -> None:
    id = open_(organization, m(0))
    delete(the_policy(organization), m(30))
    sweep.step(m(60))
    assert recorded(organization, m(60)) == []
    assert clock_of(id).state == "unjudged"
    assert conversations.get(organization, id).board_state == "none"  # type: ignore[union-attr]


def test_a_retracted_breach_that_falls_due_after_all_stands_again_at_its_new_instant(organization: UUID) -> None:
    id = open_(organization, m(0))
    say(organization, id, "agent", m(1))
    sweep.step(m(240))
    become(organization, id, "pending", m(10), heard=m(245))
    become(organization, id, "open", m(40), heard=m(245))
    assert recorded(organization, m(250)) == []
    assert sweeping.next_due() == m(270)
    assert sweep.step(m(270)) == 1
    (breach,) = recorded(organization, m(271))
    assert (breach.breached_at, breach.detected_at, breach.retracted_at) == (m(270), m(270), None)
    assert clock_of(id, "resolution").breached_at == m(270)
    assert sweeping.next_due() is None


@contextmanager
def refusing(id: UUID) -> Iterator[None]:
    """The database refuses the breaches of one conversation, as it would a row that some fault has spoilt."""
    sqlite = db.engine.dialect.name == "sqlite"
    made, gone = (
        (
            [
                f"CREATE TRIGGER poison BEFORE INSERT ON breaches WHEN NEW.conversation_id = '{id.hex}' "
                "BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
            ],
            ["DROP TRIGGER poison"],
        )
        if sqlite
        else (
            [
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'poisoned'; END $$",
                "CREATE TRIGGER poison BEFORE INSERT ON breaches FOR EACH ROW "
                f"WHEN (NEW.conversation_id = '{id}') EXECUTE FUNCTION refuse()",
            ],
            ["DROP TRIGGER poison ON breaches", "DROP FUNCTION refuse"],
        )
    )
    for statement in made:
        with transaction() as session:
            session.execute(text(statement))
    yield
    for statement in gone:
        with transaction() as session:
            session.execute(text(statement))


def test_a_poisoned_row_is_put_off_ever_longer_and_logged_and_stops_nobody(
    organization: UUID, caplog: pytest.LogCaptureFixture
) -> None:
    ids = desk.fill(organization, [m(0)] * 40)
    poisoned = ids[17]
    with refusing(poisoned), caplog.at_level(logging.ERROR):
        assert sweep.step(m(60)) == 40
        assert {breach.conversation_id for breach in recorded(organization, m(60))} == set(ids) - {poisoned}
        assert [str(poisoned) in record.getMessage() for record in caplog.records] == [True]
        now, waits = m(60), []
        for _ in range(3):
            due = sweeping.next_due()
            assert due is not None
            waits.append(due - now)
            assert sweep.step(due - TICK) == 0
            now = due
            assert sweep.step(now) == 1
        assert waits == [5 * SECOND, 10 * SECOND, 20 * SECOND]
        assert len(caplog.records) == 4
    due = sweeping.next_due()
    assert due is not None
    assert sweep.step(due) == 1
    assert poisoned in {breach.conversation_id for breach in recorded(organization, due)}
    assert clock_of(poisoned).breached_at == m(60)  # the due instant, however late it could be written


def test_the_wait_of_what_fails_ends_at_an_hour() -> None:
    assert [sweep.backoff(failures) for failures in (1, 2, 3)] == [5 * SECOND, 10 * SECOND, 20 * SECOND]
    assert sweep.backoff(11) == sweep.backoff(10_000) == timedelta(hours=1)


def test_a_poisoned_stale_row_is_put_off_as_well(organization: UUID, caplog: pytest.LogCaptureFixture) -> None:
    ids = desk.fill(organization, [m(0)] * 5)
    edit(the_policy(organization), m(30), first_response_time_secs=600)
    with refusing(ids[2]), caplog.at_level(logging.ERROR):
        assert sweep.step(m(60)) == 5
        assert {breach.conversation_id for breach in recorded(organization, m(60))} == set(ids) - {ids[2]}
        assert sweeping.next_due() == m(60) + 5 * SECOND
    sweep.step(m(61))
    assert len(recorded(organization, m(61))) == 5


def test_a_poisoned_row_does_not_stop_a_recalculation(organization: UUID, caplog: pytest.LogCaptureFixture) -> None:
    recalculate._aside.clear()
    ids = desk.fill(organization, [m(0)] * 9)
    edit(the_policy(organization), m(30), first_response_time_secs=600)
    with refusing(ids[4]), caplog.at_level(logging.ERROR):
        assert recalculate.step(m(30)) == 8
        assert recalculate.step(m(30)) == 0
        assert recalculate.step(m(30) + 5 * SECOND) == 0
        assert len(caplog.records) == 2
        assert len(recorded(organization, m(31))) == 8
    assert recalculate.step(m(30) + 10 * SECOND) == 0  # its second wait is longer
    assert recalculate.step(m(30) + 15 * SECOND) == 1
    assert recalculate._aside == {}


def test_the_steps_of_a_worker_go_on_where_a_recalculation_fails(context: Flask, organization: UUID) -> None:
    recalculate._aside.clear()
    ids = desk.fill(organization, [m(0), m(0)])
    edit(the_policy(organization), m(30), first_response_time_secs=600)
    with refusing(ids[0]):
        worker = Worker(context)
        assert worker.step(m(30))
        assert not worker.step(m(31))
        assert [breach.conversation_id for breach in recorded(organization, m(31))] == [ids[1]]
    recalculate._aside.clear()


def test_pulse_says_how_far_behind_the_sweep_is(organization: UUID) -> None:
    assert workers.pulse(m(0)).stalled  # nobody sweeps
    with transaction():
        workers.beat("one", m(0), m(0))
    open_(organization, m(-59))
    assert workers.pulse(m(0)) == workers.Pulse(m(0), timedelta(0), stalled=False)
    assert workers.pulse(m(1) + 10 * SECOND).lag == 10 * SECOND
    with transaction():
        workers.beat("one", m(0), m(1))
    assert not workers.pulse(m(1) + 10 * SECOND).stalled
    assert workers.pulse(m(1) + 11 * SECOND).stalled
    assert workers.pulse(m(1) + 16 * SECOND).stalled
    with transaction():
        workers.gone("one")
    assert workers.pulse(m(1)).last_sweep_at is None


def test_lists_leave_retracted_ones_out_unless_asked(organization: UUID) -> None:
    id = open_(organization, m(0))
    sweep.step(m(60))
    say(organization, id, "agent", m(50), heard=m(70))
    assert breaches.count(organization, breaches.Filters()) == 0
    assert breaches.count(organization, breaches.Filters(retracted=True)) == 1
