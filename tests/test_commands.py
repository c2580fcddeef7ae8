"""The command line: `omnistream`, run in this process on a database of its own."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from omnistream_console import commands, create_app, passwords
from omnistream_console.config import Settings, from_environment
from omnistream_console.store import agents, breaches, conversations, organizations, workers
from omnistream_console.store.database import new_id, transaction, utc_now
from omnistream_console.work import intake
from tests.conftest import dispose, make_app
from tests.support.clock import Clock
from tests.support.web import PASSWORD, Consumer, House, house, login

Run = Callable[..., Result]
SARI = ("--organization", "Warung", "--email", "sari@x.example", "--name", "Sari", "--role", "admin")


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """`run("user", "create", …, stdin="…")` in an empty folder, on a migrated SQLite database."""
    monkeypatch.chdir(tmp_path)  # its .env is nobody's
    monkeypatch.setenv("OMNISTREAM_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("OMNISTREAM_SECRET_KEY", "a key for tests, known to everybody")
    made: list[Flask] = []

    def remembered(settings: Settings | None = None) -> Flask:
        made.append(create_app(settings))
        return made[-1]

    monkeypatch.setattr(commands, "create_app", remembered)

    def invoke(*arguments: str, stdin: str = "") -> Result:
        result = CliRunner().invoke(commands.main, arguments, input=stdin)
        assert not isinstance(result.exception, Exception), result.exception
        return result

    yield invoke
    for app in made:
        dispose(app)


@pytest.fixture
def app(run: Run, sqlite_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The console on the same database."""
    app = make_app(sqlite_url, tmp_path)
    yield app
    dispose(app)


def test_help(run: Run) -> None:
    for arguments in ((), ("user",), ("api-key",), ("db",), ("worker",), ("import",), ("backup",)):
        result = run(*arguments, "--help")
        assert result.exit_code == 0
        assert "Usage:" in result.output


# People


