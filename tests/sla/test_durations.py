"""Durations as people type them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnistream_console.sla.durations import Unclear, parse, spell
from omnistream_console.sla.policies import LONGEST_SECS


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5m", 300),
        ("1h 30m", 5_400),
        ("1h30m", 5_400),
        ("2d", 172_800),
        ("90s", 90),
        ("  2D 3H  ", 183_600),
        ("1 hour 5 minutes", 3_900),
        ("2 jam 10 menit", 7_800),
        ("1 hari", 86_400),
        ("30 detik", 30),
        ("0s", 0),
        ("90m", 5_400),
    ],
)
def test_what_is_read(text: str, seconds: int) -> None:
    assert parse(text) == seconds


@pytest.mark.parametrize("text", ["", " ", "m", "5 x", "5m 3h", "5m 5m", "1h -5m", "1.5h", "1,5h", "5m!", "h5", "1e3s"])
def test_what_is_unclear(text: str) -> None:
    with pytest.raises(Unclear) as refusal:
        parse(text)
    assert refusal.value.number is None


def test_a_bare_number_is_refused_and_named() -> None:
    with pytest.raises(Unclear) as refusal:
        parse(" 300 ")
    assert refusal.value.number == 300


@pytest.mark.parametrize("text", ["9" * 13, "9" * 5_000, "9" * 5_000 + "s"])
def test_endless_digits_are_no_number(text: str) -> None:
    with pytest.raises(Unclear) as refusal:
        parse(text)
    assert refusal.value.number is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (59, "59s"), (3_600, "1h"), (5_400, "1h 30m"), (90_061, "1d 1h 1m 1s")]
)
def test_what_is_written(seconds: int, text: str) -> None:
    assert spell(seconds) == text


@given(st.integers(0, 10 * LONGEST_SECS))
def test_what_is_written_is_read_the_same(seconds: int) -> None:
    assert parse(spell(seconds)) == seconds


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_unclear(text: str) -> None:
    with contextlib.suppress(Unclear):
        assert parse(text) >= 0
