"""One set of migrations for both databases: up, down, up again, and the same tables as the code has."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from omnistream_console import create_app
from omnistream_console.config import Settings
from omnistream_console.store import board, migrate
from omnistream_console.store.board import Filters
from omnistream_console.store.database import db
from omnistream_console.work import sweep
from tests.work import desk
from tests.work.desk import m

WHERE = str(migrate.DIRECTORY)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without a table (SQLite brings itself up when the application starts)."""
    url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    app = create_app(Settings(instance_path=tmp_path, database_url=url, secret_key="k", testing=True))
    with app.app_context():
        with contextlib.suppress(Exception):
            downgrade(WHERE, "base")
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_up_and_down_and_up(bare: Flask) -> None:
    assert tables() == set()
    assert not migrate.is_current(bare)
    upgrade(WHERE)
    assert tables() == set(db.metadata.tables)
    assert migrate.is_current(bare)
    downgrade(WHERE, "base")
    assert tables() == set()
    upgrade(WHERE)
    assert migrate.is_current(bare)


def test_the_code_has_the_tables_that_the_migrations_make(bare: Flask) -> None:
    upgrade(WHERE)
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_every_index_is_there_by_its_name(bare: Flask) -> None:
    upgrade(WHERE)
    look = inspect(db.engine)
    for name, table in db.metadata.tables.items():
        assert {index["name"] for index in look.get_indexes(name)} >= {index.name for index in table.indexes}, name


def test_a_migrated_database_works(bare: Flask) -> None:
    upgrade(WHERE)
    organization = desk.found()
    desk.open_(organization, m(0))
    assert sweep.step(m(60)) == 1
    assert board.counters(organization, Filters(), m(60)).breached == 1


def test_running_them_again_changes_nothing(bare: Flask) -> None:
    upgrade(WHERE)
    organization = desk.found()
    upgrade(WHERE)
    migrate.upgrade_embedded(bare)
    assert len(desk.the_policy(organization).name) > 0
