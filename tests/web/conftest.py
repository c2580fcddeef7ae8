"""Fixtures of the front door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.web import Browser, Consumer, House, cheap_passwords, house


@pytest.fixture(scope="session", autouse=True)
def quick_sign_in() -> Iterator[None]:
    with cheap_passwords():
        yield


@pytest.fixture
def home(app_sqlite: Flask) -> House:
    """An organization on SQLite."""
    return house(app_sqlite)


@pytest.fixture
def stranger(home: House) -> House:
    """Another organization in the same database."""
    return house(home.app, "Toko Sebelah")


@pytest.fixture
def api(home: House) -> Consumer:
    """The supervisor's program."""
    return home.api()


@pytest.fixture
def browser(home: House) -> Browser:
    """The supervisor's browser."""
    return home.browser()
