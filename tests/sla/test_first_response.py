"""first_response: when it starts, what stops it, and what leaves it alone."""

from __future__ import annotations

import pytest

from omnistream_console.sla.clocks import FIRST_RESPONSE
from tests.sla.stories import assigned, became, bot, both, created, first_response, m, note, replied, wrote


def test_starts_with_the_conversation_that_a_customer_opened() -> None:
    clock = first_response(created(0), wrote(4))
    assert (clock.started_at, clock.due_at, clock.warning_at) == (m(0), m(60), m(48))
    assert (clock.state, clock.stopped_at) == ("running", None)


def test_starts_with_a_customers_message_dated_before_the_creation() -> None:
    assert first_response(created(0), wrote(-7)).started_at == m(-7)


def test_of_a_conversation_that_an_agent_opened_there_is_none_until_the_customer_writes() -> None:
    told = [created(0, by="agent"), replied(0), bot(1), note(2)]
    assert FIRST_RESPONSE not in both(told)
    assert first_response(*told, wrote(30)).started_at == m(30)


def test_an_agents_reply_before_the_customer_wrote_answers_nothing() -> None:
    clock = first_response(created(0, by="agent"), replied(0), wrote(30))
    assert (clock.state, clock.due_at) == ("running", m(90))


@pytest.mark.parametrize("idle", [bot, note, assigned])
def test_what_is_no_reply_of_a_human_stops_nothing(idle) -> None:  # type: ignore[no-untyped-def]
    assert first_response(created(0), idle(5)) == first_response(created(0))


def test_the_first_reply_stops_it_and_later_ones_change_nothing() -> None:
    clock = first_response(created(0), wrote(1), replied(20))
    assert (clock.state, clock.stopped_at, clock.elapsed(m(999))) == ("met", m(20), 1_200)
    assert first_response(created(0), wrote(1), replied(20), wrote(30), replied(90)) == clock


def test_a_reply_at_the_start_itself_is_one() -> None:
    assert first_response(created(0), replied(0)).state == "met"


def test_a_reply_exactly_at_due_is_in_time_and_the_next_microsecond_is_late() -> None:
    assert first_response(created(0), replied(60)).state == "met"
    late = first_response(created(0), replied(60 + 1e-6 / 60))
    assert (late.state, late.breached_at, late.status(m(999))) == ("met_late", m(60), "breached")


def test_it_does_not_pause() -> None:
    assert first_response(created(0), became(10, "pending")) == first_response(created(0))


def test_a_resolution_without_a_reply_leaves_it_unanswered() -> None:
    clock = first_response(created(0), became(20, "resolved"))
    assert (clock.state, clock.stopped_at, clock.breached_at) == ("unanswered", m(20), None)
    assert clock.status(m(999)) == "ok"


def test_a_close_does_so_too() -> None:
    assert first_response(created(0), became(20, "closed")).state == "unanswered"


def test_an_unanswered_one_that_ended_late_is_late_and_still_not_answered() -> None:
    clock = first_response(created(0), became(80, "resolved"))
    assert (clock.state, clock.breached_at, clock.status(m(80))) == ("unanswered", m(60), "breached")


def test_reopened_an_unanswered_one_runs_on_without_the_time_in_between() -> None:
    clock = first_response(created(0), became(20, "resolved"), became(100, "open"))
    assert (clock.state, clock.due_at, clock.elapsed(m(110))) == ("running", m(140), 1_800)
    answered = first_response(created(0), became(20, "resolved"), became(100, "open"), replied(130))
    assert (answered.state, answered.stopped_at, answered.elapsed(m(999))) == ("met", m(130), 3_000)


def test_reopened_into_pending_it_runs_on_as_well() -> None:
    clock = first_response(created(0), became(20, "closed"), became(100, "pending"))
    assert (clock.state, clock.due_at) == ("running", m(140))


def test_an_answered_one_never_starts_again() -> None:
    answered = first_response(created(0), replied(10))
    told = [created(0), replied(10), became(20, "resolved"), became(50, "open"), wrote(50)]
    assert first_response(*told) == answered


def test_resolved_then_closed_is_one_end() -> None:
    assert first_response(created(0), became(20, "resolved"), became(70, "closed")) == first_response(
        created(0), became(20, "resolved")
    )


def test_a_reply_to_a_resolved_conversation_is_no_answer_in_time_nor_a_wait_for_the_next() -> None:
    told = [created(0), became(20, "resolved"), replied(30)]
    assert first_response(*told) == first_response(created(0), became(20, "resolved"))
    assert first_response(*told, became(40, "open")).state == "unanswered"


def test_a_customer_who_writes_to_an_ended_conversation_of_an_agent_waits() -> None:
    clock = first_response(created(0, by="agent"), became(10, "resolved"), wrote(30))
    assert (clock.state, clock.started_at, clock.due_at) == ("running", m(30), m(90))


def test_reply_and_resolution_of_one_instant_are_an_answer() -> None:
    assert first_response(created(0), became(20, "resolved"), replied(20)).state == "met"


def test_a_reply_heard_late_is_a_reply_at_its_own_instant() -> None:
    clock = first_response(created(0), replied(40, heard=300))
    assert (clock.state, clock.stopped_at) == ("met", m(40))


def test_a_void_fact_was_never_there() -> None:
    # Voiding takes a fact out of the timeline that is folded: the fold itself never sees it.
    with_reply = [created(0), replied(10)]
    assert first_response(*with_reply[:1]).state == "running"
    assert first_response(*with_reply).state == "met"
