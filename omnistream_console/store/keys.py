"""API keys: 256 random bits, kept as their SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, bindparam, update
from sqlalchemy.orm import Mapped, mapped_column

from .agents import AgentRow, Person, people
from .database import Instant, Model, ask, db, new_id

PREFIX = "osk_"
# `last_used_at` is for people who tidy up: a write for every call would be a price for nothing.
_USE_NOTED_EVERY = timedelta(minutes=10)


class KeyRow(Model):
    __tablename__ = "api_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), index=True)
    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"))
    name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    scopes: Mapped[str] = mapped_column(String(200), default="")  # words with blanks between: `ingest`
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


def create(person: Person, name: str, now: datetime, scopes: tuple[str, ...] = ()) -> str:
    """Makes a key that acts as a person. Returns it: the only time that it is seen."""
    key = PREFIX + secrets.token_urlsafe(32)
    db.session.add(
        KeyRow(
            id=new_id(),
            organization_id=person.organization_id,
            agent_id=person.id,
            name=name,
            sha256=_digest(key),
            scopes=" ".join(scopes),
            created_at=now,
        )
    )
    db.session.flush()
    return key


_holder = (
    people.join(KeyRow, KeyRow.agent_id == AgentRow.id)
    .add_columns(KeyRow.id, KeyRow.scopes, KeyRow.last_used_at)
    .where(KeyRow.sha256 == bindparam("sha256"), KeyRow.revoked_at.is_(None))
)


def holder(key: str) -> tuple[UUID, Person, frozenset[str], datetime | None] | None:
    """(key id, whom it acts as, scopes, last used) of a key that is not revoked."""
    row = ask(_holder, sha256=_digest(key)).first()
    if row is None:
        return None
    *person, id, scopes, last_used_at = row
    return id, Person(*person), frozenset(scopes.split()), last_used_at


def use_is_news(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether the last noted use is long enough ago for another note."""
    return last_used_at is None or now - last_used_at >= _USE_NOTED_EVERY


def note_use(id: UUID, now: datetime) -> None:
    """Notes that a key is in use."""
    db.session.execute(update(KeyRow).where(KeyRow.id == id).values(last_used_at=now))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
