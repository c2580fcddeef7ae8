"""An organization to import into, on either database."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask

from tests.work.importing.bringing import organization


@pytest.fixture
def acme(app: Flask) -> UUID:
    return organization(app)


@pytest.fixture
def acme_sqlite(app_sqlite: Flask) -> UUID:
    return organization(app_sqlite)
