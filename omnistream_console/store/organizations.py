"""Organizations: the walls between customers of the product. Every other row belongs to one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from .database import Instant, Model, db, new_id


class OrganizationRow(Model):
    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(240), unique=True)
    timezone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    # Counts every write that a board could show: the cheap half of its validator.
    revision: Mapped[int] = mapped_column(BigInteger, default=0)
    # Counts the edits of policies; a conversation that was judged under a smaller count is brought over first.
    policies_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    policies_changed_at: Mapped[datetime | None] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Organization:
    id: UUID
    name: str
    timezone: str


_COLUMNS = (OrganizationRow.id, OrganizationRow.name, OrganizationRow.timezone)


def key(name: str) -> str:
    """What makes two names the same: case and outer spaces do not."""
    return name.strip().casefold()


def create(name: str, timezone: str, now: datetime) -> Organization:
    """A new organization. The caller has looked whether the name is taken."""
    row = OrganizationRow(id=new_id(), name=name.strip(), name_key=key(name), timezone=timezone, created_at=now)
    db.session.add(row)
    db.session.flush()
    return Organization(row.id, row.name, row.timezone)


def any_exists() -> bool:
    return db.session.execute(select(OrganizationRow.id).limit(1)).first() is not None


def by_name(name: str) -> Organization | None:
    row = db.session.execute(select(*_COLUMNS).where(OrganizationRow.name_key == key(name))).first()
    return Organization(*row) if row else None


def get(id: UUID) -> Organization | None:
    row = db.session.execute(select(*_COLUMNS).where(OrganizationRow.id == id)).first()
    return Organization(*row) if row else None


def every_id() -> list[UUID]:
    return list(db.session.execute(select(OrganizationRow.id)).scalars())


def touch(id: UUID) -> None:
    """Tells the boards of an organization that something changed. The last statement of a transaction, so that the
    row is held as briefly as can be."""
    db.session.execute(
        update(OrganizationRow).where(OrganizationRow.id == id).values(revision=OrganizationRow.revision + 1)
    )
