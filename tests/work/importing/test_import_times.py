"""Instants as files write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omnistream_console.work.importing import times

JAKARTA, SAO_PAULO = ZoneInfo("Asia/Jakarta"), ZoneInfo("America/Sao_Paulo")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["4/7/2016 09:05", "04/07/2016 9:05", "4/7/2016 9:5"])
def test_days_first_padded_or_not(text: str) -> None:
    assert times.reader("%d/%m/%Y %H:%M", SAO_PAULO)(text) == utc(2016, 7, 4, 12, 5)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%d/%m/%Y %H:%M", "31/2/2016 09:05"),
        ("%d/%m/%Y %H:%M", "2016-07-04 09:05"),
        ("%d/%m/%Y %H:%M", "4/7/2016 09:05:00"),
        ("%d/%m/%Y %H:%M", "4/7/2016"),
        ("%d/%m/%Y %H:%M", "٤/7/2016 09:05"),
        ("%b %d %Y %H:%M", "Juli 4 2016 09:05"),
        ("iso", "20160704T090500Z"),
        ("iso", "2016-07-04"),
        ("iso", "2016-13-04T09:05:00Z"),
        ("iso", "0001-01-01T00:00:00+12:00"),
    ],
)
def test_what_is_no_instant_is_refused(form: str, text: str) -> None:
    with pytest.raises(times.NoTime, match="“"):
        times.reader(form, SAO_PAULO)(text)


@pytest.mark.parametrize(
    ("form", "text", "at"),
    [
        ("iso", "2026-03-02T09:30:00Z", utc(2026, 3, 2, 9, 30)),
        ("iso", "2026-03-02 09:30:00.250+07:00", utc(2026, 3, 2, 2, 30, 0, 250_000)),
        ("iso", "2026-03-02 09:30", utc(2026, 3, 2, 2, 30)),
        ("%Y-%m-%d %H:%M:%S %z", "2026-03-02 09:30:00 +0800", utc(2026, 3, 2, 1, 30)),
        ("%b %d, %Y %I:%M %p", "Mar 02, 2026 9:30 PM", utc(2026, 3, 2, 14, 30)),
        ("%Y%m%d %H%M%S", "20260302 093000", utc(2026, 3, 2, 2, 30)),
    ],
)
def test_other_formats(form: str, text: str, at: datetime) -> None:
    read = times.reader(form, JAKARTA)
    assert read(text) == at
    assert read(text) == at, "remembered"


def test_a_local_time_without_a_zone_is_refused() -> None:
    with pytest.raises(times.NoTime, match="names no zone"):
        times.reader("iso", None)("2026-03-02 09:30")


def test_a_skipped_time_moves_forward_by_the_gap_and_of_a_repeated_one_it_is_the_first() -> None:
    read = times.reader("%d/%m/%Y %H:%M", SAO_PAULO)
    # 16 October 2016: midnight became one o'clock
    assert read("16/10/2016 0:30") == read("16/10/2016 1:30") == utc(2016, 10, 16, 3, 30)
    # 21 February 2016, midnight: back to eleven
    assert read("20/2/2016 23:30") == utc(2016, 2, 21, 1, 30)
    assert read("21/2/2016 0:00") == utc(2016, 2, 21, 3, 0)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_the_fast_way_reads_what_strptime_reads(at: datetime) -> None:
    form = "%d.%m.%Y %H:%M:%S"
    text = at.strftime(form)
    assert times._digits(form)
    assert times.reader(form, UTC)(text) == datetime.strptime(text, form).replace(tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", ["%d/%m/%Q", "%", "no directive %"])
def test_a_format_that_nobody_knows(form: str) -> None:
    with pytest.raises(times.NoTime):
        times.needs_zone(form)


def test_which_formats_need_a_zone() -> None:
    assert times.needs_zone("%d/%m/%Y %H:%M")
    assert times.needs_zone("%d/%m/%Y %%z")
    assert not times.needs_zone("%d/%m/%Y %z")
    assert not times.needs_zone("iso")
