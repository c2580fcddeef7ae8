"""The demo: made once, on its own database; its traffic goes through every state and leaves all in order."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from omnistream_console import passwords
from omnistream_console.config import Settings
from omnistream_console.sla.breaches import is_due
from omnistream_console.sla.folding import derive
from omnistream_console.store import agents, board, breaches, clocks, divisions, organizations, policies, timeline
from omnistream_console.store.board import Filters
from omnistream_console.store.database import transaction
from omnistream_console.work import demo, intake, recalculate, sweep, traffic

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
PACE = timedelta(seconds=1.5)


@pytest.fixture
def credentials(app: Flask) -> demo.Credentials:
    return demo.prepare(app, NOW)


@pytest.fixture
def actor(app: Flask, credentials: demo.Credentials) -> Iterator[traffic.Traffic]:
    with app.app_context():
        yield traffic.Traffic(app, credentials.organization_id, seed=3)


def live_chat(organization_id: UUID) -> UUID:
    return next(one.id for one in divisions.of(organization_id) if one.name == traffic.LIVE_CHAT)


def check_against_a_fresh_fold(organization_id: UUID, now: datetime) -> None:
    rows = board.listed(organization_id, Filters(), now, sort="-created_at", limit=5_000)
    ids = [row.id for row in rows]
    facts, kept, recorded = timeline.facts_of(ids), clocks.of(ids), breaches.of(ids)
    _, governance = policies.governance(organization_id)
    for row in rows:
        fresh = {clock.kind: clock for clock in derive(facts[row.id], governance)}
        assert set(fresh) == {clock.kind for clock in kept[row.id]}
        for clock in kept[row.id]:
            told = fresh[clock.kind]
            assert (clock.state, clock.due_at, clock.counted) == (told.state, told.due_at, told.counted)
            breach = recorded[row.id].get(clock.kind)
            late = told.late is not None or is_due(told, now)
            assert (breach is not None and not breach.retracted) == late


def test_it_has_its_own_database(tmp_path: Path) -> None:
    given = Settings(instance_path=tmp_path, database_url="postgresql://elsewhere/real", port=5001)
    own = demo.settings(given)
    assert own.database == f"sqlite:///{tmp_path / 'demo.sqlite3'}"
    assert own.port == 5001


def test_it_is_made_once(app: Flask, credentials: demo.Credentials) -> None:
    again = demo.prepare(app, NOW + timedelta(days=1))
    assert again == credentials
    with app.app_context():
        assert len(organizations.every_id()) == 1
        found = agents.credentials(credentials.email)
        assert [who.person.role for who in found] == ["supervisor"]
        assert passwords.verify(found[0].password_hash, credentials.password)
        assert recalculate.step(NOW) == 0  # its policy governs from the start
        first = policies.of(credentials.organization_id)[0]
        assert (first.channel, first.division_id) == ("webchat", live_chat(credentials.organization_id))


def test_traffic_leaves_everything_in_order(actor: traffic.Traffic, credentials: demo.Credentials) -> None:
    """Four minutes of it, swept as the worker would."""
    organization_id = credentials.organization_id
    live = live_chat(organization_id)
    now = NOW
    most = 0
    for _ in range(160):
        now += PACE
        while sweep.step(now):
            pass
        actor.act(now)
        at_once = board.counters(organization_id, Filters(division_id=live), now)
        most = max(most, at_once.breached + at_once.warning + at_once.ok + at_once.paused + at_once.none)
    while sweep.step(now):
        pass
    assert 4 <= most <= 20
    check_against_a_fresh_fold(organization_id, now)

    visits = board.listed(organization_id, Filters(division_id=live), now, sort="-created_at", limit=500)
    assert len(visits) >= 18
    states = {clock.state for kept in clocks.of([row.id for row in visits]).values() for clock in kept}
    assert {"running", "met", "met_late", "unanswered"} <= states
    kinds = {row.clock for row in breaches.newest(organization_id, breaches.Filters(division_id=live), now, limit=200)}
    assert kinds == {"first_response", "resolution"}

    seen = board.counters(organization_id, Filters(), now)
    assert 100 <= seen.breached + seen.warning + seen.ok + seen.paused + seen.none <= 220


def courses(actor: traffic.Traffic, organization_id: UUID, seconds: int) -> dict[UUID, list[str]]:
    """What the first-response badge of each visitor shows over time, each change once."""
    live = live_chat(organization_id)
    seen: dict[UUID, list[str]] = {}
    now = NOW
    while now < NOW + timedelta(seconds=seconds):
        now += PACE
        sweep.step(now)
        actor.act(now)
        rows = board.listed(organization_id, Filters(division_id=live), now, sort="-created_at", limit=100)
        kept = clocks.of([row.id for row in rows])
        for row in rows:
            clock = next(clock for clock in kept[row.id] if clock.kind == "first_response")
            word = clock.status(now) if clock.state == "running" else clock.state
            course = seen.setdefault(row.id, [])
            if course[-1:] != [word]:
                course.append(word)
    return seen


def test_within_a_minute_a_badge_goes_all_the_way(actor: traffic.Traffic, credentials: demo.Credentials) -> None:
    seen = courses(actor, credentials.organization_id, 62)
    assert ["ok", "warning", "breached", "met_late"] in seen.values()
    assert ["ok", "met"] in seen.values()


def test_a_later_start_solves_what_an_earlier_one_left(
    app: Flask, actor: traffic.Traffic, credentials: demo.Credentials
) -> None:
    now = NOW
    for _ in range(20):
        now += PACE
        actor.act(now)
    live = Filters(division_id=live_chat(credentials.organization_id))
    now += timedelta(hours=3)
    left = {row.id for row in board.rows(credentials.organization_id, board.OVERDUE, live, now, limit=100)}
    assert left
    second = traffic.Traffic(app, credentials.organization_id, seed=4)
    for _ in range(40):
        now += PACE
        second.act(now)
    assert not left & {row.id for row in board.rows(credentials.organization_id, board.OVERDUE, live, now, limit=100)}


def test_somebody_at_the_console_may_be_faster(actor: traffic.Traffic, credentials: demo.Credentials) -> None:
    """A visitor whom a person closed is left alone."""
    organization_id = credentials.organization_id
    live = Filters(division_id=live_chat(organization_id))
    actor.act(NOW)
    [row] = board.rows(organization_id, board.DUE, live, NOW, limit=5)
    with transaction():
        intake.change_status(organization_id, row.id, "closed", intake.By(NOW + timedelta(seconds=1)))
    now = NOW
    for _ in range(60):
        now += PACE
        actor.act(now)
    assert [entry.kind for entry in timeline.entries(row.id)] == ["created", "customer_message", "status"]


def test_an_error_does_not_end_it(
    app_sqlite: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = demo.prepare(app_sqlite, NOW)
    busy = traffic.Traffic(app_sqlite, made.organization_id)
    stop = threading.Event()
    acts = []

    def act(now: datetime) -> None:
        acts.append(now)
        if len(acts) == 1:
            raise RuntimeError("the first act fails")
        stop.set()

    monkeypatch.setattr(busy, "act", act)
    monkeypatch.setattr(busy.random, "uniform", lambda low, high: 0.001)
    busy.run(stop)
    assert len(acts) == 2
    assert "an act of the demo's traffic failed" in caplog.text


def test_start_announces_how_to_get_in_and_ends(app_sqlite: Flask) -> None:
    said: list[str] = []
    end = demo.start(app_sqlite, announce=said.append)
    end()
    assert not any(thread.name == "demo" for thread in threading.enumerate())
    assert demo.EMAIL in said[0]
    assert demo.PASSWORD in said[0]
