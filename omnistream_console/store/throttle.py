"""The login throttle: failures counted in the database, so that all processes see the same."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Integer, LargeBinary, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from .database import Instant, Model, db, table_of, upsert

WINDOW = timedelta(minutes=15)


class ThrottleRow(Model):
    __tablename__ = "login_throttles"

    # The SHA-256 of what is counted: the table tells nobody who tried to sign in.
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(Instant)  # when the count is forgotten


def blocked_until(limits: Sequence[tuple[str, int]], now: datetime) -> datetime | None:
    """When the first of these (what, allowed failures) that is used up opens again; None: none is."""
    allowed = {_digest(what): most for what, most in limits}
    rows = db.session.execute(
        select(ThrottleRow.key, ThrottleRow.failures, ThrottleRow.until).where(
            ThrottleRow.key.in_(list(allowed)), ThrottleRow.until > now
        )
    )
    return max((row.until for row in rows if row.failures >= allowed[row.key]), default=None)


def count(whats: Sequence[str], now: datetime) -> None:
    """Counts one failure against each. A count is forgotten a quarter of an hour after its last failure."""
    session = db.session()
    session.execute(delete(ThrottleRow).where(ThrottleRow.until <= now))
    table = table_of(ThrottleRow)
    for what in whats:
        statement = upsert(session, table).values(key=_digest(what), failures=1, until=now + WINDOW)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["key"], set_={"failures": table.c.failures + 1, "until": statement.excluded.until}
            )
        )


def forget(what: str) -> None:
    """A sign-in that succeeded clears the account's count."""
    db.session.execute(delete(ThrottleRow).where(ThrottleRow.key == _digest(what)))


def _digest(what: str) -> bytes:
    return hashlib.sha256(what.encode()).digest()
