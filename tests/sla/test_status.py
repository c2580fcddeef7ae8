"""What a clock shows at an instant, and where its conversation stands on the board."""

from __future__ import annotations

from datetime import timedelta

import pytest

from omnistream_console.sla.clocks import Clock, Standing, at_instant, shown, standing
from omnistream_console.sla.matching import Governance
from omnistream_console.sla.timeline import Fact
from tests.sla.stories import (
    LONG_AGO,
    always,
    became,
    both,
    created,
    edits,
    first_response,
    m,
    policy,
    replied,
    resolution,
    wrote,
)

TICK = timedelta(microseconds=1)


def test_ok_warning_breached_change_exactly_at_their_instants() -> None:
    clock = first_response(created(0))
    seen = [clock.status(at) for at in (m(0), m(48) - TICK, m(48), m(60) - TICK, m(60), m(9_999))]
    assert seen == ["ok", "ok", "warning", "warning", "breached", "breached"]


def test_a_clock_stopped_in_the_warning_is_ok() -> None:
    assert first_response(created(0), replied(50)).status(m(55)) == "ok"


def test_a_paused_clock_keeps_the_status_it_paused_with() -> None:
    calm, warned, late = (resolution(created(0), became(at, "pending")) for at in (100, 200, 241))
    for at in (m(250), m(9_999)):
        assert [clock.status(at) for clock in (calm, warned, late)] == ["ok", "warning", "breached"]


def test_reading_of_a_running_clock() -> None:
    reading = at_instant(first_response(created(0)), m(30) + TICK)
    assert (reading.status, reading.state, reading.counting) == ("ok", "running", True)
    assert (reading.elapsed_secs, reading.remaining_secs, reading.threshold_secs) == (1_800, 1_800, 3_600)
    assert (reading.started_at, reading.warning_at, reading.due_at) == (m(0), m(48), m(60))
    assert (reading.stopped_at, reading.breached_at, reading.paused_secs) == (None, None, 0)
    assert reading.changes_at == m(48)
    assert (reading.policy_name, reading.policy_id.int) == ("policy 1", 1)


@pytest.mark.parametrize(("at", "changes"), [(0, 48), (47.9, 48), (48, 60), (59, 60), (60, None), (99, None)])
def test_when_a_running_clock_changes_next(at: float, changes: float | None) -> None:
    assert at_instant(first_response(created(0)), m(at)).changes_at == (None if changes is None else m(changes))


def test_over_time_remaining_is_negative() -> None:
    reading = at_instant(first_response(created(0)), m(61))
    assert (reading.status, reading.elapsed_secs, reading.remaining_secs) == ("breached", 3_660, -60)


def test_at_due_to_the_second_nothing_remains() -> None:
    assert at_instant(first_response(created(0)), m(60)).remaining_secs == 0


def test_a_breach_on_record_fixes_the_status_and_nothing_is_left_to_change() -> None:
    longer = edits((LONG_AGO, [policy()]), (70, [policy(version=2, first_response_secs=36_000)]))
    reading = at_instant(first_response(created(0), under=longer), m(80))
    assert (reading.status, reading.due_at, reading.changes_at) == ("breached", m(600), None)


def test_reading_of_a_paused_clock() -> None:
    clock = resolution(created(0), became(10, "pending"), became(20, "open"), became(30, "pending"))
    reading = at_instant(clock, m(35))
    assert (reading.state, reading.counting, reading.changes_at, reading.due_at) == ("paused", False, None, None)
    assert (reading.elapsed_secs, reading.paused_secs) == (1_200, 900)


def test_reading_of_a_stopped_clock_stands_still() -> None:
    clock = resolution(created(0), became(10, "pending"), became(20, "open"), became(30, "resolved"))
    first, later = at_instant(clock, m(31)), at_instant(clock, m(9_999))
    assert first == later
    assert (first.state, first.counting, first.elapsed_secs, first.paused_secs) == ("met", False, 1_200, 600)


def place(*facts: Fact, under: Governance | None = None) -> Standing:
    return standing(both(facts, under).values())


def clocks(*facts: Fact, under: Governance | None = None) -> list[Clock]:
    return list(both(facts, under).values())


def test_the_first_due_and_the_first_warning_stand_for_the_conversation() -> None:
    assert place(created(0), wrote(0)) == Standing("running", m(60), m(48))


def test_a_stopped_clock_stands_for_nothing() -> None:
    assert place(created(0), replied(90)) == Standing("running", m(240), m(192))


def test_the_worst_status_of_the_unstopped_clocks() -> None:
    standing_ = place(created(0))
    assert [standing_.status(m(at)) for at in (0, 48, 60)] == ["ok", "warning", "breached"]


def test_a_paused_clock_in_warning_beside_one_that_runs() -> None:
    slow_answer = always(policy(first_response_secs=36_000))
    assert place(created(0), became(200, "pending"), under=slow_answer).status(m(210)) == "warning"


def test_paused_only_if_all_are_and_none_is_breached() -> None:
    assert place(created(0), became(10, "pending")).status(m(20)) == "ok"
    assert place(created(0), replied(5), became(10, "pending")).status(m(20)) == "paused"
    assert place(created(0), replied(5), became(241, "pending")).status(m(250)) == "breached"


def test_no_policy_is_a_place_of_its_own() -> None:
    nowhere = place(created(0), under=always())
    assert (nowhere, nowhere.status(m(5))) == (Standing("none", None, None), "none")


def test_unjudged_clocks_are_not_shown_and_stand_nowhere() -> None:
    gone = edits((LONG_AGO, [policy()]), (20, []))
    found = clocks(created(0), under=gone)
    assert len(found) == 2
    assert shown(found) == []
    assert standing(found).state == "none"


def test_all_that_was_judged_is_shown() -> None:
    found = clocks(created(0), replied(4), became(5, "resolved"))
    assert shown(found) == found
