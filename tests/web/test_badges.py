"""What a badge says of a clock in every state, and what it hands to the browser that ticks it on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from omnistream_console.sla.clocks import Reading
from omnistream_console.web import badges

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday, 16:00 in Jakarta


def running(left: int, *, threshold: int = 3_600, status: str = "ok") -> Reading:
    """A running clock with `left` seconds to go."""
    elapsed = threshold - left
    due = NOW + timedelta(seconds=left)
    return Reading(
        kind="first_response",
        status=status,
        state="running",
        threshold_secs=threshold,
        elapsed_secs=elapsed,
        remaining_secs=left,
        started_at=NOW - timedelta(seconds=elapsed),
        due_at=due,
        warning_at=due - timedelta(seconds=threshold // 5),
        stopped_at=None,
        breached_at=due if status == "breached" else None,
        paused_secs=0,
        counting=True,
        changes_at=due if left > 0 else None,
        policy_id=UUID(int=1),
        policy_name="Retail",
    )


PAUSED = replace(running(1_200), state="paused", due_at=None, warning_at=None, counting=False, changes_at=None)
CLOSED = replace(running(725), counting=False, changes_at=NOW + timedelta(days=3, hours=-8))
MET = replace(running(3_480), state="met", counting=False, stopped_at=NOW, changes_at=None)
LATE = replace(running(-360, status="breached"), state="met_late", counting=False, stopped_at=NOW)


def shown(reading: Reading) -> badges.Badge:
    return badges.badge(reading, NOW, JAKARTA, "en")


@pytest.mark.parametrize(
    ("reading", "said", "tone"),
    [
        (running(725), "12m left", "ok"),
        (running(250, status="warning"), "4m 10s left", "warning"),
        (running(0, status="breached"), "0s overdue", "breached"),
        (running(-1_800, status="breached"), "30m overdue", "breached"),
        (running(725, status="breached"), "Breached, 12m left", "breached"),
        (PAUSED, "Paused: waiting for customer", "paused"),
        (replace(PAUSED, status="breached", remaining_secs=-1_800), "Paused: 30m overdue", "breached"),
        (CLOSED, "Outside hours: 12m left, resumes Mon 08:00 WIB", "ok"),
        (replace(CLOSED, changes_at=None), "Outside hours: 12m left", "ok"),
        (MET, "Met in 2m", "met"),
        (replace(MET, status="breached"), "Met in 2m, breach on record", "breached"),
        (LATE, "Met late by 6m", "breached"),
        (replace(MET, state="unanswered"), "Not answered", "none"),
    ],
)
def test_words_and_tone(reading: Reading, said: str, tone: str) -> None:
    badge = shown(reading)
    assert (badge.words, badge.tone) == (said, tone)
    assert (badge.clock, badge.status, badge.state) == ("first_response", reading.status, reading.state)


def test_no_two_states_share_icon_and_words() -> None:
    readings = [
        running(725),
        running(250, status="warning"),
        running(-60, status="breached"),
        PAUSED,
        CLOSED,
        MET,
        LATE,
    ]
    assert len({(shown(reading).icon, shown(reading).words) for reading in readings}) == len(readings)


@pytest.mark.parametrize(("left", "percent"), [(3_600, 0), (900, 75), (0, 100), (-9_000, 100)])
def test_the_bar_ends_at_the_threshold(left: int, percent: int) -> None:
    assert shown(running(left)).percent == percent


def test_the_tooltip_names_the_zone_and_the_target() -> None:
    told = dict(shown(running(725)).rows)
    assert told["Policy"] == "Retail"
    assert told["Target"] == "1h"
    assert told["Due"] == "Fri 20 Nov 2026, 16:12:05 WIB"
    assert told["Counts"] == "Every second"
    assert dict(shown(CLOSED).rows)["Counts"] == "Working time"
    assert dict(shown(PAUSED).rows)["Due"] == "Set when the customer answers"
    assert dict(shown(replace(CLOSED, due_at=None)).rows)["Due"] == "Never: no working hours ahead"
    assert dict(shown(replace(PAUSED, kind="resolution", paused_secs=5_400)).rows)["Paused in all"] == "1h 30m"


def test_a_counting_clock_ticks_towards_its_due() -> None:
    data = shown(running(725)).data
    assert data["zero"] == data["due"] == data["changes"] == "2026-11-20T09:12:05.000Z"
    assert data["warning"] == "2026-11-20T09:00:05.000Z"


def test_nothing_left_lies_before_a_due_that_closed_hours_put_off() -> None:
    reading = replace(running(725), due_at=NOW + timedelta(days=2))
    assert shown(reading).data["zero"] == "2026-11-20T09:12:05.000Z"


def test_the_zero_of_a_clock_does_not_wander_between_polls() -> None:
    started = NOW - timedelta(microseconds=700_000)
    zeros = set()
    for later in range(5):
        now = NOW + timedelta(seconds=later, microseconds=300_000 * later)
        elapsed = int((now - started).total_seconds())
        reading = replace(
            running(0),
            started_at=started,
            elapsed_secs=elapsed,
            remaining_secs=3_600 - elapsed,
            due_at=started + timedelta(hours=1),
            changes_at=None,
        )
        zeros.add(badges.ticking(reading, now)["zero"])
    assert zeros == {"2026-11-20T09:59:59.300Z"}


@pytest.mark.parametrize("reading", [PAUSED, MET, LATE])
def test_what_stands_still_does_not_tick(reading: Reading) -> None:
    assert shown(reading).data == {}


def test_outside_hours_only_the_resumption_is_awaited() -> None:
    assert set(shown(CLOSED).data) == {"threshold", "changes"}


def test_the_sentences_of_the_browser_leave_room_for_the_time() -> None:
    sentences = badges.templates_for_ticking("en")
    assert sentences["left"] == "{span} left"
    assert sentences["units"] == "d|h|m|s"
