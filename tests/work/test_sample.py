"""The sample organization: every state is there, and the rules agree with what is stored."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from omnistream_console.sla.breaches import is_due
from omnistream_console.sla.clocks import shown
from omnistream_console.sla.folding import derive
from omnistream_console.sla.timeline import KINDS
from omnistream_console.store import agents, board, breaches, clocks, divisions, policies, timeline
from omnistream_console.store.board import Filters
from omnistream_console.store.conversations import Conversation
from omnistream_console.work import sample, sweep
from omnistream_console.work.sample import people, promises

NOW = datetime(2026, 11, 20, 6, 30, 0, 123_456, tzinfo=UTC)  # a Friday, half past one in Jakarta


def everything(made: sample.SampleOrganization) -> list[Conversation]:
    return board.listed(made.organization.id, Filters(), NOW, sort="-created_at", limit=1_000)


def test_every_state_is_there(app: Flask) -> None:
    with app.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        rows = everything(made)
        assert len(rows) == made.conversations
        assert 380 <= len(rows) <= 450
        kept = clocks.of([row.id for row in rows])
        states = Counter((clock.kind, clock.state, clock.status(NOW)) for row in rows for clock in kept[row.id])
        for state, least in {
            ("first_response", "running", "ok"): 15,
            ("first_response", "running", "warning"): 5,
            ("first_response", "running", "breached"): 10,
            ("first_response", "met", "ok"): 150,
            ("first_response", "met_late", "breached"): 20,
            ("first_response", "unanswered", "ok"): 2,
            ("first_response", "unanswered", "breached"): 2,
            ("resolution", "running", "ok"): 50,
            ("resolution", "running", "warning"): 8,
            ("resolution", "running", "breached"): 10,
            ("resolution", "paused", "ok"): 15,
            ("resolution", "paused", "breached"): 3,
            ("resolution", "met", "ok"): 100,
            ("resolution", "met_late", "breached"): 20,
        }.items():
            assert states[state] >= least, (state, states)

        seen = board.counters(made.organization.id, Filters(), NOW)
        for name in ("breached", "warning", "ok", "paused", "none", "unassigned"):
            assert getattr(seen, name) >= 5, (name, seen)

        late = [NOW - row.next_due_at for row in rows if row.next_due_at and row.next_due_at <= NOW]
        assert sum(by < timedelta(hours=2) for by in late) >= 8
        assert sum(by > timedelta(days=1) for by in late) >= 8


def test_every_kind_of_fact_and_every_turn_of_events_is_there(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        rows = everything(made)
        facts = timeline.facts_of([row.id for row in rows])
        kinds = Counter(fact.kind for told in facts.values() for fact in told)
        assert set(kinds) == set(KINDS)
        assert {row.channel for row in rows} == {"whatsapp", "instagram", "messenger", "email", "webchat"}
        assert {row.status for row in rows} == {"open", "pending", "resolved", "closed"}
        assert {row.division_name for row in rows} == set(people.DIVISIONS.values())
        assert sum(row.opened_by == "agent" for row in rows) >= 8
        assert sum(row.last_message_by == "bot" for row in rows) >= 5
        assert sum(sum(fact.status == "open" for fact in told) > 0 for told in facts.values()) >= 15  # reopened
        assert max(len(row.contact_name) for row in rows) > 90
        assert max(len(row.subject or "") for row in rows) > 200
        assert sum(not row.contact_name.isascii() for row in rows) >= 5
        oldest = min(row.created_at for row in rows)
        assert NOW - timedelta(days=16) < oldest < NOW - timedelta(days=10)


def test_nothing_is_told_before_it_happened_or_in_the_future(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        for row in everything(made)[::3]:
            entries = timeline.entries(row.id)
            assert entries[0].kind == "created"
            for entry in entries:
                assert row.created_at <= entry.at <= entry.heard_at <= NOW
                assert not (entry.body and ("{" in entry.body or "}" in entry.body))
            spoken = [entry for entry in entries if entry.kind in ("customer_message", "agent_reply", "bot_message")]
            assert row.last_message_at == max(entry.at for entry in spoken)


def test_what_is_stored_is_what_a_fresh_fold_gives(app: Flask) -> None:
    with app.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        rows = everything(made)
        ids = [row.id for row in rows]
        facts, kept, recorded = timeline.facts_of(ids), clocks.of(ids), breaches.of(ids)
        seq, governance = policies.governance(made.organization.id)
        retracted = 0
        for row in rows:
            assert row.governed_seq == seq
            fresh = {clock.kind: clock for clock in derive(facts[row.id], governance)}
            assert set(fresh) == {clock.kind for clock in kept[row.id]}
            for clock in kept[row.id]:
                told = fresh[clock.kind]
                late = told.late is not None or is_due(told, NOW)
                breach = recorded[row.id].get(clock.kind)
                assert (breach is not None and not breach.retracted) == late
                assert (clock.breached_at is not None) == late
                assert (clock.due_at, clock.stopped_at, clock.counted) == (told.due_at, told.stopped_at, told.counted)
                assert clock.state == told.state
                if breach is not None and late:
                    assert breach.breached_at == (told.late.at if told.late else told.due_at)
                if breach is not None and breach.retracted:
                    retracted += 1
        assert retracted >= 3
        assert sweep.step(NOW) == 0  # nothing is left for the worker


def test_the_edit_of_a_policy_left_its_trace(app_sqlite: Flask) -> None:
    """Breaches from before it carry the version and the target of then."""
    with app_sqlite.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        found = policies.of(made.organization.id)
        assert len(found) == len(promises.PROMISES)
        assert found[-1].is_default
        assert [policy.name for policy in found if not policy.is_active] == ["Promo akhir tahun"]
        changed = next(policy for policy in found if policy.name == "WhatsApp")
        assert changed.version == 2
        listed = breaches.newest(made.organization.id, breaches.Filters(policy_id=changed.id), NOW, limit=200)
        assert {row.threshold_secs for row in listed if row.clock == "first_response"} == {300, 600}


def test_people(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        made = sample.fill(
            sample.NAME,
            sample.TIMEZONE,
            NOW,
            admin=sample.Admin("Me", "Supervisor@example.com", "hash of mine"),
            password_hash="hash of all",
        )
        staff = agents.of(made.organization.id)
        assert Counter(agent.role for agent in staff) == {"admin": 1, "supervisor": 1, "agent": 13}
        assert all(agent.email.lower().endswith("@example.com") for agent in staff)
        assert all(agent.division_ids for agent in staff if agent.role == "agent")
        assert [who.password_hash for who in agents.credentials("supervisor@example.com")] == ["hash of mine"]
        assert [who.password_hash for who in agents.credentials("agent@example.com")] == ["hash of all"]
        assert len(divisions.of(made.organization.id)) == 5


def test_without_a_hash_nobody_signs_in(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        assert agents.credentials(people.ADMIN_EMAIL) == []


def test_telephone_numbers_and_addresses_are_nobodys(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        made = sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        for row in everything(made):
            address = row.contact_address or ""
            if row.channel == "whatsapp" and address.startswith("+"):
                assert address.startswith("+62 000-0555-01") or address[6:].startswith("-555-01"), address
            if row.channel == "email":
                assert address.rpartition("@")[2] in ("example.com", "example.net", "example.org")


def picture(made: sample.SampleOrganization) -> list[Any]:
    """All that is told, without ids."""
    rows = sorted(everything(made), key=lambda row: (row.created_at, row.contact_name))
    return [
        (
            row.contact_name,
            row.subject,
            row.created_at,
            row.agent_name,
            [(entry.kind, entry.at, entry.body, entry.actor_name) for entry in timeline.entries(row.id)],
            [(clock.kind, clock.state, clock.due_at) for clock in shown(clocks.of([row.id])[row.id])],
        )
        for row in rows[::6]
    ]


def test_the_same_seed_tells_the_same(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        first = picture(sample.fill("One", sample.TIMEZONE, NOW))
        assert picture(sample.fill("Two", sample.TIMEZONE, NOW)) == first
        assert picture(sample.fill("Three", sample.TIMEZONE, NOW, seed=7)) != first


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_seed_will_do(app_sqlite: Flask, seed: int) -> None:
    with app_sqlite.app_context():
        made = sample.fill(sample.NAME, "America/Sao_Paulo", NOW, seed=seed)
        seen = board.counters(made.organization.id, Filters(), NOW)
        assert min(seen.breached, seen.warning, seen.ok, seen.paused, seen.none) >= 3


def test_it_takes_no_time(app_sqlite: Flask) -> None:
    with app_sqlite.app_context():
        begun = time.process_time()
        sample.fill(sample.NAME, sample.TIMEZONE, NOW)
        assert time.process_time() - begun < 3
