"""Divisions: the teams that conversations stand with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from .database import Instant, Model, ask, db, new_id, values
from .organizations import key


class DivisionRow(Model):
    __tablename__ = "divisions"
    __table_args__ = (UniqueConstraint("organization_id", "name_key"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(120))
    name_key: Mapped[str] = mapped_column(String(240))
    created_at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class Division:
    id: UUID
    name: str
    created_at: datetime


_COLUMNS = (DivisionRow.id, DivisionRow.name, DivisionRow.created_at)


_of = (
    select(*_COLUMNS).where(DivisionRow.organization_id == bindparam("organization_id")).order_by(DivisionRow.name_key)
)


def of(organization_id: UUID) -> list[Division]:
    """All divisions by name."""
    return values(Division, ask(_of, organization_id=organization_id))


def exists(organization_id: UUID, id: UUID) -> bool:
    query = select(DivisionRow.id).where(DivisionRow.organization_id == organization_id, DivisionRow.id == id)
    return db.session.execute(query).first() is not None


def by_name(organization_id: UUID, name: str) -> Division | None:
    query = select(*_COLUMNS).where(DivisionRow.organization_id == organization_id, DivisionRow.name_key == key(name))
    row = db.session.execute(query).first()
    return Division(*row) if row else None


def create(organization_id: UUID, name: str, now: datetime) -> Division:
    """A new division. The caller has looked whether the name is taken."""
    division = Division(new_id(), name.strip(), now)
    db.session.add(
        DivisionRow(
            id=division.id,
            organization_id=organization_id,
            name=division.name,
            name_key=key(name),
            created_at=now,
        )
    )
    db.session.flush()
    return division


def named(organization_id: UUID, names: Iterable[str], now: datetime) -> tuple[dict[str, UUID], list[str]]:
    """The ids of divisions by name, those made that were missing, and the names of these."""
    known = {key(division.name): division.id for division in of(organization_id)}
    made = []
    for name in names:
        if key(name) not in known:
            known[key(name)] = create(organization_id, name, now).id
            made.append(name.strip())
    return known, made
