"""Which policy measures a clock over time: transfers, edits, policies that come and go, facts heard late."""

from __future__ import annotations

from datetime import timedelta

from omnistream_console.sla.clocks import FIRST_RESPONSE, RESOLUTION, UNJUDGED
from omnistream_console.sla.matching import PolicyVersion
from tests.sla.stories import (
    LONG_AGO,
    SALES,
    SUPPORT,
    always,
    became,
    both,
    created,
    edits,
    first_response,
    m,
    moved,
    policy,
    replied,
    resolution,
    wrote,
)

HOUR = policy(1)


def version(number: int, minutes: float, **changes: object) -> PolicyVersion:
    """Policy 1 after so many edits, promising an answer within so many minutes."""
    return policy(1, version=number, first_response_secs=round(minutes * 60), **changes)


def edited(at: float, minutes: float) -> object:
    return edits((LONG_AGO, [HOUR]), (at, [version(2, minutes)]))


# An edit


def test_a_longer_promise_moves_due_and_buys_no_other_start() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [version(2, 90)])))
    assert (clock.started_at, clock.due_at, clock.governed_from) == (m(0), m(90), m(0))
    assert (clock.policy_version, clock.threshold_secs, clock.elapsed(m(40))) == (2, 5_400, 2_400)


def test_a_shorter_promise_counts_from_the_start_too() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [version(2, 45)])))
    assert (clock.due_at, clock.governed_from, clock.warning_at) == (m(45), m(30), m(36))


def test_nothing_is_due_in_a_past_in_which_nobody_could_have_known() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [version(2, 10)])))
    assert (clock.due_at, clock.governed_from, clock.warning_at) == (m(30), m(30), None)
    assert clock.status(m(30)) == "breached"


def test_a_warning_is_not_in_that_past_either() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [version(2, 35)])))
    assert (clock.warning_at, clock.due_at) == (m(30), m(35))


def test_an_edit_that_moves_no_due_leaves_governed_from() -> None:
    renamed = policy(1, version=2, name="renamed")
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [renamed])))
    assert (clock.governed_from, clock.due_at, clock.policy_name) == (m(0), m(60), "renamed")


def test_a_new_name_does_not_move_a_due_that_was_cut_short() -> None:
    short = version(2, 10)
    renamed = policy(1, version=3, first_response_secs=600, name="renamed")
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (30, [short]), (40, [renamed])))
    assert (clock.governed_from, clock.due_at, clock.breached_at) == (m(30), m(30), m(30))


def test_shorter_then_longer_again() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (10, [version(2, 20)]), (15, [version(3, 60)])))
    assert (clock.due_at, clock.breached_at) == (m(60), None)


def test_what_was_late_by_the_promise_of_then_stays_late() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (61, [version(2, 600)])))
    assert (clock.breached_at, clock.due_at, clock.status(m(62))) == (m(60), m(600), "breached")
    assert clock.late is not None
    assert (clock.late.policy.version, clock.late.threshold_secs) == (1, 3_600)


def test_an_edit_at_the_very_due_instant_finds_the_clock_breached() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (60, [version(2, 600)])))
    assert clock.breached_at == m(60)


def test_an_edit_before_due_prevents_the_breach() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (59.99, [version(2, 600)])))
    assert clock.breached_at is None


def test_an_edit_while_paused_shows_when_the_clock_counts_again() -> None:
    short = edits((LONG_AGO, [HOUR]), (50, [policy(1, version=2, resolution_secs=600)]))
    told = [created(0), became(30, "pending")]
    paused = resolution(*told, under=short)
    assert (paused.state, paused.due_at, paused.breached_at, paused.status(m(60))) == ("paused", None, None, "ok")
    resumed = resolution(*told, became(90, "open"), under=short)
    assert (resumed.due_at, resumed.breached_at, resumed.status(m(90))) == (m(90), None, "breached")


def test_an_edit_dated_between_a_conversations_dated_start_and_its_hearing_counts() -> None:
    # The source's clock is three minutes ahead of ours, and the policy was edited in between.
    clock = first_response(created(3, heard=0), under=edits((LONG_AGO, [HOUR]), (1, [version(2, 10)])))
    assert (clock.policy_version, clock.due_at) == (2, m(13))


# A transfer


