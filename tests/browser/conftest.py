"""Fixtures of the browser tests: an organization, browsers that are signed in, a worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from omnistream_console import passwords
from omnistream_console.work.loop import Worker
from tests.browser.hands import Console
from tests.support.browser import Watch
from tests.support.web import House, house, password_hash


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Argon2id with the least that it takes: what it costs on purpose, a test of the browser need not pay."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._nobody.cache_clear()
        password_hash.cache_clear()
        yield
    passwords._nobody.cache_clear()
    password_hash.cache_clear()


@pytest.fixture
def home(app_sqlite: Flask) -> House:
    """An organization with two divisions and one person of each role."""
    return house(app_sqlite)


@pytest.fixture
def console(home: House, watch: Watch, live_server: str) -> Console:
    """Opens the console as somebody of the organization."""
    return Console(home, watch, live_server)


@pytest.fixture
def worker(app_sqlite: Flask) -> Iterator[Worker]:
    """A worker in the process of the server, as `python app.py` has one."""
    worker = Worker(app_sqlite)
    thread = threading.Thread(target=worker.run, name="worker")
    thread.start()
    yield worker
    worker.stop()
    thread.join()
