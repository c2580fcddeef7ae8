"""Workers as the processes that people start, on the database of a test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_START = "from omnistream_console.commands import main; main()"


class Process:
    def __init__(self, database_url: str, folder: Path, name: str) -> None:
        self._database_url, self._folder = database_url, folder
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OMNISTREAM_")}
        environment |= {"OMNISTREAM_DATABASE_URL": self._database_url, "OMNISTREAM_SECRET_KEY": "a key for tests"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, "worker"],
                cwd=self._folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def output(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL: as a machine dies."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self, by: signal.Signals = signal.SIGTERM, within: float = 15) -> int:
        """Asks it to end and returns how it did."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(by)
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the worker did not end within {within} s:\n{self.output}") from None


@contextmanager
def workers(number: int, database_url: str, folder: Path) -> Iterator[list[Process]]:
    started: list[Process] = []
    try:
        for place in range(number):
            started.append(Process(database_url, folder, f"worker-{place}"))
        yield started
    finally:
        for process in started:
            if process.running:
                process.kill()


def eventually(holds: Callable[[], bool], within: float, every: float = 0.05) -> bool:
    until = time.monotonic() + within
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