TEAMS = always(policy(1, division_id=SALES, first_response_secs=1_200), policy(2, division_id=SUPPORT))


def test_a_transfer_matches_again_and_buys_no_time() -> None:
    clock = first_response(created(0, division=SALES), moved(10, division=SUPPORT), under=TEAMS)
    assert (clock.policy_name, clock.started_at, clock.due_at, clock.governed_from) == ("policy 2", m(0), m(60), m(0))


def test_a_transfer_to_the_stricter_team_is_due_at_once_and_not_before() -> None:
    clock = first_response(created(0, division=SUPPORT), moved(30, division=SALES), under=TEAMS)
    assert (clock.policy_name, clock.due_at, clock.governed_from) == ("policy 1", m(30), m(30))


def test_a_transfer_after_the_stop_changes_nothing() -> None:
    told = [created(0, division=SUPPORT), replied(20)]
    assert first_response(*told, moved(30, division=SALES), under=TEAMS) == first_response(*told, under=TEAMS)


def test_a_transfer_that_no_policy_takes_ends_the_clock_without_a_verdict() -> None:
    clock = first_response(created(0, division=SALES), moved(10, channel="email", division=UUID_ELSE), under=TEAMS)
    assert (clock.state, clock.stopped_at, clock.breached_at, clock.elapsed(m(99))) == (UNJUDGED, m(10), None, 600)


UUID_ELSE = type(SALES)(int=0xC)


def test_a_channel_decides_too() -> None:
    by_channel = always(policy(1, channel="email"), policy(2, channel="whatsapp", resolution_secs=60))
    clock = resolution(created(0, channel="email"), moved(5, channel="whatsapp"), under=by_channel)
    assert (clock.policy_name, clock.due_at) == ("policy 2", m(5))


def test_the_policies_of_the_reopening_are_those_of_its_time() -> None:
    told = [created(0), became(10, "resolved")]
    under = edits((LONG_AGO, [HOUR]), (20, [version(2, 30, resolution_secs=1_800)]))
    assert resolution(*told, under=under).policy_version == 1
    reopened = resolution(*told, became(50, "open"), under=under)
    assert (reopened.policy_version, reopened.due_at) == (2, m(70))


# Policies that come and go


def test_without_a_policy_there_is_no_clock() -> None:
    assert both([created(0), wrote(1)], always(policy(1, channel="whatsapp"))) == {}


def test_a_policy_made_later_measures_what_still_runs_from_its_start() -> None:
    clock = first_response(created(0), under=edits((40, [HOUR])))
    assert (clock.started_at, clock.governed_from, clock.due_at) == (m(0), m(40), m(60))


def test_a_policy_made_too_late_finds_the_clock_due_at_its_making() -> None:
    assert first_response(created(0), under=edits((90, [HOUR]))).due_at == m(90)


def test_a_clock_answered_before_any_policy_is_not_measured() -> None:
    assert set(both([created(0), replied(10)], edits((90, [HOUR])))) == {RESOLUTION}


def test_imported_history_is_judged_by_the_policies_of_the_import() -> None:
    young = policy(1, created_at=m(90))
    told = [created(0, heard=100), replied(70, heard=100), became(80, "resolved", heard=100)]
    clocks = both(told, edits((90, [young])))
    assert (clocks[FIRST_RESPONSE].state, clocks[FIRST_RESPONSE].breached_at) == ("met_late", m(60))
    assert clocks[RESOLUTION].state == "met"


def test_a_late_transfer_measures_nothing_by_a_policy_younger_than_the_stop() -> None:
    young = policy(1, division_id=SALES, created_at=m(60))
    told = [created(0), replied(10), moved(5, division=SALES, heard=70)]
    assert FIRST_RESPONSE not in both(told, edits((60, [young])))


def test_deleting_the_policy_leaves_running_clocks_unjudged() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (20, [])))
    assert (clock.state, clock.stopped_at, clock.due_at, clock.elapsed(m(99))) == (UNJUDGED, m(20), None, 1_200)
    assert clock.status(m(99)) == "ok"


def test_an_unjudged_clock_is_not_brought_back_by_an_answer() -> None:
    clock = first_response(created(0), replied(30), under=edits((LONG_AGO, [HOUR]), (20, [])))
    assert (clock.state, clock.stopped_at) == (UNJUDGED, m(20))


