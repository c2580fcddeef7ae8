"""People, divisions, and what a sign-in answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ...store.agents import Agent, Person
from ...store.divisions import Division
from .base import Shape, present


class DivisionItem(Shape):
    id: UUID
    name: str
    created_at: datetime


def division(division: Division) -> dict[str, Any]:
    return present(id=division.id, name=division.name, created_at=division.created_at)


class AgentItem(Shape):
    id: UUID
    email: str
    name: str
    role: Literal["admin", "supervisor", "agent"]
    division_ids: list[UUID]
    created_at: datetime


def agent(agent: Agent) -> dict[str, Any]:
    return present(
        id=agent.id,
        email=agent.email,
        name=agent.name,
        role=agent.role,
        division_ids=[str(id) for id in agent.division_ids],
        created_at=agent.created_at,
    )


class Profile(Shape):
    id: UUID
    email: str
    name: str
    role: Literal["admin", "supervisor", "agent"]
    organization_id: UUID
    organization_name: str
    timezone: str


def profile(person: Person) -> dict[str, Any]:
    return present(
        id=person.id,
        email=person.email,
        name=person.name,
        role=person.role,
        organization_id=person.organization_id,
        organization_name=person.organization_name,
        timezone=person.timezone,
    )


class Token(Shape):
    token: str
    expires_at: datetime


class LoggedIn(Token):
    agent: Profile
