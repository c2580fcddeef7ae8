"""Fixtures of all tests: databases, the application, a client, the browser, the clock.

`app` runs on SQLite and on PostgreSQL, every test twice; `app_sqlite` once, for what does not depend on the database.
Each test has a database of its own, copied from a template that is migrated once. What a machine lacks is skipped with
one line that says how to get it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import NoReturn

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from time_machine import TimeMachineFixture

from omnistream_console import create_app
from omnistream_console.config import Settings
from omnistream_console.store import migrate
from omnistream_console.store.database import db
from tests.support import browser, postgres, server
from tests.support.clock import Clock

BACKENDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgresql),
]
_WATCH = pytest.StashKey[browser.Watch]()
_WANTED: set[str] = set()


def pytest_configure() -> None:
    # A machine's zone that is nobody's, 45 minutes off the hour: what leans on it shows.
    os.environ["TZ"] = "Pacific/Chatham"
    time.tzset()
    # How long one example takes says more about what else the machine does than about the code.
    hypothesis.settings.register_profile("console", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("console")


def make_app(database_url: str, folder: Path) -> Flask:
    return create_app(
        Settings(
            instance_path=folder,
            database_url=database_url,
            secret_key="a key for tests, known to everybody",
            testing=True,
        )
    )


def skip_for_want_of(missing: postgres.Missing | browser.Missing) -> NoReturn:
    _WANTED.add(str(missing))
    pytest.skip(str(missing))


def dispose(app: Flask) -> None:
    """Closes every connection: one left to the garbage collector is a warning, and so an error."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite-template")
    path = folder / "template.sqlite3"
    app = make_app(f"sqlite:///{path}", folder)
    migrate.upgrade(app)
    dispose(app)  # the last connection to close folds the write-ahead log into the file
    return path


@pytest.fixture(scope="session")
def postgres_template(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a migrated PostgreSQL database without rows, to be copied."""

    def migrated(url: str) -> None:
        app = make_app(url, tmp_path_factory.mktemp("postgresql-template"))
        migrate.upgrade(app)
        dispose(app)

    try:
        return postgres.template("migrated", migrated)
    except postgres.Missing as missing:
        skip_for_want_of(missing)


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    copy = tmp_path / "console.sqlite3"
    shutil.copyfile(sqlite_template, copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    url = postgres.postgres_url(template=postgres_template)
    yield url
    postgres.drop(url)


@pytest.fixture
def empty_postgres_url() -> Iterator[str]:
    """A database without the schema, for tests of the migrations."""
    try:
        url = postgres.postgres_url()
    except postgres.Missing as missing:
        skip_for_want_of(missing)
    yield url
    postgres.drop(url)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = make_app(database_url, tmp_path)
    yield app
    dispose(app)


@pytest.fixture
def app_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = make_app(sqlite_url, tmp_path)
    yield app
    dispose(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> Clock:
    return Clock(time_machine)


@pytest.fixture
def live_server(app_sqlite: Flask) -> Iterator[str]:
    """The address of the application on a real port, served from this process."""
    with server.served(app_sqlite) as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    try:
        browser.executable()
    except browser.Missing as missing:
        skip_for_want_of(missing)
    with browser.launched() as started:
        yield started


@pytest.fixture
def watch(request: pytest.FixtureRequest, chromium: Browser, live_server: str) -> Iterator[browser.Watch]:
    """Opens pages on the live server, `watch.open(width=browser.PHONE, color_scheme="dark")`, and hears errors."""
    watch = browser.Watch(chromium, live_server)
    request.node.stash[_WATCH] = watch
    yield watch
    watch.close()


@pytest.fixture
def page(watch: browser.Watch) -> Page:
    """A page of the usual width; `page.goto("/login")` is on the live server."""
    return watch.open()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fails a browser test whose pages complained, as a failure of the test and not of its cleaning up."""
    yield
    watch = item.stash.get(_WATCH, None)
    if watch is not None and (complaints := watch.complaints()):
        pytest.fail("the page complained:\n" + "\n".join(complaints), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts all that is skipped for one want in one place: the summary folds it into one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason in _WANTED:
            report.longrepr = (__file__, 1, reason)
    return report


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses by the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
