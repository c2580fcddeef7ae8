"""Due and warning instants: arithmetic and limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from omnistream_console.sla.clocks import at_instant, standing
from omnistream_console.sla.folding import derive, warning_secs
from omnistream_console.sla.timeline import CREATED, Fact
from omnistream_console.sla.worktime import EVERY_SECOND
from tests.sla.stories import always, became, created, first_response, m, policy, resolution


@pytest.mark.parametrize(
    ("threshold", "pct", "expected"),
    [(3_600, 80, 2_880), (1, 1, 1), (10, 33, 4), (100, 99, 99), (99, 99, 99), (3, 50, 2), (315_360_000, 1, 3_153_600)],
)
def test_the_warning_is_rounded_up(threshold: int, pct: int, expected: int) -> None:
    assert warning_secs(threshold, pct) == expected


def test_due_and_warning_are_start_plus_seconds() -> None:
    clock = first_response(created(0), under=always(policy(first_response_secs=10, warning_pct=33)))
    assert clock.due_at == m(0) + timedelta(seconds=10)
    assert clock.warning_at == m(0) + timedelta(seconds=4)


def test_at_a_hundred_per_cent_there_is_no_warning() -> None:
    clock = first_response(created(0), under=always(policy(warning_pct=100)))
    assert clock.warning_at is None
    assert [clock.status(at) for at in (m(59.99), m(60))] == ["ok", "breached"]


def test_a_warning_that_would_fall_on_due_is_none() -> None:
    clock = first_response(created(0), under=always(policy(first_response_secs=1, warning_pct=99)))
    assert clock.warning_at is None


def test_microseconds_are_kept() -> None:
    start = m(0) + timedelta(microseconds=1)
    clock = derive([Fact(CREATED, start, start, channel="email")], always(policy()))[0]
    assert clock.due_at == m(60) + timedelta(microseconds=1)


def test_beyond_the_year_9999_there_is_no_due() -> None:
    start = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    clocks = derive([Fact(CREATED, start, start, channel="email")], always(policy()))
    assert [clock.due_at for clock in clocks] == [None, None]
    assert [clock.warning_at for clock in clocks] == [None, None]
    at_last = start + timedelta(minutes=29)
    assert [clock.status(at_last) for clock in clocks] == ["ok", "ok"]
    assert at_instant(clocks[0], at_last).changes_at is None
    assert standing(clocks).state == "never"


def test_every_second_knows_the_end_of_time() -> None:
    nearly = datetime(9999, 12, 31, tzinfo=UTC)
    assert EVERY_SECOND.add(nearly, timedelta(days=2)) is None
    assert EVERY_SECOND.add(nearly, timedelta(hours=1)) == nearly + timedelta(hours=1)
    assert EVERY_SECOND.elapsed(nearly, nearly - timedelta(days=1)) == timedelta(0)
    assert EVERY_SECOND.is_open(nearly)
    assert EVERY_SECOND.next_change(nearly) is None


def test_a_stopped_clock_keeps_the_due_that_it_would_have_had() -> None:
    assert resolution(created(0), became(100, "resolved")).due_at == m(240)
    assert resolution(created(0), became(100, "pending"), became(200, "open"), became(220, "resolved")).due_at == m(340)
