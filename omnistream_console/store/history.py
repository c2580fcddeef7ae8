"""Whole conversations, written at once: what an import and the first events of a conversation bring."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Dialect, Table, func, select, text
from sqlalchemy.exc import IntegrityError

from .breaches import BreachRow
from .clocks import ClockRow
from .conversations import ConversationRow
from .database import db, table_of
from .timeline import FactRow


class Conflict(Exception):
    """Something of this identity is there already. The transaction cannot go on."""


@dataclass(slots=True)
class Batch:
    """Rows of conversations that are new, each with every column."""

    conversations: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    clocks: list[dict[str, Any]] = field(default_factory=list)
    breaches: list[dict[str, Any]] = field(default_factory=list)


def write(batch: Batch) -> None:
    """Stores new conversations with all that hangs on them. Raises Conflict."""
    with conflicts():
        _insert(table_of(ConversationRow), batch.conversations)
        _insert(table_of(FactRow), batch.facts)
        _insert(table_of(ClockRow), batch.clocks)
        _insert(table_of(BreachRow), batch.breaches)


def queue(organization_id: UUID, sources: Iterable[str]) -> None:
    """Waits for everybody who opens conversations of these sources, or lets events wait for one: an event must not
    begin to wait while its conversation is being opened. On SQLite all writers queue anyway."""
    session = db.session()
    if session.get_bind().dialect.name == "sqlite":
        return
    for source in sorted(sources):
        name = hashlib.blake2b(organization_id.bytes + source.encode(), digest_size=8).digest()
        session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(name, signed=True))))


def measured() -> None:
    """Lets PostgreSQL look at how the tables have grown. It does so by itself a minute later; until then it takes them
    for small, and reads all events of a source to find a few."""
    session = db.session()
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text("ANALYZE conversations, facts, clocks, breaches, waiting_events"))


@contextmanager
def conflicts() -> Iterator[None]:
    """Where a unique key is taken already, raises Conflict."""
    try:
        yield
    except IntegrityError as failure:
        raise Conflict from failure


def _insert(table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Hands rows to the driver column by column: row by row SQLAlchemy takes as long as the database itself."""
    if not rows:
        return
    connection = db.session().connection()
    dialect = connection.dialect
    quoted = dialect.identifier_preparer
    names = ", ".join(quoted.format_column(column) for column in table.columns)
    into = f"{quoted.format_table(table)} ({names})"
    values = zip(
        *(_values([row[column.name] for row in rows], column.type, dialect) for column in table.columns), strict=True
    )
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(table.columns))
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(values))  # noqa: S608 - the schema's
    else:
        _copy(connection, into, values)


def _copy(connection: Connection, into: str, values: Iterable[tuple[Any, ...]]) -> None:
    """PostgreSQL's own way for many rows: an INSERT for each takes several times as long."""
    driver = connection.dialect.loaded_dbapi
    try:
        with closing(connection.connection.cursor()) as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
    except driver.IntegrityError as failure:
        raise Conflict from failure


def _values(values: Iterable[Any], type_: Any, dialect: Dialect) -> Iterable[Any]:
    """A column's values as the driver takes them."""
    process: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return values if process is None else _processed(values, process)


def _processed(values: Iterable[Any], process: Callable[[Any], Any]) -> Iterator[Any]:
    # neighbours share their organization, conversation and instants: what was converted last often serves again
    last = converted = None
    for value in values:
        if value is not last:
            last, converted = value, process(value)
        yield converted
