"""The workers that are up, as they last said, and how far behind the sweep is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from .clocks import ClockRow
from .database import Instant, Model, ask, db, table_of, upsert

# A worker says every five seconds that it lives; three times unheard, it is not taken to.
BEAT = timedelta(seconds=5)
SILENT = 3 * BEAT
# A breach recorded this much after its due instant is late enough to be told on the board.
LATE = timedelta(seconds=10)


class WorkerRow(Model):
    __tablename__ = "workers"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Instant)
    last_sweep_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Pulse:
    """`lag`: how long the longest overdue record has been waiting to be made. `stalled`: nobody sweeps, or too late."""

    last_sweep_at: datetime | None
    lag: timedelta
    stalled: bool


def beat(name: str, started_at: datetime, now: datetime) -> None:
    """Notes that a worker has just swept; workers unheard for a day are struck off."""
    session = db.session()
    session.execute(delete(WorkerRow).where(WorkerRow.last_sweep_at < now - timedelta(days=1)))
    statement = upsert(session, table_of(WorkerRow)).values(name=name, started_at=started_at, last_sweep_at=now)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"last_sweep_at": statement.excluded.last_sweep_at, "started_at": statement.excluded.started_at},
        )
    )


def gone(name: str) -> None:
    """Strikes off a worker that ends."""
    db.session.execute(delete(WorkerRow).where(WorkerRow.name == name))


# What `felt` feels, for a query that asks for more besides: two ends of an index.
PULSE = (
    select(func.max(WorkerRow.last_sweep_at)).scalar_subquery(),
    select(func.min(ClockRow.sweep_at)).where(ClockRow.sweep_at.is_not(None)).scalar_subquery(),
)
_pulse = select(*PULSE)


def pulse(now: datetime) -> Pulse:
    """How the sweep is doing."""
    return felt(*ask(_pulse).one(), now=now)


def felt(last: datetime | None, oldest: datetime | None, *, now: datetime) -> Pulse:
    """The pulse, from the latest sweep and the oldest record that waits to be made."""
    lag = max(now - oldest, timedelta(0)) if oldest is not None else timedelta(0)
    return Pulse(last, lag, last is None or now - last > SILENT or lag > LATE)
