"""The tests' own PostgreSQL: databases apart from each other, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres
from tests.support.sources import ROOT

pytestmark = pytest.mark.postgresql

# Starts a server of its own, says where, and waits to be killed.
HOLDER = """
import time
from tests.support import postgres
print(postgres.postgres_url(), flush=True)
time.sleep(600)
"""


def test_a_database_is_empty_and_far_from_utc(empty_postgres_url: str) -> None:
    with psycopg.connect(empty_postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        zone = connection.execute("SHOW timezone").fetchone()
    assert tables == (0,)
    assert zone == ("Asia/Jakarta",)


def test_a_template_is_made_once_and_copied(empty_postgres_url: str) -> None:
    made = []

    def prepare(url: str) -> None:
        made.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (id integer)")

    name = f"guard_{os.getpid()}"
    for _ in range(2):
        url = postgres.postgres_url(template=postgres.template(name, prepare))
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            connection.execute("INSERT INTO kept VALUES (1)")
        postgres.drop(url)
    assert len(made) == 1


def test_a_killed_run_leaves_no_server(empty_postgres_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_XDIST_TESTRUNUID": f"guard-{os.getpid()}"}
    with subprocess.Popen([sys.executable, "-c", HOLDER], env=environment, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        psycopg.connect(url).close()
        holder.send_signal(signal.SIGKILL)
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return
        time.sleep(0.1)
    pytest.fail("the server outlived the run that it was started for")
