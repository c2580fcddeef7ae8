"""Edits of policies reach running clocks: in batches, whole, and at once as far as somebody waits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from omnistream_console.store import conversations, policies
from omnistream_console.work import recalculate
from tests.work import desk
from tests.work.desk import become, clock_of, edit, m, open_, recorded, say, the_policy


def versions(ids: list[UUID]) -> list[int]:
    return [clock_of(id).policy_version for id in ids]


def test_batches_until_all_are_brought_over(organization: UUID) -> None:
    ids = desk.fill(organization, [m(0)] * 25)
    assert recalculate.step(m(1)) == 0
    edit(the_policy(organization), m(10), first_response_time_secs=1_800)
    assert conversations.behind() == [organization]
    assert [recalculate.step(m(10), batch=10) for _ in range(4)] == [10, 10, 5, 0]
    assert conversations.behind() == []
    assert {clock_of(id).due_at for id in ids} == {m(30)}


def test_each_is_whole_at_any_time(organization: UUID) -> None:
    ids = desk.fill(organization, [m(0)] * 4)
    edit(the_policy(organization), m(10), first_response_time_secs=1_800)
    recalculate.step(m(10), batch=2)
    assert sorted(versions(ids)) == [1, 1, 2, 2]
    for id in ids:
        conversation = conversations.get(organization, id)
        assert conversation is not None
        assert conversation.next_due_at == clock_of(id).due_at


def test_ended_conversations_are_left_as_they_are(organization: UUID) -> None:
    id = open_(organization, m(0))
    become(organization, id, "resolved", m(5))
    before = clock_of(id)
    edit(the_policy(organization), m(10), first_response_time_secs=60)
    assert recalculate.step(m(11)) == 0
    assert clock_of(id) == before


def test_a_stopped_clock_of_an_open_conversation_keeps_its_verdict(organization: UUID) -> None:
    id = open_(organization, m(0))
    say(organization, id, "agent", m(5))
    edit(the_policy(organization), m(10), first_response_time_secs=60, resolution_time_secs=1_200)
    assert recalculate.step(m(11)) == 1
    assert (clock_of(id).state, clock_of(id).threshold_secs) == ("met", 3_600)
    assert clock_of(id, "resolution").due_at == m(20)


def test_what_an_edit_makes_due_is_recorded_with_it(organization: UUID) -> None:
    open_(organization, m(0))
    edit(the_policy(organization), m(30), first_response_time_secs=60)
    recalculate.step(m(31))
    (breach,) = recorded(organization, m(31))
    assert (breach.breached_at, breach.policy_name) == (m(30), "Everything")


def test_at_once_does_all_within_its_patience(organization: UUID) -> None:
    desk.fill(organization, [m(0)] * 3 * recalculate.GLIMPSE)
    edit(the_policy(organization), m(10), first_response_time_secs=1_800)
    assert recalculate.at_once(organization, m(10), timedelta(minutes=5))
    assert conversations.behind() == []


def test_at_once_stops_where_its_patience_ends_and_says_so(organization: UUID) -> None:
    desk.fill(organization, [m(0)] * (2 * recalculate.GLIMPSE + 1))
    edit(the_policy(organization), m(10), first_response_time_secs=1_800)
    readings = iter([m(0), m(0), m(1)])
    assert not recalculate.at_once(organization, m(10), timedelta(minutes=1), clock=lambda: next(readings))
    seq, _ = policies.governance(organization)
    assert len(conversations.stale(organization, seq, 1_000)) == 1


def test_another_organization_is_not_touched(organization: UUID) -> None:
    other = desk.found("Elsewhere")
    id = open_(other, m(0))
    edit(the_policy(organization), m(10), first_response_time_secs=60)
    assert recalculate.step(m(10)) == 0
    assert versions([id]) == [1]
