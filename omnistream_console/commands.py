"""The command line: `omnistream`, and `python app.py`, which is the same program with a web server."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import zoneinfo
from pathlib import Path

import click
from flask import Flask
from flask.cli import ScriptInfo
from flask_babel import force_locale
from werkzeug.serving import make_server

from . import create_app, passwords
from .config import Settings, from_environment
from .sla.problems import Invalid
from .store import agents, keys, migrate, organizations
from .store.backup import copy_to
from .store.database import Unavailable, db, transaction, utc_now
from .web import bodies, messages
from .work import demo, loop
from .work.importing.command import import_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """OmniStream Console: SLA policies, a live board and a breach ledger."""
    context.obj = ScriptInfo(create_app=_current_app)  # for commands that run within the app
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _app() -> Flask:
    try:
        return create_app()
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    except Unavailable as away:
        raise _no_answer(away) from None


def _no_answer(away: Unavailable) -> click.ClickException:
    return click.ClickException(f"The database does not answer: {str(away.orig).strip()}")


def _current_app() -> Flask:
    """An app whose database has the schema of this version."""
    app = _app()
    _check_schema(app)
    return app


def _check_schema(app: Flask) -> None:
    try:
        current = migrate.is_current(app)
    except Unavailable as away:
        raise _no_answer(away) from None
    if not current:
        raise click.ClickException("The database has another schema than this version: run `omnistream db upgrade`.")


@main.command()
@click.option("--once", is_flag=True, help="Do what is due and end.")
def worker(once: bool) -> None:
    """Record breaches at their due instant; bring conversations to edited policies. Several may run side by side."""
    app = _current_app()
    if once:
        with app.app_context():
            one = loop.Worker(app)
            while one.step(utc_now()):
                pass
            one.leave()
        return
    loop.run_until_signalled(app)


@main.group()
def user() -> None:
    """People."""


@user.command("create")
@click.option("--organization", required=True, help="Its name; it is made if it is new.")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(agents.ROLES))
@click.option("--timezone", default="Asia/Jakarta", show_default=True, help="Of a new organization (IANA).")
def create_user(organization: str, email: str, name: str, role: str, timezone: str) -> None:
    """Create a person; the password is read from standard input."""
    app = _current_app()
    password = click.prompt("Password", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    now = utc_now()
    values = {"organization": organization, "timezone": timezone, "name": name, "email": email, "password": password}
    try:
        told = bodies.judged(bodies.Registration, values, now)
    except Invalid as refusal:
        with app.app_context(), force_locale("en"):
            said = [f"{field}: {' '.join(texts)}" for field, texts in messages.all_in_words(refusal.errors).items()]
        raise click.ClickException("\n".join(said)) from None
    if timezone not in zoneinfo.available_timezones():
        raise click.ClickException(f"timezone: there is no {timezone!r}.")
    password_hash = passwords.hash_password(told.password)
    with app.app_context(), transaction():
        found = organizations.by_name(told.organization) or organizations.create(told.organization, timezone, now)
        if agents.by_email(found.id, told.email):
            raise click.ClickException(f"email: {told.email} is known in {found.name} already.")
        agents.create(found.id, email=told.email, name=told.name, role=role, now=now, password_hash=password_hash)
    click.echo(f"{told.name} <{told.email}>, {role} of {found.name}")


@main.group("api-key")
def api_key() -> None:
    """API keys."""


@api_key.command("create")
@click.option("--email", required=True, help="The person whom the key acts as.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--organization", help="Its name, where the address is known in several.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(["ingest"]), help="What the key may do besides.")
def create_api_key(email: str, name: str, organization: str | None, scopes: tuple[str, ...]) -> None:
    """Create a key; it is printed once, alone on its line."""
    app = _current_app()
    if not 1 <= len(name.strip()) <= 120:
        raise click.ClickException("--name: 1 to 120 characters.")
    with app.app_context(), transaction():
        people = [person for id in agents.everywhere(email) if (person := agents.person(id))]
        if organization is not None:
            wanted = organizations.key(organization)
            people = [person for person in people if organizations.key(person.organization_name) == wanted]
        if not people:
            raise click.ClickException(f"--email: nobody is known as {email}.")
        if len(people) > 1:
            names = ", ".join(sorted(person.organization_name for person in people))
            raise click.ClickException(f"--organization: {email} is known in {names}. Say which.")
        key = keys.create(people[0], name.strip(), utc_now(), scopes)
    click.echo(key)  # once it is kept


@main.group("db")
def database() -> None:
    """The database."""


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to the schema of this version."""
    app = _app()
    try:
        migrate.upgrade(app)
    except Unavailable as away:
        raise _no_answer(away) from None


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write a consistent copy of the SQLite database while the console runs. (PostgreSQL has pg_dump.)"""
    app = _app()
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            raise click.ClickException("This database is PostgreSQL: use pg_dump.")
        if file.exists():
            raise click.ClickException(f"{file} is there already.")
        copy_to(file)


main.add_command(import_command)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--host", help="The address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65_535), help="The port to listen on (5000).")
@click.option("--demo", "as_demo", is_flag=True, help="A sample organization with live traffic, in its own database.")
@click.option("--no-worker", is_flag=True, help="Leave the recording of breaches to `omnistream worker`.")
def serve(host: str | None, port: int | None, as_demo: bool, no_worker: bool) -> None:
    """Start the console on this machine."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = from_environment()
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    if as_demo:
        settings = demo.settings(settings)
    app = create_app(settings)
    _check_schema(app)
    stops = []
    if as_demo:
        stops.append(demo.start(app, announce=click.echo))
    if not no_worker:
        stops.append(loop.run_in_thread(app).stop)
    _serve(app, settings, host or settings.host, port or settings.port)
    for stop in stops:
        stop()


def _serve(app: Flask, settings: Settings, host: str, port: int) -> None:
    """A threaded server for one machine; gunicorn is for more."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=128)
    except OSError as refusal:
        reason = refusal.strerror or str(refusal)
        raise click.ClickException(f"{host}, port {port}: {reason}. Another one: --port.") from None
    with listening:
        server = make_server(host, port, app, threaded=True, fd=listening.fileno())
    name = f"[{host}]" if ":" in host else host
    click.echo(f"OmniStream Console: http://{name}:{server.port}  (Ctrl+C ends it)")

    def end(number: int, frame: object) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
