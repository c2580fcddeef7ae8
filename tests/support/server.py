"""The console behind a real port: in a thread of the test, or as the program that people start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

ROOT = Path(__file__).parents[2]


class _Handler(WSGIRequestHandler):
    # Browsers open connections ahead and may never use them: none may hold up the end of a test for longer.
    timeout = 5

    def log(self, type: str, message: str, *args: Any) -> None:
        """Silent: a failing test shows the application's own log."""


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serves `app` from threads of this process, so that the test shares its database and its (travelling) clock.
    `port`: a given one, for a server that comes back where it was; else any."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Handler)
    # Closing waits for requests under way: none may outlive the database of its test.
    server.daemon_threads = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="live server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def program(folder: Path, *arguments: str, database_url: str | None = None) -> Iterator[Program]:
    """`python app.py` as a process, on a free port and with a database of its own in `folder`."""
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMNISTREAM_")}
    environment["OMNISTREAM_DATABASE_URL"] = database_url or f"sqlite:///{folder / 'console.sqlite3'}"
    environment["OMNISTREAM_SECRET_KEY"] = "a key for tests, known to everybody"
    log = folder / "console.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(port), *arguments],
            cwd=folder,  # away from the checkout: its .env is not this test's
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    started = Program(process, f"http://127.0.0.1:{port}", log)
    try:
        started.wait_until_it_answers()
        yield started
    finally:
        started.stop()


class Program:
    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self._log = log

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_until_it_answers(self, timeout_secs: float = 30) -> None:
        until = time.monotonic() + timeout_secs
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the console ended at its start:\n{self.output}"
            try:
                with urllib.request.urlopen(self.url, timeout=5):
                    return
            except urllib.error.HTTPError as answer:
                answer.close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"the console did not answer within {timeout_secs} s:\n{self.output}")

    def stop(self, timeout_secs: float = 15) -> int:
        """Asks it to end as `kill` would, and returns how it ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_secs)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"the console did not end within {timeout_secs} s of SIGTERM:\n{self.output}"
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
