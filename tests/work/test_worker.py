"""The worker as a process: in time, ended politely, killed without losing or doubling anything."""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from omnistream_console.store import breaches, sweeping, workers
from omnistream_console.store.breaches import BreachRow
from omnistream_console.store.clocks import ClockRow
from omnistream_console.store.database import db, transaction, utc_now
from omnistream_console.work.loop import Worker
from tests.work import desk, processes
from tests.work.desk import SECOND, number_recorded, recorded, spread
from tests.work.processes import eventually

pytestmark = pytest.mark.xdist_group("workers")  # they take processors: one at a time
MINUTES = timedelta(minutes=1)


def is_up() -> bool:
    up = workers.pulse(utc_now()).last_sweep_at is not None
    db.session.rollback()
    return up


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_worker_after_its_step(
    organization: UUID, database_url: str, tmp_path: Path, by: signal.Signals
) -> None:
    with processes.workers(1, database_url, tmp_path) as (worker,):
        assert eventually(is_up, 20), worker.output
        assert worker.end(by) == 0, worker.output
    assert not is_up()  # it signed off


def test_a_signal_in_the_middle_of_work_leaves_whole_steps(
    organization: UUID, database_url: str, tmp_path: Path
) -> None:
    desk.fill(organization, [utc_now() - 90 * MINUTES] * 6_000)
    with processes.workers(1, database_url, tmp_path) as (worker,):
        assert eventually(lambda: number_recorded() > 0, 20, every=0.005), worker.output
        assert worker.end() == 0, worker.output
    marked = db.session.execute(
        select(func.count()).select_from(ClockRow).where(ClockRow.breached_at.is_not(None))
    ).scalar_one()
    assert 0 < number_recorded() == marked


def test_two_workers_killed_at_random_record_each_breach_once_and_miss_none(
    context: Flask, database_url: str, tmp_path: Path
) -> None:
    seed = int(os.environ.get("OMNISTREAM_RACE_SEED", "0")) or random.randrange(1, 2**32)
    print(f"OMNISTREAM_RACE_SEED={seed}")  # shown where the test fails: the kills can be had again
    dice = random.Random(seed)
    organization = desk.found(first=60, whole=86_400)
    killed = 0
    with processes.workers(2, database_url, tmp_path) as pair:
        assert eventually(is_up, 30)
        begin = utc_now() + 2 * SECOND
        ids = desk.fill(organization, spread(begin - MINUTES, 5 * SECOND, 2_000))
        while utc_now() < begin + 5 * SECOND or killed < 5:
            time.sleep(dice.uniform(0.1, 1))
            victim = dice.choice(pair)
            victim.kill()
            killed += 1
            victim.start()
        assert eventually(lambda: number_recorded() >= 2_000, 30), "\n".join(one.output for one in pair)
        for one in pair:
            one.kill()  # one that has just begun does not yet hear SIGTERM
    print(f"killed {killed} times")
    found = recorded(organization, utc_now())
    assert sorted(breach.conversation_id for breach in found) == sorted(ids)
    assert {breach.breached_at - desk.clock_of(breach.conversation_id).started_at for breach in found[:50]} == {MINUTES}
    assert all(breach.detected_at >= breach.breached_at for breach in found)
    left = db.session.execute(select(func.min(ClockRow.sweep_at)).where(ClockRow.kind == "first_response")).scalar()
    assert left is None


def test_an_idle_worker_records_within_about_a_second_however_much_is_open(
    context: Flask, database_url: str, tmp_path: Path
) -> None:
    organization = desk.found(first=3_600, whole=86_400)
    desk.fill(organization, [utc_now() - 10 * MINUTES] * 5_000)
    with processes.workers(1, database_url, tmp_path) as (worker,):
        assert eventually(is_up, 20), worker.output
        now = utc_now()
        desk.fill(organization, (now - 60 * MINUTES + place * 0.7 * SECOND for place in (2, 3, 4)))
        assert eventually(lambda: number_recorded() == 3, 10), worker.output
        assert worker.end() == 0
    late = [breach.detected_at - breach.breached_at for breach in recorded(organization, utc_now())]
    print(f"recorded after {late}")
    assert max(late) < 3 * SECOND  # the goal is one second; the rest is for a busy machine


def test_a_worker_beside_the_server_sleeps_until_due_and_no_longer(context: Flask, organization: UUID) -> None:
    worker = Worker(context)
    now = utc_now()
    assert worker._until_due(now) == timedelta(milliseconds=500)
    desk.fill(organization, [now - 60 * MINUTES + 0.2 * SECOND])
    assert timedelta(0) < worker._until_due(now) <= timedelta(milliseconds=200)
    assert worker._until_due(now + SECOND) == timedelta(milliseconds=20)


def test_a_step_that_fails_is_logged_and_tried_again(
    context: Flask, organization: UUID, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(context)
    steps: list[int] = []

    def step(now: object) -> bool:
        steps.append(1)
        if len(steps) == 1:
            raise OSError("the database is away")
        worker.stop()
        return False

    monkeypatch.setattr(worker, "step", step)
    worker.run()
    assert len(steps) == 2
    assert "tried again" in caplog.text


def test_one_per_conversation_and_clock_by_the_database_itself(organization: UUID) -> None:
    assert {tuple(column.name for column in one.columns) for one in BreachRow.__table__.constraints} >= {
        ("conversation_id", "clock")
    }
    desk.fill(organization, [utc_now() - 90 * MINUTES])
    now = utc_now()
    with transaction():
        claims = sweeping.claim(now, 10)
        sweeping.record(claims, now)
        sweeping.record(claims, now + SECOND)
    (breach,) = breaches.every(organization, breaches.Filters(), now)
    assert breach.detected_at == now
