"""What the tests of the hands begin with."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from tests.work import desk


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application, with its context entered."""
    with app.app_context():
        yield app


@pytest.fixture
def organization(context: Flask) -> UUID:
    """One with a policy for everything: an hour to the first answer, four to the end."""
    return desk.found()
