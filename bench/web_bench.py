"""The console's hot views on gunicorn, each against a bare Flask view that returns the same bytes.

Every figure is made of short rounds that take turns between the servers, and is the median of the rounds' ratios: what
else the machine does meanwhile weighs on both sides alike.
"""

from __future__ import annotations

import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from omnistream_console import create_app
from omnistream_console.config import Settings
from omnistream_console.store.database import db, utc_now

from . import Ratio, bare, data, load

ROOT = Path(__file__).parents[1]
SIZES = (1_000, 10_000, 100_000)  # conversations under way
ROUNDS = 11
SECONDS = 0.4  # of one turn
BARE = "bare view, same bytes"


@dataclass(frozen=True, slots=True)
class View:
    """Something to measure: how it is asked for, and what it should reach."""

    key: str
    what: str
    requests: Callable[[Console], list[str]]
    status: int = 200
    suffix: str = ".html"
    goal: str = ""


@dataclass(slots=True)
class Console:
    """A running console with so many conversations under way."""

    size: int
    port: int
    organization: data.Organization
    cookie: str = ""
    requests: dict[str, list[str]] = field(default_factory=dict)


def _sla(console: Console) -> list[str]:
    some = random.Random(2).sample(console.organization.conversations, 500)
    bearer = {"Authorization": f"Bearer {console.organization.api_key}"}
    return [load.request(f"/api/conversations/{id}/sla", bearer) for id in some]


def _list(console: Console) -> list[str]:
    bearer = {"Authorization": f"Bearer {console.organization.api_key}"}
    return [load.request("/api/conversations?limit=50", bearer)]


def _board(query: str = "", *, partial: bool = False) -> Callable[[Console], list[str]]:
    def requests(console: Console) -> list[str]:
        return [load.request(f"/conversations{query}", _as_browser(console, partial))]

    return requests


def _unchanged(console: Console) -> list[str]:
    headers = _as_browser(console, True)
    etag = load.once(console.port, load.request("/conversations", headers)).headers["etag"]
    return [load.request("/conversations", {**headers, "If-None-Match": etag})]


def _as_browser(console: Console, partial: bool) -> dict[str, str]:
    asks = {"HX-Request": "true", "HX-Request-Type": "partial"} if partial else {}
    return {"Cookie": console.cookie, "Accept": "text/html", "Accept-Language": "en", **asks}


# Fifty rows and nothing else: one group, shown page by page.
_FIFTY = "?sla=breached"
VIEWS = (
    View("sla", "one conversation's SLA, JSON", _sla, suffix=".json", goal="at least 0.4"),
    View("poll", "board poll, nothing changed", _unchanged, 304, goal="at least 0.5"),
    View("page", "board page, 50 rows", _board(_FIFTY), goal="at least 0.08"),
    View("fragment", "board poll, 50 rows", _board(_FIFTY, partial=True)),
    View("start", "board page, all groups (up to 90 rows)", _board()),
    View("list", "list of 50 conversations, JSON", _list, suffix=".json", goal="at least 0.2"),
)


def run(sizes: Sequence[int] = SIZES, rounds: int = ROUNDS, say: Callable[[str], None] = print) -> list[Ratio]:
    """Measures everything and returns the ratios."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omnistream-bench-")))
        consoles = []
        for size in sizes:
            say(f"web: {size:,} conversations")
            consoles.append(stack.enter_context(_console(folder / str(size), size)))
        answers = folder / "answers"
        answers.mkdir()
        for view in VIEWS:
            for console in consoles:
                console.requests[view.key] = view.requests(console)
                _keep(answers, view, console)
        port = stack.enter_context(_gunicorn(folder, "bench.bare:create()", {bare.FOLDER: str(answers)}))
        client = load.Client()
        stack.callback(client.close)
        ratios = []
        for view in VIEWS:
            say(f"web: {view.what}")
            ratios += _measured(view, client, consoles, port, rounds)
    return ratios


def _keep(folder: Path, view: View, console: Console) -> None:
    """Asks once, and keeps the answer for the bare view; the last console's stays."""
    answer = load.once(console.port, console.requests[view.key][0])
    if answer.status != view.status:
        raise load.Failed(f"{view.what}: {answer.status} instead of {view.status}: {answer.body[:300]!r}")
    rows = answer.body.count(b"data-conversation=")
    if _FIFTY in console.requests[view.key][0] and rows != 50:
        raise load.Failed(f"{view.what}: {rows} rows")
    (folder / f"{view.key}{view.suffix}").write_bytes(answer.body)


