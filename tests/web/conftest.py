"""Fixtures of the front door."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from omnistream_console import passwords
from tests.support.web import Browser, Consumer, House, house, password_hash


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2id with the least that it takes: what it costs on purpose, hundreds of sign-ins need not pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobody.cache_clear()
        password_hash.cache_clear()
        yield
    passwords._nobody.cache_clear()
    password_hash.cache_clear()


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
