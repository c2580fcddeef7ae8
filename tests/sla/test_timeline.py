"""The order of facts, and what a timeline says when it is read."""

from __future__ import annotations

import itertools

import pytest

from omnistream_console.sla.timeline import NoBeginning, Subject, order, read
from tests.sla.stories import (
    SALES,
    SUPPORT,
    assigned,
    became,
    created,
    fact,
    first_response,
    m,
    moved,
    note,
    replied,
    wrote,
)


def test_facts_go_by_their_instant() -> None:
    late, early = replied(10), wrote(5)
    assert sorted([late, early], key=order) == [early, late]


def test_at_one_instant_the_position_in_the_source_decides_before_the_kind() -> None:
    status, reply = became(5, "resolved", seq=1), replied(5, seq=2)
    assert sorted([reply, status], key=order) == [status, reply]


def test_at_one_instant_the_kind_decides_where_nothing_else_does() -> None:
    expected = [created(5), moved(5), wrote(5), replied(5), note(5), became(5, "pending")]
    for shuffled in itertools.permutations(expected):
        assert sorted(shuffled, key=order) == expected


def test_then_source_and_id_decide() -> None:
    a1, a2, b1 = wrote(5, source="a", id="1"), wrote(5, source="a", id="2"), wrote(5, source="b", id="1")
    for shuffled in itertools.permutations([a1, a2, b1]):
        assert sorted(shuffled, key=order) == [a1, a2, b1]


def test_other_kinds_stand_together_before_a_status() -> None:
    kinds = [note(5), assigned(5), fact("bot_message", 5)]
    assert {order(one)[3] for one in kinds} == {order(note(5))[3]}
    assert order(note(5)) < order(became(5, "open"))


def test_a_message_and_the_answer_of_the_same_second_are_question_and_answer() -> None:
    clock = first_response(replied(3), wrote(3), created(3))
    assert (clock.state, clock.stopped_at, clock.elapsed(m(60))) == ("met", m(3), 0)


def test_the_kind_of_order_does_not_hide_the_creation_that_came_last() -> None:
    assert read([wrote(-3), became(-2, "pending"), created(0)]).created_at == m(0)


def test_a_conversation_is_open_until_something_else_is_said() -> None:
    course = read([created(0, channel="webchat", division=SALES)])
    assert course.status == "open"
    assert course.subject == Subject("webchat", SALES)
    assert course.opened_by == "customer"


def test_a_transfer_moves_what_it_names_and_leaves_the_rest() -> None:
    course = read(
        [created(0, channel="webchat", division=SALES), moved(5, division=SUPPORT), moved(9, channel="email")]
    )
    assert [subject for _, _, subject in course.subjects] == [
        Subject("webchat", SALES),
        Subject("webchat", SUPPORT),
        Subject("email", SUPPORT),
    ]


def test_a_status_said_twice_is_said_once() -> None:
    course = read([created(0), became(5, "pending"), became(6, "pending"), became(7, "open"), became(8, "open")])
    assert [status for _, _, status in course.statuses] == ["open", "pending", "open"]


def test_what_is_dated_before_the_creation_counts_from_it() -> None:
    course = read([became(-5, "pending"), moved(-5, division=SALES), created(0)])
    assert course.statuses[-1] == (m(0), m(-5), "pending")
    assert course.subjects[-1] == (m(0), m(-5), Subject("email", SALES))


def test_a_second_creation_changes_nothing() -> None:
    once = first_response(created(0), wrote(1))
    assert first_response(created(0), wrote(1), created(4, channel="whatsapp")) == once


def test_without_a_creation_there_is_nothing_to_measure() -> None:
    with pytest.raises(NoBeginning):
        read([wrote(0), replied(5)])
