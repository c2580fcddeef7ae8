"""Instants and spans: the same value comes back from both databases, and a naive one does not go in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import literal, select
from sqlalchemy.exc import StatementError

from omnistream_console.store import workers
from omnistream_console.store.database import Instant, Span, db, new_id, transaction
from omnistream_console.store.workers import WorkerRow


def there_and_back(at: datetime) -> datetime:
    with transaction():
        workers.beat("one", at, at)
    kept: datetime = db.session.execute(select(WorkerRow.started_at)).scalar_one()
    return kept


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 3, 2, 9, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 9, 0, 0, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=7))),
        datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ],
)
def test_every_microsecond_is_kept_and_every_offset_converted(context: Flask, at: datetime) -> None:
    kept = there_and_back(at)
    assert kept == at
    assert kept.tzinfo is UTC


def test_a_naive_instant_is_refused(context: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"), transaction():
        workers.beat("one", datetime(2026, 3, 2), datetime(2026, 3, 2))  # noqa: DTZ001 - on purpose


def test_instants_are_compared_as_instants(context: Flask) -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    there_and_back(at)
    in_jakarta = at.astimezone(timezone(timedelta(hours=7)))
    for asked, found in ((in_jakarta, 1), (in_jakarta + timedelta(microseconds=1), 0)):
        rows = db.session.execute(select(WorkerRow.name).where(WorkerRow.last_sweep_at >= asked)).all()
        assert len(rows) == found


@pytest.mark.parametrize("span", [timedelta(0), timedelta(microseconds=1), timedelta(days=36_500, microseconds=7)])
def test_spans_are_whole_microseconds(context: Flask, span: timedelta) -> None:
    assert db.session.execute(select(literal(span, Span))).scalar_one() == span


def test_nothing_is_nothing(context: Flask) -> None:
    assert db.session.execute(select(literal(None, Instant), literal(None, Span))).one() == (None, None)


def test_ids_are_of_version_7_and_grow_with_time() -> None:
    ids = [new_id() for _ in range(2_000)]
    assert {id.version for id in ids} == {7}
    assert len(set(ids)) == 2_000
    assert [id.int >> 80 for id in ids] == sorted(id.int >> 80 for id in ids)
    assert all(isinstance(id, UUID) for id in ids)
