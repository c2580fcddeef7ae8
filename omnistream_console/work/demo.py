"""The live demo: the sample organization in a database of its own, and the traffic that keeps its board moving.

Beside the sample's divisions there is a live chat with targets of seconds, so that somebody who watches sees badges go
from on track to at risk to breached, and back to met, within a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import Flask

from .. import passwords
from ..config import Settings
from ..store import organizations
from ..store.database import utc_now
from . import sample
from .sample import people
from .sample.people import Colleague
from .sample.promises import Promise
from .traffic import LIVE_CHANNEL, LIVE_CHAT, Traffic

EMAIL = people.SUPERVISORS[0].email
# No secret: it opens invented data, in a database that holds nothing else.
PASSWORD = "nusantara-demo"  # noqa: S105

_LIVE = "live"
_MORE = sample.Extension(
    divisions={_LIVE: LIVE_CHAT},
    agents=(
        Colleague("Kirana Fajar", "kirana.fajar@example.com", (_LIVE,)),
        Colleague("Damar Teluk", "damar.teluk@example.com", (_LIVE,)),
    ),
    promises=(
        Promise(
            "Obrolan langsung (demo)",
            "Target beberapa detik, supaya perubahan di papan terlihat selagi ditonton.",
            30,
            150,
            60,
            priority=1_000,
            channel=LIVE_CHANNEL,
            division=_LIVE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whose demo it is, and how to get in."""

    organization_id: UUID
    email: str
    password: str


def settings(given: Settings) -> Settings:
    """The same settings on the demo's own database."""
    return replace(given, database_url=f"sqlite:///{given.instance_path / 'demo.sqlite3'}")


def prepare(app: Flask, now: datetime) -> Credentials:
    """Fills the demo's database at its first start; later starts go on with what is there."""
    with app.app_context():
        found = organizations.by_name(sample.NAME)
        if found is not None:
            return Credentials(found.id, EMAIL, PASSWORD)
        password_hash = passwords.hash_password(PASSWORD)
        made = sample.fill(
            sample.NAME,
            sample.TIMEZONE,
            now,
            admin=sample.Admin(password_hash=password_hash),
            password_hash=password_hash,
            more=_MORE,
        )
        return Credentials(made.organization.id, EMAIL, PASSWORD)


def start(app: Flask, announce: Callable[[str], object]) -> Callable[[], None]:
    """Prepares the demo and starts its traffic beside the web server. Returns what ends it."""
    credentials = prepare(app, utc_now())
    announce(f"Demo: sign in as {credentials.email} with the password {credentials.password}")
    stop = threading.Event()
    traffic = Traffic(app, credentials.organization_id)
    thread = threading.Thread(target=traffic.run, args=(stop,), name="demo", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(timeout=5)

    return end
