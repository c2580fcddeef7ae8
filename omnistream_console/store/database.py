"""The connection to SQLite or PostgreSQL, and the types that both store alike."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, CursorResult, DateTime, Dialect, Engine, MetaData, Row, Select, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")
Query = Select[*tuple[Any, ...]]


class Base(DeclarativeBase):
    """Constraint names are fixed, so that one set of migrations serves both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Objects are read into values and never written back by attribute, so nothing need expire on commit.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

# The database is away, or held by another writer for longer than anybody waits.
Unavailable = OperationalError
# Two wrote the same at the same moment, and the other one was first.
Taken = IntegrityError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _from_microseconds(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + timedelta(0, 0, value)


class Instant(TypeDecorator[datetime]):
    """An aware instant, in UTC: `timestamptz` on PostgreSQL, whole microseconds since 1970 on SQLite, which has no
    type for one and would drop the offset of a datetime silently. Naive datetimes are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant without a zone: {value!r}")
        return (value - EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        # Made once for a query and called for every value of a board: it decides no more than it has to.
        if dialect.name == "sqlite":
            return _from_microseconds
        return lambda value: None if value is None else value.astimezone(UTC)


class Span(TypeDecorator[timedelta]):
    """A length of time in whole microseconds, the same number on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], timedelta | None]:
        return lambda value: None if value is None else timedelta(0, 0, value)


def new_id() -> UUID:
    """A time-ordered UUID, version 7 (RFC 9562, 5.7): new rows land together at the end of an index, and what is
    older has the smaller id."""
    milliseconds = time.time_ns() // 1_000_000
    noise = int.from_bytes(os.urandom(10))
    return UUID(
        int=(milliseconds & 0xFFFF_FFFF_FFFF) << 80
        | 0x7 << 76
        | (noise >> 68) << 64
        | 0b10 << 62
        | (noise & 0x3FFF_FFFF_FFFF_FFFF)
    )


def utc_now() -> datetime:
    """The server's clock: asked once at the door of a request, a command or a step, and handed on."""
    return datetime.now(UTC)


_writing: ContextVar[bool] = ContextVar("writing", default=False)


@contextmanager
def transaction() -> Iterator[Session]:
    """One write transaction, whole or not at all.

    What was read before it is let go first: what is read inside is what is written over. SQLite takes its write lock
    at the start, so that two writers queue instead of failing half-way. Nested use joins the outer one.
    """
    session = db.session()
    if _writing.get():
        yield session
        return
    session.rollback()
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


def look_afresh() -> None:
    """Lets go of what was read so far: the next question is answered from what stands by then, and nothing is held
    while nobody asks."""
    if not _writing.get():
        db.session.rollback()


def init(app: Flask, url: str) -> None:
    """Binds the app to its database."""
    parsed = make_url(url)
    options: dict[str, Any]
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        options = {"connect_args": {"timeout": 30}}
    else:
        options = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _prepare_sqlite(db.engine)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        # Python's own transaction handling would begin late and deferred; ours is in `begin` below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA busy_timeout = 30000")
        cursor.execute("PRAGMA cache_size = -64000")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A reader never waits for a writer; a writer that began as a reader could only fail at its first write.
        if _writing.get():
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Takes no lock and cannot fail: it needs nothing of what SQLAlchemy does around a statement.
            connection.connection.driver_connection.execute("BEGIN")


def upsert(session: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT of this database that knows ON CONFLICT."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def insert_new(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Inserts rows; those whose unique key is taken already are left as they are."""
    if rows:
        session.execute(upsert(session, table).on_conflict_do_nothing(), rows)


def ask(query: Query, **parameters: Any) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a query that was made beforehand, with its parameters. What every request asks is asked this way:
    to make a query anew, and to hand its rows through the ORM, takes several times as long as the database does."""
    return db.session().connection().execute(query, parameters)


def values(kind: Callable[..., T], rows: Iterable[Row[*tuple[Any, ...]]]) -> list[T]:
    """Rows as values: each column in the place of a parameter."""
    return [kind(*row) for row in rows]


def value(kind: Callable[..., T], row: Row[*tuple[Any, ...]] | None) -> T | None:
    """One row as a value, or nothing."""
    return None if row is None else kind(*row)


def table_of(model: type[Base]) -> Table:
    """The table under a model, for statements over many rows."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
