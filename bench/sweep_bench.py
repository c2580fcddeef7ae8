"""The sweep: 25,000 clocks that fall due at once, the board meanwhile, and what a step costs however much is open."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from uuid import UUID

from flask import Flask
from sqlalchemy import bindparam, text

from omnistream_console import create_app
from omnistream_console.config import ROOT, Settings
from omnistream_console.store import board, migrate
from omnistream_console.store.board import Filters
from omnistream_console.store.database import Instant, db, transaction, utc_now
from omnistream_console.work import sweep
from tests.support import postgres
from tests.work import desk

from . import Ratio

AT_ONCE = 25_000
SIZES = (1_000, 10_000, 100_000)
STEP = 1_000
LOOK_EVERY = 0.02
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def run() -> list[Ratio]:
    """Every figure on SQLite, and on PostgreSQL where its programs are found."""
    found: list[Ratio] = []
    for name, made in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        try:
            with made() as app, app.app_context():
                found += _at_once(name)
            with made() as app, app.app_context():
                found += _steps(name)
        except postgres.Missing as missing:
            print(missing, file=sys.stderr)
    return found


@contextmanager
def _sqlite() -> Iterator[Flask]:
    folder = Path(tempfile.mkdtemp(prefix="omnistream-bench-"))
    try:
        with _app(f"sqlite:///{folder / 'bench.sqlite3'}", folder) as app:
            yield app
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _postgresql() -> Iterator[Flask]:
    url = postgres.postgres_url()
    folder = Path(tempfile.mkdtemp(prefix="omnistream-bench-"))
    try:
        with _app(url, folder) as app:
            yield app
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        postgres.drop(url)


@contextmanager
def _app(url: str, folder: Path, *, migrated: bool = False) -> Iterator[Flask]:
    app = create_app(Settings(instance_path=folder, database_url=url, secret_key="bench", testing=True))
    if not migrated:
        migrate.upgrade(app)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _at_once(database: str) -> list[Ratio]:
    """One worker records all that fell due, while somebody looks at the board."""
    now = utc_now()
    organization = desk.found(first=3_600, whole=30 * 86_400)
    desk.fill(organization, desk.spread(now - 2 * HOUR, HOUR / 2, AT_ONCE))
    _analyze()
    plain = median(_seconds(lambda: _update(AT_ONCE)) for _ in range(3))
    alone = []
    for _ in range(3):
        alone.append(_seconds(lambda: _sweep_all(now)))
        assert desk.number_recorded() == AT_ONCE
        _undo()
    until = time.monotonic() + 3
    idle = _looks(organization, lambda: time.monotonic() < until)
    with _another_process_sweeps() as sweeping:
        busy = _looks(organization, lambda: sweeping.poll() is None)
    assert desk.number_recorded() == AT_ONCE
    what = f"{database}: {AT_ONCE:,} breaches at once"
    return [
        Ratio(f"{what}, recorded by one worker", f"batched UPDATE of {AT_ONCE:,}", median(alone) / plain, "at most 15"),
        Ratio(f"{what}, the board meanwhile", "the idle board", median(busy) / median(idle), "at most 3"),
        Ratio(f"{what}, the board's 95th percentile", "the idle board's", _high(busy) / _high(idle)),
    ]


def _steps(database: str) -> list[Ratio]:
    """A step with nothing due and one with a thousand due, at every size of what is open."""
    now = utc_now()
    organization = desk.found(first=86_400, whole=30 * 86_400)
    found, made = [], 0
    for size in SIZES:
        desk.fill(organization, desk.spread(now - HOUR, HOUR / 2, size - made))
        made = size
        _analyze()
        nothing = median(_seconds(lambda: sweep.step(now)) for _ in range(50))
        select_one = median(_seconds(_select_one) for _ in range(50))
        plain = median(_seconds(lambda: _update(STEP)) for _ in range(5))
        full = []
        for _ in range(5):
            _make_due(now - timedelta(seconds=1), STEP)
            full.append(_seconds(lambda: sweep.step(now)))
            assert desk.number_recorded() == STEP
            _undo()
        at = f"{database}: a step at {size:,} open"
        found.append(Ratio(f"{at}, nothing due", "SELECT 1", nothing / select_one))
        found.append(Ratio(f"{at}, {STEP:,} due", f"batched UPDATE of {STEP:,}", median(full) / plain))
    return found


def _sweep_all(now: datetime) -> None:
    while sweep.step(now):
        pass


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _high(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


def _select_one() -> None:
    db.session.execute(text("SELECT 1"))
    db.session.rollback()


def _update(number: int) -> None:
    """The plainest write of as many rows: by key, a thousand a transaction."""
    keys = db.session.execute(
        text("SELECT conversation_id FROM clocks WHERE kind = 'first_response' LIMIT :number"), {"number": number}
    )
    rows = [{"id": key} for (key,) in keys]
    statement = text(
        "UPDATE clocks SET sweep_failures = sweep_failures WHERE conversation_id = :id AND kind = 'first_response'"
    )
    for start in range(0, number, STEP):
        with transaction() as session:
            session.connection().execute(statement, rows[start : start + STEP])


def _make_due(at: datetime, number: int) -> None:
    with transaction() as session:
        session.execute(
            text(
                "UPDATE clocks SET due_at = :at, sweep_at = :at WHERE kind = 'first_response' AND conversation_id IN "
                "(SELECT conversation_id FROM clocks WHERE kind = 'first_response' LIMIT :number)"
            ).bindparams(bindparam("at", at, Instant), bindparam("number", number))
        )


def _undo() -> None:
    """As it was before anything was recorded."""
    later = utc_now() + DAY
    with transaction() as session:
        session.execute(text("DELETE FROM breaches"))
        session.execute(
            text(
                "UPDATE clocks SET sweep_at = CASE WHEN due_at < :now THEN due_at ELSE :later END, breached_at = NULL "
                "WHERE kind = 'first_response' AND breached_at IS NOT NULL"
            ).bindparams(bindparam("now", utc_now() - HOUR / 4, Instant), bindparam("later", later, Instant))
        )
    _analyze()


def _analyze() -> None:
    db.session.rollback()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _looks(organization_id: UUID, more: Callable[[], bool]) -> list[float]:
    """How long it took to look at the board, every so often."""
    taken = []
    while more():
        began = time.perf_counter()
        now = utc_now()
        for group in (board.OVERDUE, board.DUE):
            board.rows(organization_id, group, Filters(), now, limit=50)
        board.counters(organization_id, Filters(), now)
        db.session.rollback()
        taken.append(time.perf_counter() - began)
        time.sleep(max(0.0, LOOK_EVERY - taken[-1]))
    return taken


@contextmanager
def _another_process_sweeps() -> Iterator[subprocess.Popen[bytes]]:
    """As in production, where the worker is a process of its own. It has begun when this returns."""
    url = db.engine.url.render_as_string(hide_password=False)
    code = f"from bench import sweep_bench; sweep_bench.sweep_until_nothing_is_due({url!r})"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        assert process.wait() == 0


def sweep_until_nothing_is_due(url: str) -> None:
    """What the other process does."""
    with tempfile.TemporaryDirectory() as folder, _app(url, Path(folder), migrated=True) as app, app.app_context():
        sweep.step(utc_now() - 1_000 * DAY)  # warm: nothing was due then
        print("begun", flush=True)
        _sweep_all(utc_now())
