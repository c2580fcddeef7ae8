"""What is recorded of a missed promise: made, frozen, retracted, standing again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from omnistream_console.sla.breaches import Breach, Settled, is_due, settle
from omnistream_console.sla.clocks import FIRST_RESPONSE, RESOLUTION
from omnistream_console.sla.folding import derive
from omnistream_console.sla.matching import Governance
from omnistream_console.sla.timeline import Fact
from tests.sla.stories import (
    LONG_AGO,
    SALES,
    always,
    became,
    created,
    edits,
    first_response,
    m,
    moved,
    policy,
    replied,
    wrote,
)

ON_TIME: Mapping[str, Breach] = {}
RECORDED = Breach(
    clock=FIRST_RESPONSE,
    policy_id=UUID(int=1),
    policy_version=1,
    policy_name="policy 1",
    threshold_secs=3_600,
    breached_at=m(60),
    actual_secs=None,
)
ON_RECORD = {FIRST_RESPONSE: RECORDED}


def settled(
    facts: Sequence[Fact], now: float, recorded: Mapping[str, Breach] = ON_TIME, under: Governance | None = None
) -> Settled:
    return settle(derive(facts, under or always(policy())), recorded, m(now))


def written(
    facts: Sequence[Fact], now: float, recorded: Mapping[str, Breach] = ON_TIME, under: Governance | None = None
) -> Breach | None:
    found = settled(facts, now, recorded, under).breaches
    assert len(found) <= 1
    return found[0] if found else None


def test_nothing_is_recorded_before_due() -> None:
    assert written([created(0)], 59.99) is None
    assert not is_due(first_response(created(0)), m(59.99))


def test_exactly_at_due_a_running_clock_is_recorded() -> None:
    assert is_due(first_response(created(0)), m(60))
    assert written([created(0)], 60) == RECORDED


def test_what_is_on_record_is_not_written_again() -> None:
    assert settled([created(0)], 70, ON_RECORD).breaches == []


def test_both_clocks_have_a_record_each() -> None:
    found = settled([created(0)], 300)
    assert [breach.clock for breach in found.breaches] == [FIRST_RESPONSE, RESOLUTION]
    assert [breach.breached_at for breach in found.breaches] == [m(60), m(240)]


def test_the_clock_says_that_it_is_breached() -> None:
    clock = settled([created(0)], 70).clocks[0]
    assert (clock.breached_at, clock.state, clock.status(m(0))) == (m(60), "running", "breached")


def test_a_fact_that_stops_the_clock_late_records_it_with_its_final_figure() -> None:
    assert written([created(0), replied(75)], 75) == replace(RECORDED, actual_secs=4_500)


def test_lateness_that_was_over_before_any_sweep_is_recorded() -> None:
    # Paused before anybody swept: late, and paused.
    told = [created(0), replied(1), became(250, "pending")]
    found = settled(told, 255).breaches
    assert [(breach.clock, breach.breached_at, breach.actual_secs) for breach in found] == [(RESOLUTION, m(240), None)]


def test_stopping_freezes_what_grew() -> None:
    assert written([created(0), replied(75)], 80, ON_RECORD) == replace(RECORDED, actual_secs=4_500)


def test_a_reply_in_time_heard_late_retracts() -> None:
    found = settled([created(0), replied(59, heard=70)], 70, ON_RECORD)
    assert found.breaches == [replace(RECORDED, actual_secs=3_540, retracted=True)]
    clock = found.clocks[0]
    assert (clock.state, clock.breached_at, clock.status(m(80))) == ("met", None, "ok")


def test_the_retraction_is_lifted_when_that_reply_is_void() -> None:
    retracted = {FIRST_RESPONSE: replace(RECORDED, actual_secs=3_540, retracted=True)}
    assert written([created(0)], 80, retracted) == RECORDED


def test_a_retracted_breach_that_is_still_none_is_not_written_again() -> None:
    retracted = {FIRST_RESPONSE: replace(RECORDED, actual_secs=3_540, retracted=True)}
    assert settled([created(0), replied(59)], 90, retracted).breaches == []


def test_a_clock_that_turns_out_late_after_all_is_recorded_as_it_is_late_then() -> None:
    # A pause heard late moved due from minute 240 to 270: retracted, and at 270 late all the same.
    before = replace(RECORDED, clock=RESOLUTION, threshold_secs=14_400, breached_at=m(240))
    told = [created(0), replied(1), became(10, "pending", heard=250), became(40, "open", heard=250)]
    gone = written(told, 250, {RESOLUTION: before})
    assert gone == replace(before, retracted=True)
    assert written(told, 270, {RESOLUTION: gone}) == replace(before, breached_at=m(270))


def test_a_clock_that_the_timeline_no_longer_has_was_never_late() -> None:
    told = [created(0, by="agent"), wrote(0)]
    assert written(told, 70) == RECORDED
    assert written(told[:1], 80, ON_RECORD) == replace(RECORDED, retracted=True)
    assert settled(told[:1], 80, {FIRST_RESPONSE: replace(RECORDED, retracted=True)}).breaches == []


def test_an_edit_neither_retracts_nor_rewrites_and_freezes_the_figure_of_then() -> None:
    longer = edits((LONG_AGO, [policy()]), (90, [policy(version=2, first_response_secs=36_000)]))
    assert written([created(0)], 95, ON_RECORD, longer) == replace(RECORDED, actual_secs=5_400)


def test_what_is_frozen_stays_frozen() -> None:
    longer = edits((LONG_AGO, [policy()]), (90, [policy(version=2, first_response_secs=36_000)]))
    frozen = {FIRST_RESPONSE: replace(RECORDED, actual_secs=5_400)}
    for facts, now in (([created(0)], 200), ([created(0), replied(180)], 200)):
        assert settled(facts, now, frozen, longer).breaches == []


def test_a_late_stop_records_the_breach_of_a_policy_that_went_meanwhile() -> None:
    longer = edits((LONG_AGO, [policy()]), (90, [policy(version=2, first_response_secs=36_000)]))
    assert written([created(0), replied(100)], 100, under=longer) == replace(RECORDED, actual_secs=5_400)


def test_deleting_the_policy_leaves_its_breach() -> None:
    gone = edits((LONG_AGO, [policy()]), (90, []))
    assert written([created(0)], 95, ON_RECORD, gone) == replace(RECORDED, actual_secs=5_400)


def test_an_edit_of_the_due_instant_itself_does_not_retract() -> None:
    longer = edits((LONG_AGO, [policy()]), (60, [policy(version=2, first_response_secs=36_000)]))
    assert written([created(0)], 60, ON_RECORD, longer) == replace(RECORDED, actual_secs=3_600)


def test_a_transfer_leaves_the_breach_and_its_policy() -> None:
    two = always(policy(1), policy(2, division_id=SALES, first_response_secs=36_000))
    found = settled([created(0), moved(80, division=SALES)], 80, ON_RECORD, two)
    assert found.breaches == [replace(RECORDED, actual_secs=4_800)]
    assert (found.clocks[0].policy_name, found.clocks[0].breached_at) == ("policy 2", m(60))


def test_reopening_leaves_the_breach() -> None:
    told = [created(0), replied(1), became(300, "resolved"), became(400, "open")]
    late = replace(RECORDED, clock=RESOLUTION, threshold_secs=14_400, breached_at=m(240), actual_secs=18_000)
    assert written(told, 401, {RESOLUTION: late}) == replace(late, actual_secs=None)


def test_a_request_that_began_just_before_due_does_not_retract_what_was_recorded_meanwhile() -> None:
    found = settled([created(0)], 59.99, ON_RECORD)
    assert found.breaches == []
    assert found.clocks[0].breached_at == m(60)


def test_but_a_reply_of_that_moment_does() -> None:
    assert written([created(0), replied(59.99)], 59.99, ON_RECORD) == replace(
        RECORDED, actual_secs=3_599, retracted=True
    )
