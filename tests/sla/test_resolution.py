"""resolution: starts with the conversation, pauses while pending, stops when it is resolved or closed."""

from __future__ import annotations

import pytest

from tests.sla.stories import assigned, became, bot, created, m, note, replied, resolution, wrote

SECOND = 1 / 60


def test_starts_with_the_creation_whoever_opened_it() -> None:
    for by in ("customer", "agent"):
        clock = resolution(created(0, by=by), wrote(-5))
        assert (clock.started_at, clock.due_at, clock.warning_at) == (m(0), m(240), m(192))


@pytest.mark.parametrize("idle", [bot, note, assigned, wrote, replied])
def test_messages_notes_and_assignments_change_nothing(idle) -> None:  # type: ignore[no-untyped-def]
    assert resolution(created(0), idle(5)) == resolution(created(0))


@pytest.mark.parametrize("end", ["resolved", "closed"])
def test_stops_with_the_end(end: str) -> None:
    clock = resolution(created(0), became(100, end))
    assert (clock.state, clock.stopped_at, clock.elapsed(m(9_999))) == ("met", m(100), 6_000)


def test_closing_what_is_resolved_changes_nothing() -> None:
    once = resolution(created(0), became(100, "resolved"))
    assert resolution(created(0), became(100, "resolved"), became(500, "closed")) == once


def test_exactly_at_due_is_in_time_and_the_next_microsecond_is_late() -> None:
    assert resolution(created(0), became(240, "resolved")).state == "met"
    late = resolution(created(0), became(240 + 1e-6 / 60, "resolved"))
    assert (late.state, late.breached_at) == ("met_late", m(240))


def test_pauses_while_pending() -> None:
    clock = resolution(created(0), became(30, "pending"))
    assert (clock.state, clock.due_at, clock.warning_at, clock.paused_since) == ("paused", None, None, m(30))
    assert clock.elapsed(m(31)) == clock.elapsed(m(9_999)) == 1_800


def test_resumes_later_by_the_pause() -> None:
    clock = resolution(created(0), became(30, "pending"), became(130, "open"))
    assert (clock.state, clock.due_at, clock.warning_at) == ("running", m(340), m(292))
    assert clock.elapsed(m(150)) == 50 * 60
    assert clock.paused.total_seconds() == 6_000


def test_pending_from_the_first_instant() -> None:
    clock = resolution(created(0), became(0, "pending"))
    assert (clock.state, clock.elapsed(m(100)), clock.started_at) == ("paused", 0, m(0))
    assert resolution(created(0), became(0, "pending"), became(60, "open")).due_at == m(300)


def test_a_pause_exactly_at_due_is_no_breach_before_it_ends() -> None:
    paused = resolution(created(0), became(240, "pending"))
    assert (paused.state, paused.breached_at, paused.elapsed(m(999))) == ("paused", None, 14_400)
    resumed = resolution(created(0), became(240, "pending"), became(300, "open"))
    assert (resumed.due_at, resumed.status(m(300))) == (m(300), "breached")


def test_pausing_after_due_is_late_already() -> None:
    clock = resolution(created(0), became(250, "pending"))
    assert (clock.state, clock.breached_at, clock.status(m(251))) == ("paused", m(240), "breached")


def test_resolved_out_of_a_pause() -> None:
    clock = resolution(created(0), became(30, "pending"), became(500, "resolved"))
    assert (clock.state, clock.stopped_at, clock.elapsed(m(999))) == ("met", m(500), 1_800)


def test_reopened_it_runs_on_and_the_time_in_between_is_not_counted() -> None:
    clock = resolution(created(0), became(100, "resolved"), became(400, "open"))
    assert (clock.state, clock.due_at, clock.stopped_at) == ("running", m(540), None)
    assert clock.elapsed(m(410)) == 110 * 60
    assert clock.started_at == m(0)


def test_reopened_into_pending_it_stands_paused() -> None:
    clock = resolution(created(0), became(100, "resolved"), became(400, "pending"))
    assert (clock.state, clock.elapsed(m(999)), clock.paused_since) == ("paused", 6_000, m(400))
    again = resolution(created(0), became(100, "resolved"), became(400, "pending"), became(500, "open"))
    assert again.due_at == m(640)


def test_a_verdict_of_late_survives_the_reopening() -> None:
    clock = resolution(created(0), became(300, "resolved"), became(400, "open"))
    assert clock.status(m(400)) == "breached"
    assert clock.due_at == m(240)


def test_many_turns_add_up() -> None:
    clock = resolution(
        created(0),
        became(10, "pending"),
        became(20, "open"),
        became(40, "resolved"),
        became(100, "pending"),
        became(110, "open"),
        became(115, "closed"),
    )
    assert (clock.state, clock.elapsed(m(999))) == ("met", (10 + 20 + 5) * 60)
    assert clock.paused.total_seconds() == 20 * 60


def test_elapsed_is_whole_seconds_rounded_down() -> None:
    clock = resolution(created(0), became(1.5 * SECOND, "pending"), became(10, "open"))
    assert clock.elapsed(m(10)) == 1
    assert clock.elapsed(m(10 + 0.4 * SECOND)) == 1
    assert clock.elapsed(m(10 + 0.5 * SECOND)) == 2