def test_a_breach_before_the_policy_went_stays_one() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (90, [])))
    assert (clock.state, clock.breached_at, clock.status(m(99))) == (UNJUDGED, m(60), "breached")


def test_a_later_policy_takes_an_unjudged_clock_again() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (20, []), (50, [policy(2)])))
    assert (clock.state, clock.policy_name, clock.governed_from, clock.due_at) == ("running", "policy 2", m(50), m(60))


def test_where_the_default_takes_over_nothing_is_unjudged() -> None:
    default = policy(9, is_default=True, first_response_secs=7_200)
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR, default]), (20, [default])))
    assert (clock.policy_name, clock.due_at) == ("policy 9", m(120))


def test_another_policy_switched_on_takes_over_by_the_order() -> None:
    strict = policy(2, priority=1, first_response_secs=1_800)
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (10, [HOUR, strict])))
    assert (clock.policy_name, clock.due_at) == ("policy 2", m(30))


# Stopped clocks, and facts heard late


def test_a_stopped_clock_keeps_policy_threshold_and_verdict() -> None:
    told = [created(0), replied(30), became(40, "resolved")]
    before = both(told, always(HOUR))
    after = both(told, edits((LONG_AGO, [HOUR]), (50, [version(2, 1, resolution_secs=60)]), (60, [])))
    assert after == before


def test_a_reply_heard_late_is_judged_by_the_policy_of_its_time() -> None:
    under = edits((LONG_AGO, [HOUR]), (50, [version(2, 10)]))
    assert first_response(created(0), under=under).due_at == m(50)
    in_time = first_response(created(0), replied(30, heard=70), under=under)
    assert (in_time.state, in_time.policy_version, in_time.due_at) == ("met", 1, m(60))


def test_a_late_transfer_that_another_policy_takes_is_judged_by_the_policies_known_when_heard() -> None:
    old, new = policy(2, division_id=SALES, first_response_secs=600), None
    new = policy(2, division_id=SALES, first_response_secs=1_200, version=2)
    under = edits((LONG_AGO, [HOUR, old]), (100, [HOUR, new]))
    told = [created(0), replied(30)]
    clock = first_response(*told, moved(15, division=SALES, heard=200), under=under)
    assert (clock.policy_name, clock.policy_version, clock.breached_at) == ("policy 2", 2, m(20))


def test_a_late_transfer_that_changes_no_policy_keeps_the_version_of_then() -> None:
    under = edits((LONG_AGO, [HOUR]), (100, [version(2, 10)]))
    told = [created(0), replied(30)]
    assert first_response(*told, moved(15, division=SALES, heard=200), under=under) == first_response(
        *told, under=under
    )


def test_a_late_transfer_does_not_hide_edits_from_a_clock_that_runs() -> None:
    under = edits((LONG_AGO, [HOUR]), (100, [policy(1, version=2, resolution_secs=18_000)]))
    clock = resolution(created(0), moved(15, division=SALES, heard=200), under=under)
    assert (clock.policy_version, clock.due_at) == (2, m(300))


def test_a_late_transfer_is_not_undone_by_an_edit_that_it_already_knew() -> None:
    first, second = policy(2, division_id=SALES), policy(2, division_id=SALES, version=2, resolution_secs=18_000)
    under = edits((LONG_AGO, [HOUR, first]), (50, [policy(1, version=2), first]), (100, [policy(1, version=2), second]))
    clock = resolution(created(0), became(80, "resolved"), moved(15, division=SALES, heard=200), under=under)
    assert (clock.policy_name, clock.policy_version, clock.threshold_secs) == ("policy 2", 2, 18_000)


def test_a_pause_heard_late_moves_due() -> None:
    told = [created(0), became(10, "pending", heard=300), became(40, "open", heard=300)]
    assert resolution(*told).due_at == m(270)


def test_elapsed_at_the_end_of_a_promise_is_kept_with_its_lateness() -> None:
    clock = first_response(created(0), under=edits((LONG_AGO, [HOUR]), (90, [version(2, 600)])))
    assert clock.late is not None
    assert clock.late.actual_secs == 5_400
    assert clock.elapsed(m(0) + timedelta(minutes=100)) == 6_000
