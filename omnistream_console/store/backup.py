"""A consistent copy of an SQLite database while others read and write it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from .database import db


def copy_to(file: Path) -> None:
    """Writes the copy beside its place first, so that what stands there is always whole."""
    part = file.with_name(file.name + ".part")
    with db.engine.connect() as connection:
        target = sqlite3.connect(part)
        try:
            source: Any = connection.connection.dbapi_connection
            source.backup(target)
        finally:
            target.close()
    part.replace(file)
