"""The worker's loop: sweep, bring over, sleep until the next due instant; ends after the step it is in."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import threading
from datetime import datetime, timedelta
from types import FrameType

from flask import Flask

from ..store import sweeping, workers
from ..store.database import look_afresh, transaction, utc_now
from . import recalculate, sweep

log = logging.getLogger(__name__)

# A clock that another process starts may fall due sooner than the one that this loop sleeps for.
LONGEST_SLEEP = timedelta(milliseconds=500)
# What is due and not to be had is in another worker's hands: no reason to ask without a pause.
SHORTEST_SLEEP = timedelta(milliseconds=20)


class Worker:
    """One worker of one process. `stop` may be called from a signal or another thread."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.name = f"{socket.gethostname()}:{os.getpid()}:{threading.get_native_id()}"
        self._stop = threading.Event()
        self._started_at = utc_now()
        self._beat_at: datetime | None = None

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Until told to stop. An error that is no row's own (a database that is away) is logged and tried again."""
        failures = 0
        while not self._stop.is_set():
            try:
                with self.app.app_context():
                    worked = self.step(utc_now())
                    pause = timedelta(0) if worked else self._until_due(utc_now())
                failures = 0
            except Exception:
                failures += 1
                pause = timedelta(seconds=min(0.5 * 2**failures, 30) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
                log.exception("the worker's step failed, tried again in %.1f s", pause.total_seconds())
            if pause:
                self._stop.wait(pause.total_seconds())
        with self.app.app_context():
            self.leave()

    def step(self, now: datetime) -> bool:
        """One round of every step. Says whether there is more to do at once."""
        self._beat(now)
        swept = sweep.step(now)
        return bool(recalculate.step(now)) or swept > 0

    def _until_due(self, now: datetime) -> timedelta:
        due = sweeping.next_due()
        look_afresh()  # nothing is held while asleep
        return LONGEST_SLEEP if due is None else min(max(due - now, SHORTEST_SLEEP), LONGEST_SLEEP)

    def _beat(self, now: datetime) -> None:
        if self._beat_at is None or now - self._beat_at >= workers.BEAT:
            with transaction():
                workers.beat(self.name, self._started_at, now)
            self._beat_at = now

    def leave(self) -> None:
        """Signs off, so that nobody waits for this worker to be struck off."""
        try:
            with transaction():
                workers.gone(self.name)
        except Exception:
            log.warning("the worker could not sign off; it is struck off by itself", exc_info=True)


def run_until_signalled(app: Flask) -> None:
    """The whole life of a worker process: SIGTERM and SIGINT end it after the step it is in."""
    worker = Worker(app)

    def end(number: int, frame: FrameType | None) -> None:
        log.info("the worker ends after this step")
        worker.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    worker.run()


def run_in_thread(app: Flask) -> Worker:
    """A worker beside a web server in one process. It ends with the process."""
    worker = Worker(app)
    threading.Thread(target=worker.run, name="worker", daemon=True).start()
    return worker
