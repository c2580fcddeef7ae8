"""The words of the console: spans, instants, names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omnistream_console.sla import durations
from omnistream_console.web import words

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # a Friday, 16:00 in Jakarta


@dataclass
class Fact:
    kind: str
    status: str | None = None
    channel: str | None = None
    division_name: str | None = None
    agent_name: str | None = None
    actor_name: str | None = None


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (59, "59s"),
        (60, "1m"),
        (250, "4m 10s"),
        (599, "9m 59s"),
        (600, "10m"),
        (725, "12m"),
        (3_599, "59m"),
        (3_600, "1h"),
        (5_400, "1h 30m"),
        (86_399, "23h 59m"),
        (86_400 + 120, "1d"),
        (2 * 86_400 + 3 * 3_600 + 59 * 60, "2d 3h"),
        (400 * 86_400, "400d"),
        (-1_800, "30m"),
        (250.9, "4m 10s"),
    ],
)
def test_a_span_has_two_units_at_most_and_seconds_only_under_ten_minutes(seconds: float, said: str) -> None:
    assert words.span(seconds) == said


def test_indonesian_days_are_no_hours() -> None:
    assert words.span(2 * 86_400 + 3 * 3_600, "id") == "2\u00a0hr 3\u00a0j"
    assert words.span(250, "id_ID") == "4\u00a0mnt 10\u00a0dtk"


@pytest.mark.parametrize(("seconds", "said"), [(0, "0s"), (90, "1m 30s"), (90_061, "1d 1h 1m 1s"), (86_400, "1d")])
def test_a_target_is_told_exactly(seconds: int, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize("locale", ["en", "id"])
@pytest.mark.parametrize("seconds", [1, 300, 5_400, 90_061])
def test_what_the_console_says_it_also_understands(seconds: int, locale: str) -> None:
    assert durations.parse(words.duration(seconds, locale)) == seconds


@pytest.mark.parametrize(
    ("zone", "name"),
    [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT"), ("Asia/Singapore", "UTC+08")],
)
def test_every_zone_has_a_name(zone: str, name: str) -> None:
    assert words.zone_name(NOW, ZoneInfo(zone)) == name


def test_a_zone_is_named_as_of_the_instant() -> None:
    london = ZoneInfo("Europe/London")
    assert words.zone_name(NOW, london) == "GMT"
    assert words.zone_name(NOW - timedelta(days=150), london) == "BST"


def test_an_instant_names_day_and_zone() -> None:
    assert words.instant(NOW, JAKARTA) == "Fri 20 Nov 2026, 16:00 WIB"
    assert words.instant(NOW, JAKARTA, "id") == "Jum 20 Nov 2026, 16:00 WIB"
    assert words.instant_exact(NOW + timedelta(seconds=7), JAKARTA) == "Fri 20 Nov 2026, 16:00:07 WIB"
    assert words.day(NOW, JAKARTA) == "Friday 20 November 2026"
    assert words.time_of_day(NOW, JAKARTA) == "16:00:00"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (NOW + timedelta(hours=2), "18:00 WIB"),
        (NOW + timedelta(days=3, hours=-8), "Mon 08:00 WIB"),
        (NOW - timedelta(days=20), "31 Oct 16:00 WIB"),
        (NOW - timedelta(days=365), "20 Nov 2025 16:00 WIB"),
    ],
)
def test_near_instants_are_told_shortly(at: datetime, said: str) -> None:
    assert words.instant_short(at, JAKARTA, NOW) == said


def test_when_work_resumes_has_its_day_also_today() -> None:
    assert words.weekday_time(NOW, JAKARTA, NOW) == "Fri 16:00 WIB"
    assert words.weekday_time(NOW + timedelta(days=10), JAKARTA, NOW) == "Mon 30 Nov 16:00 WIB"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "just now"), (59, "just now"), (119, "1m ago"), (7_260, "2h 1m ago"), (-300, "in 5m")]
)
def test_ages(seconds: int, said: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == said


def test_names_fall_back_to_the_word_itself() -> None:
    assert words.channel_name("whatsapp") == "WhatsApp"
    assert words.channel_name("tokopedia") == "tokopedia"
    assert words.channel_icon("tokopedia") == "message-circle"
    assert words.status_name("pending") == "Waiting for customer"
    assert words.clock_name("first_response") == "First response"
    assert words.role_name("supervisor") == "Supervisor"
    assert words.status_name("snoozed") == "snoozed"


@pytest.mark.parametrize(
    ("channel", "division", "said"),
    [
        (None, None, "All conversations"),
        ("email", None, "E-mail in all divisions"),
        (None, "Billing", "All channels in Billing"),
        ("whatsapp", "Billing", "WhatsApp in Billing"),
    ],
)
def test_a_policy_says_what_it_applies_to(channel: str | None, division: str | None, said: str) -> None:
    assert words.scope_sentence(channel, division) == said


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (Fact("created"), "Conversation opened"),
        (Fact("created", actor_name="Dewi"), "Dewi opened the conversation"),
        (Fact("customer_message"), "The customer wrote"),
        (Fact("agent_reply", actor_name="Dewi"), "Dewi replied"),
        (Fact("agent_reply"), "An agent replied"),
        (Fact("bot_message"), "Automatic message"),
        (Fact("note", actor_name="Dewi"), "Internal note by Dewi"),
        (Fact("status", status="pending", actor_name="Dewi"), "Dewi set the status to “Waiting for customer”"),
        (Fact("status", status="open"), "Status set to “Open”"),
        (Fact("assignment", agent_name="Rizky", actor_name="Dewi"), "Dewi assigned it to Rizky"),
        (Fact("assignment", agent_name="Dewi", actor_name="Dewi"), "Dewi took it over"),
        (Fact("assignment", agent_name="Rizky"), "Assigned to Rizky"),
        (Fact("assignment"), "Assignment taken off"),
        (Fact("transfer", division_name="Billing", channel="email"), "Transferred to Billing, E-mail"),
        (Fact("transfer", division_name="Billing", actor_name="Dewi"), "Dewi transferred it to Billing"),
        (Fact("transfer"), "Transferred to no division"),
    ],
)
def test_facts_are_sentences(fact: Fact, said: str) -> None:
    assert words.fact_sentence(fact) == said
