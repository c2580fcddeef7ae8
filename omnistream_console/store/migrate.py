"""Brings a database to the schema of this version: one set of migrations for SQLite and PostgreSQL."""

from __future__ import annotations

import logging
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from flask import Flask
from flask_migrate import Migrate
from flask_migrate import upgrade as run_upgrade

from . import (  # noqa: F401 - every table has to be known to the metadata
    agents,
    board,
    breaches,
    clocks,
    conversations,
    divisions,
    keys,
    organizations,
    policies,
    throttle,
    timeline,
    workers,
)
from .database import db

DIRECTORY = Path(__file__).parent / "migrations"


def init(app: Flask) -> None:
    """Gives the app the migrations (`flask db …` for their authors)."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    Migrate(app, db, directory=str(DIRECTORY), render_as_batch=True, compare_type=True)


def upgrade(app: Flask) -> None:
    """Applies what is missing."""
    with app.app_context():
        run_upgrade(directory=str(DIRECTORY))


def is_current(app: Flask) -> bool:
    """Whether the database has the schema of this version."""
    with app.app_context(), db.engine.connect() as connection:
        heads = set(ScriptDirectory(str(DIRECTORY)).get_heads())
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def upgrade_embedded(app: Flask) -> None:
    """Applies what is missing to an SQLite database; processes that start together take turns."""
    with app.app_context():
        engine = db.engine
        if engine.dialect.name != "sqlite" or not engine.url.database:
            return
        path = Path(engine.url.database)
    with FileLock(f"{path}.migrating"):
        if not is_current(app):
            upgrade(app)
