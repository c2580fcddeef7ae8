"""Facts, edits and sweeps at the same time, each in a session of its own as in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

from flask import Flask

from omnistream_console.sla.breaches import settle
from omnistream_console.sla.folding import derive
from omnistream_console.sla.timeline import read
from omnistream_console.store import breaches, clocks, conversations, policies, sweeping
from omnistream_console.store.database import db, transaction
from omnistream_console.work import recalculate, sweep
from omnistream_console.work.derive import place_of
from tests.work import desk
from tests.work.desk import become, clock_of, edit, facts_of, m, open_, recorded, say, the_policy


def at_the_same_time(app: Flask, *works: Callable[[], object]) -> None:
    """Runs each in a thread with a session of its own; an error in one is an error of the test."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            with app.app_context():
                start.wait(20)
                work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    if errors:
        raise errors[0]


def agrees_with_its_timeline(organization: UUID, ids: Sequence[UUID]) -> None:
    """What is stored of each is what its facts say."""
    _, governance = policies.governance(organization)
    for id in ids:
        kept, on_record = clocks.of([id])[id], breaches.of([id])[id]
        row = conversations.get(organization, id)
        assert row is not None
        told = facts_of(id)
        settled = settle(derive(told, governance), on_record, row.updated_at)
        assert settled.breaches == []
        assert [(c.kind, c.state, c.due_at, c.stopped_at, c.breached_at) for c in settled.clocks] == [
            (c.kind, c.state, c.due_at, c.stopped_at, c.breached_at) for c in kept
        ]
        assert row.standing == place_of(read(told), kept)


def test_facts_on_one_conversation_lose_nothing(context: Flask, organization: UUID) -> None:
    id = open_(organization, m(0))

    def talk(who: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(5):
                say(organization, id, ("customer", "agent", "note")[who % 3], m(1 + who + turn))
                become(organization, id, ("pending", "open")[turn % 2], m(2 + who + turn))

        return work

    at_the_same_time(context, *(talk(who) for who in range(5)))
    spoken = [fact for fact in facts_of(id) if fact.kind in ("customer_message", "agent_reply", "note")]
    assert len(spoken) == 25
    agrees_with_its_timeline(organization, [id])


def test_facts_while_the_sweep_goes_over_the_same_rows(context: Flask, organization: UUID) -> None:
    ids = desk.fill(organization, [m(0)] * 60)

    def answer(some: Sequence[UUID], at: float) -> Callable[[], None]:
        def work() -> None:
            for id in some:
                say(organization, id, "agent", m(at))

        return work

    def sweep_all() -> None:
        while sweep.step(m(60), batch=7):
            pass

    at_the_same_time(context, answer(ids[:30], 59), answer(ids[30:], 61), sweep_all, sweep_all)
    found = recorded(organization, m(70))
    assert sorted(breach.conversation_id for breach in found) == sorted(ids[30:])
    assert {breach.actual_secs for breach in found} == {3_660}
    agrees_with_its_timeline(organization, ids)


def test_edits_facts_and_sweep_together_end_where_one_after_the_other_would(context: Flask, organization: UUID) -> None:
    recalculate._aside.clear()
    ids = desk.fill(organization, [m(0)] * 40)
    policy = the_policy(organization)

    def edits() -> None:
        for minutes in (90, 45, 30):
            edit(policy, m(20), first_response_time_secs=minutes * 60)
            recalculate.one(organization, m(20), batch=10)

    def talk() -> None:
        for id in ids[::2]:
            say(organization, id, "agent", m(25))

    def hands() -> None:
        for _ in range(10):
            sweep.step(m(20), batch=5)
            recalculate.step(m(20), batch=5)

    at_the_same_time(context, edits, talk, hands)
    while recalculate.step(m(26)):
        pass
    while sweep.step(m(30)):
        pass
    assert conversations.behind() == []
    assert recalculate._aside == {}
    assert {breach.conversation_id for breach in recorded(organization, m(40))} == set(ids[1::2])
    assert {clock_of(id).due_at for id in ids[1::2]} == {m(30)}
    agrees_with_its_timeline(organization, ids)


def test_a_fact_and_the_sweep_never_wait_for_each_other(context: Flask, organization: UUID) -> None:
    """The sweep holds the clock, the fact the conversation: recording checks a foreign key to the conversation."""
    if db.engine.dialect.name == "sqlite":
        return  # writers queue there: only one of them has anything
    id = open_(organization, m(0))
    held, claimed = threading.Event(), threading.Event()

    def fact() -> None:
        with transaction():
            assert conversations.locked(organization, id) is not None
            held.set()
            assert claimed.wait(20)
            clocks.of([id], locked=True)

    def record() -> None:
        assert held.wait(20)
        with transaction():
            claims = sweeping.claim(m(60), 10)
            claimed.set()
            sweeping.record(claims, m(60))

    at_the_same_time(context, fact, record)
    assert len(recorded(organization, m(60))) == 1