def _measured(view: View, client: load.Client, consoles: Sequence[Console], bare_port: int, rounds: int) -> list[Ratio]:
    """The ratios of one view: at each size against the bare view, and the largest size against the smallest."""
    paths = [f"/{view.key}"]
    if len(consoles[0].requests[view.key]) > 1:
        paths = [f"/{view.key}/{id}" for id in consoles[0].organization.conversations[:500]]
    # The bare view is asked with the same headers: reading them is part of the server's work.
    headers = consoles[0].requests[view.key][0].split("\r\n", 1)[1]
    jobs = {0: load.Job(bare_port, [f"GET {path} HTTP/1.1\r\n{headers}" for path in paths], SECONDS, view.status)}
    jobs |= {c.size: load.Job(c.port, c.requests[view.key], SECONDS, view.status) for c in consoles}
    for job in jobs.values():
        client.rate(job)  # warm
    seen: list[dict[int, float]] = []
    for number in range(rounds):
        order = list(jobs) if number % 2 else list(reversed(jobs))
        seen.append({size: client.rate(jobs[size]) for size in order})
    ratios = [
        Ratio(f"{view.what}, {c.size:,} open", BARE, median(round[c.size] / round[0] for round in seen), view.goal)
        for c in consoles
    ]
    if len(consoles) > 1:
        few, many = consoles[0].size, consoles[-1].size
        flat = median(round[many] / round[few] for round in seen)
        goal = "at least 0.9" if view.status == 304 else ""
        ratios.append(Ratio(f"{view.what}, {many:,} open", f"the same at {few:,} open", flat, goal))
    return ratios


@contextmanager
def _console(folder: Path, size: int) -> Iterator[Console]:
    """A console on gunicorn with data of its own, and somebody signed in."""
    secret = secrets.token_urlsafe(32)
    app = create_app(Settings(instance_path=folder, secret_key=secret))
    with app.app_context():
        organization = data.fill(size, utc_now())
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    environment = {
        "OMNISTREAM_DATABASE_URL": f"sqlite:///{folder / 'omnistream.sqlite3'}",
        "OMNISTREAM_SECRET_KEY": secret,
    }
    with _gunicorn(folder, "app:app", environment) as port:
        yield Console(size, port, organization, _signed_in(port))


def _signed_in(port: int) -> str:
    """Signs in as a browser does, and returns the session's cookie."""
    page = load.once(port, load.request("/login", {}))
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.body.decode())
    assert token is not None
    form = urllib.parse.urlencode({"email": data.EMAIL, "password": data.PASSWORD, "csrf_token": token[1]})
    lines = (
        "POST /login HTTP/1.1",
        "Host: localhost",
        f"Cookie: {_cookie(page)}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(form)}",
    )
    answer = load.once(port, "\r\n".join([*lines, "", form]))
    if answer.status != 303:
        raise load.Failed(f"signing in: {answer.status}")
    # The first page puts the forms' token into the session; a browser sends that one back from then on.
    return _cookie(load.once(port, load.request("/conversations", {"Cookie": _cookie(answer)})))


def _cookie(answer: load.Answer) -> str:
    return answer.headers["set-cookie"].split(";", 1)[0]


@contextmanager
def _gunicorn(folder: Path, application: str, environment: dict[str, str]) -> Iterator[int]:
    """One worker with threads, on a free port, away from the checkout's own settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = folder / "gunicorn.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OMNISTREAM_")}
    options = f"--worker-class gthread --workers 1 --threads 4 --no-control-socket --bind 127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options.split(), "--pythonpath", str(ROOT), application],
            cwd=folder,
            env=inherited | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, port, log)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, patience: float = 60) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise load.Failed(f"gunicorn did not start:\n{log.read_text(errors='replace')}")