def test_user_create(run: Run, app: Flask) -> None:
    result = run("user", "create", *SARI, stdin=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (0, "Sari <sari@x.example>, admin of Warung\n")
    answer = login(Consumer(app, None), "sari@x.example")
    assert answer.json is not None
    assert answer.json["agent"]["organization_name"] == "Warung"
    assert answer.json["agent"]["timezone"] == "Asia/Jakarta"
    again = run("user", "create", *SARI, stdin=f"{PASSWORD}\n")
    assert again.exit_code == 1
    assert "sari@x.example is known in Warung already" in again.output
    other = ("--organization", " WARUNG ", "--email", "adi@x.example", "--name", "Adi", "--role", "agent")
    assert run("user", "create", *other, stdin=f"{PASSWORD}\r\n").output.endswith("agent of Warung\n")
    with app.app_context():
        assert len(organizations.every_id()) == 1


@pytest.mark.parametrize(
    ("options", "stdin", "said"),
    [
        ({}, "short\n", "password: "),
        ({}, "", "password: "),
        ({"--email": "nobody"}, f"{PASSWORD}\n", "email: That is no e-mail address."),
        ({"--name": " "}, f"{PASSWORD}\n", "name: This must not be empty."),
        ({"--name": "x" * 121}, f"{PASSWORD}\n", "name: At most 120 characters."),
        ({"--organization": ""}, f"{PASSWORD}\n", "organization: This must not be empty."),
        ({"--timezone": "Mars/Olympus"}, f"{PASSWORD}\n", "timezone: there is no 'Mars/Olympus'"),
    ],
)
def test_user_create_refuses(run: Run, app: Flask, options: dict[str, str], stdin: str, said: str) -> None:
    given = dict(zip(SARI[::2], SARI[1::2], strict=True)) | options
    result = run("user", "create", *(part for pair in given.items() for part in pair), stdin=stdin)
    assert result.exit_code == 1
    assert said in result.output
    with app.app_context():
        assert not organizations.any_exists()


def test_a_role_is_one_of_three(run: Run) -> None:
    assert run("user", "create", *SARI[:-1], "boss", stdin=f"{PASSWORD}\n").exit_code == 2


# Keys


def test_api_key_create_prints_the_key_alone(run: Run, app: Flask) -> None:
    run("user", "create", *SARI, stdin=f"{PASSWORD}\n")
    result = run("api-key", "create", "--email", "SARI@x.example", "--name", "a script")
    assert result.exit_code == 0
    assert re.fullmatch(r"osk_[\w-]{43}\n", result.stdout)
    me = Consumer(app, result.stdout.strip()).get("/api/auth/me")
    assert me.json is not None
    assert me.json["email"] == "sari@x.example"
    assert run("api-key", "create", "--email", "sari@x.example", "--name", "x").stdout != result.stdout


def test_a_key_for_an_address_in_two_organizations(run: Run, app: Flask) -> None:
    run("user", "create", *SARI, stdin=f"{PASSWORD}\n")
    run("user", "create", "--organization", "Toko", *SARI[2:], stdin=f"{PASSWORD}\n")
    asked = run("api-key", "create", "--email", "sari@x.example", "--name", "x")
    assert asked.exit_code == 1
    assert "known in Toko, Warung. Say which." in asked.output
    key = run("api-key", "create", "--email", "sari@x.example", "--name", "x", "--organization", "toko").stdout.strip()
    me = Consumer(app, key).get("/api/auth/me")
    assert me.json is not None
    assert me.json["organization_name"] == "Toko"


def test_api_key_create_refuses(run: Run) -> None:
    assert "nobody is known" in run("api-key", "create", "--email", "x@x.example", "--name", "x").output
    assert run("api-key", "create", "--email", "x@x.example", "--name", " ").exit_code == 1
    assert run("api-key", "create", "--email", "x@x.example", "--name", "x", "--scope", "all").exit_code == 2


# The database


def test_db_upgrade_makes_a_database(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "console.sqlite3"
    monkeypatch.setenv("OMNISTREAM_DATABASE_URL", f"sqlite:///{path}")
    for _ in range(2):
        assert run("db", "upgrade").exit_code == 0
    assert run("worker", "--once").exit_code == 0
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from conversations").fetchone() == (0,)
    connection.close()


@pytest.mark.postgresql
def test_postgresql_is_upgraded_when_told(
    run: Run, empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNISTREAM_DATABASE_URL", empty_postgres_url)
    early = run("worker", "--once")
    assert early.exit_code == 1
    assert "run `omnistream db upgrade`" in early.output
    assert run("db", "upgrade").exit_code == 0
    assert run("worker", "--once").exit_code == 0
    assert "use pg_dump" in run("backup", str(tmp_path / "copy.sqlite3")).output


def test_backup_while_the_console_writes(run: Run, app: Flask, tmp_path: Path) -> None:
    home = house(app)
    copy = tmp_path / "copy.sqlite3"
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            add_conversation(home)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        result = run("backup", str(copy))
    finally:
        stop.set()
        writer.join()
    assert result.exit_code == 0, result.output
    assert list(tmp_path.glob("copy.sqlite3*")) == [copy]
    connection = sqlite3.connect(copy)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    counts = [connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("conversations", "facts")]
    connection.close()
    assert counts[1] == 2 * counts[0], "each conversation whole, with its creation and its message"
    again = run("backup", str(copy))
    assert (again.exit_code, "is there already" in again.output) == (1, True)


def add_conversation(home: House) -> None:
    with home.app.app_context(), transaction():
        opening = intake.Opening("email", f"Contact {new_id()}", message="halo")
        intake.open_conversation(home.id, opening, intake.By(utc_now()))


# The worker


def test_worker_once(run: Run, app: Flask, clock: Clock) -> None:
    clock.freeze("2026-03-02T01:00:00Z")
    home = house(app)
    home.policy(first_response_time_secs=60)
    home.conversation(message="halo")
    clock.forward(minutes=5)
    for _ in range(2):
        assert run("worker", "--once").exit_code == 0
    with app.app_context():
        assert breaches.count(home.id, breaches.Filters()) == 1
        assert workers.pulse(utc_now()).last_sweep_at is None  # it has signed off


# Imports

HEADER = "external_id,channel,division,contact_name,created_at\n"
GOOD = "A1,email,Billing,Budi,2026-03-01T09:00:00Z\n"
BAD = "A2,email,Billing,Budi,yesterday\n"


def test_import_ends_with_what_happened(run: Run, app: Flask, tmp_path: Path) -> None:
    home = house(app, "Warung")
    path = tmp_path / "in.csv"
    into = ("import", str(path), "--organization", "Warung", "--source", "desk")
    path.write_text(HEADER + GOOD)
    assert run(*into).exit_code == 0
    path.write_text(HEADER + GOOD + BAD)
    refused = tmp_path / "refused.csv"
    assert run(*into, "--refused", str(refused)).exit_code == 3
    assert "yesterday" in refused.read_text()
    assert run("import", str(path), "--organization", "Nobody", "--source", "desk").exit_code == 1
    assert run("import", str(tmp_path / "missing.csv"), *into[2:]).exit_code in (1, 2)
    with app.app_context():
        assert set(conversations.by_external_ids(home.id, "desk", ["A1", "A2"])) == {"A1"}


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OMNISTREAM_PORT", "http"),
        ("OMNISTREAM_PORT", "0"),
        ("OMNISTREAM_PORT", "65536"),
        ("OMNISTREAM_PROXIES", "many"),
        ("OMNISTREAM_DATABASE_URL", "nonsense"),
        ("OMNISTREAM_DATABASE_URL", "mysql://host/secret"),
        ("OMNISTREAM_DATABASE_URL", "postgresql://user:secret@host:port/name"),
    ],
)
def test_a_bad_variable_is_named(run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    result = run("worker", "--once")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {name}: ")
    assert "secret" not in result.output
    served = CliRunner().invoke(commands.serve, ["--port", "1"])
    assert (served.exit_code, served.output) == (1, result.output)


def test_a_database_that_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNISTREAM_DATABASE_URL", "postgresql://user:secret@127.0.0.1:1/name")
    for command in (("worker", "--once"), ("db", "upgrade"), ("api-key", "create", "--email", "a", "--name", "b")):
        result = run(*command)
        assert result.exit_code == 1
        assert result.output.startswith("Error: The database does not answer: ")
        assert "secret" not in result.output


def test_settings_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("OMNISTREAM_PORT", "OMNISTREAM_HOST", "OMNISTREAM_DATABASE_URL", "OMNISTREAM_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".env").write_text("OMNISTREAM_PORT=8080\nOMNISTREAM_HOST=0.0.0.0\n")
    monkeypatch.setenv("OMNISTREAM_HOST", "::1")
    settings = from_environment()
    assert (settings.port, settings.host) == (8080, "::1")
    assert from_environment({}).database.startswith("sqlite:///")
    assert from_environment({"OMNISTREAM_DATABASE_URL": "postgres://h/d"}).database == "postgresql+psycopg://h/d"


def test_a_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    settings = Settings(instance_path=tmp_path / "instance")
    first = settings.secret()
    assert len(first) >= 64
    assert settings.secret() == first
    path = tmp_path / "instance" / "secret_key"
    assert path.read_text() == first
    assert path.stat().st_mode & 0o777 == 0o600
    assert Settings(instance_path=tmp_path, secret_key="given").secret() == "given"


def test_passwords_have_the_librarys_parameters(run: Run, app: Flask) -> None:
    run("user", "create", *SARI, stdin=f"{PASSWORD}\n")
    with app.app_context():
        (credential,) = agents.credentials("sari@x.example")
    assert credential.password_hash.startswith("$argon2id$")
    assert passwords.verify(credential.password_hash, PASSWORD)
