"""Agents: the people of an organization, whatever their role, and the divisions they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from .database import Instant, Model, ask, db, new_id, value
from .organizations import OrganizationRow, key

ADMIN, SUPERVISOR, AGENT = "admin", "supervisor", "agent"
ROLES = (ADMIN, SUPERVISOR, AGENT)


class AgentRow(Model):
    __tablename__ = "agents"
    __table_args__ = (
        UniqueConstraint("organization_id", "email_key"),
        Index("ix_agents_email_key", "email_key"),
        CheckConstraint("role in ('admin', 'supervisor', 'agent')", name="role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(200))  # argon2; None: cannot sign in
    locale: Mapped[str | None] = mapped_column(String(8))  # None: the browser's
    # Part of every session and token: raising it ends all of them.
    sign_in_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)


class MembershipRow(Model):
    __tablename__ = "agent_divisions"

    agent_id: Mapped[UUID] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    division_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))


@dataclass(frozen=True, slots=True)
class Agent:
    id: UUID
    email: str
    name: str
    role: str
    created_at: datetime
    division_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks: an agent with the organization, as one row read on every request."""

    id: UUID
    organization_id: UUID
    name: str
    email: str
    role: str
    locale: str | None
    sign_in_version: int
    organization_name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Credentials:
    person: Person
    password_hash: str


_COLUMNS = (AgentRow.id, AgentRow.email, AgentRow.name, AgentRow.role, AgentRow.created_at)
_PERSON = (
    AgentRow.id,
    AgentRow.organization_id,
    AgentRow.name,
    AgentRow.email,
    AgentRow.role,
    AgentRow.locale,
    AgentRow.sign_in_version,
    OrganizationRow.name,
    OrganizationRow.timezone,
)
people = select(*_PERSON).join(OrganizationRow, OrganizationRow.id == AgentRow.organization_id)
_person = people.where(AgentRow.id == bindparam("id"))


def person(id: UUID) -> Person | None:
    return value(Person, ask(_person, id=id).first())


def credentials(email: str) -> list[Credentials]:
    """Everybody with this address who can sign in: it may be known in several organizations."""
    query = people.add_columns(AgentRow.password_hash).where(
        AgentRow.email_key == key(email), AgentRow.password_hash.is_not(None)
    )
    return [Credentials(Person(*row[:-1]), row[-1]) for row in db.session.execute(query.order_by(AgentRow.id))]


def of(organization_id: UUID) -> list[Agent]:
    """All agents by name, each with the divisions."""
    rows = db.session.execute(
        select(*_COLUMNS).where(AgentRow.organization_id == organization_id).order_by(AgentRow.name, AgentRow.id)
    ).all()
    divisions: dict[UUID, list[UUID]] = {}
    memberships = select(MembershipRow.agent_id, MembershipRow.division_id).where(
        MembershipRow.organization_id == organization_id
    )
    for agent_id, division_id in db.session.execute(memberships):
        divisions.setdefault(agent_id, []).append(division_id)
    return [Agent(*row, division_ids=tuple(sorted(divisions.get(row.id, ())))) for row in rows]


_names = (
    select(AgentRow.id, AgentRow.name)
    .where(AgentRow.organization_id == bindparam("organization_id"))
    .order_by(AgentRow.name, AgentRow.id)
)


def names(organization_id: UUID) -> list[tuple[UUID, str]]:
    """(id, name) of all agents, by name."""
    return [(id, name) for id, name in ask(_names, organization_id=organization_id)]


def division_ids(id: UUID) -> frozenset[UUID]:
    """The divisions of one agent."""
    return frozenset(
        db.session.execute(select(MembershipRow.division_id).where(MembershipRow.agent_id == id)).scalars()
    )


def exists(organization_id: UUID, id: UUID) -> bool:
    query = select(AgentRow.id).where(AgentRow.organization_id == organization_id, AgentRow.id == id)
    return db.session.execute(query).first() is not None


def by_email(organization_id: UUID, email: str) -> UUID | None:
    query = select(AgentRow.id).where(AgentRow.organization_id == organization_id, AgentRow.email_key == key(email))
    return db.session.execute(query).scalar()


def by_emails(organization_id: UUID) -> dict[str, UUID]:
    """The ids of all agents by the key of their address."""
    query = select(AgentRow.email_key, AgentRow.id).where(AgentRow.organization_id == organization_id)
    return {row.email_key: row.id for row in db.session.execute(query)}


def everywhere(email: str) -> Sequence[UUID]:
    """The ids of all agents with this address, in any organization."""
    return list(db.session.execute(select(AgentRow.id).where(AgentRow.email_key == key(email))).scalars())


def create(
    organization_id: UUID,
    *,
    email: str,
    name: str,
    role: str,
    now: datetime,
    password_hash: str | None = None,
    divisions: Iterable[UUID] = (),
) -> Agent:
    """A new agent. The caller has looked whether the address is taken."""
    row = AgentRow(
        id=new_id(),
        organization_id=organization_id,
        email=email.strip(),
        email_key=key(email),
        name=name.strip(),
        role=role,
        password_hash=password_hash,
        sign_in_version=1,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    members = sorted(set(divisions))
    if members:
        db.session.execute(
            insert(MembershipRow),
            [{"agent_id": row.id, "division_id": id, "organization_id": organization_id} for id in members],
        )
    return Agent(row.id, row.email, row.name, row.role, now, tuple(members))


def set_locale(id: UUID, locale: str) -> None:
    db.session.execute(update(AgentRow).where(AgentRow.id == id).values(locale=locale))


def set_password_hash(id: UUID, password_hash: str) -> None:
    """Stores a hash of the same password with newer parameters: sessions go on."""
    db.session.execute(update(AgentRow).where(AgentRow.id == id).values(password_hash=password_hash))
