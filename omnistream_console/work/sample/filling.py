"""Fills a database with the sample organization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from ...store import agents, divisions, history, organizations, policies
from ...store.agents import ADMIN, AGENT, SUPERVISOR, Agent
from ...store.database import transaction
from ...store.organizations import Organization
from . import people, promises, rows
from .conversations import stories
from .people import Colleague
from .promises import PROMISES, Promise
from .stories import World

NAME = "Contoh Nusantara"
TIMEZONE = "Asia/Jakarta"
SEED = 2_026

_FOUNDED = timedelta(days=30)
_PROMISED = timedelta(days=21)  # before the first conversation, so that the policies govern all of them


@dataclass(frozen=True, slots=True)
class Admin:
    """The first admin. Without a hash nobody can sign in as that person."""

    name: str = people.ADMIN_NAME
    email: str = people.ADMIN_EMAIL
    password_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """What is made beside the sample's own; no story takes place there. Divisions by key, as in `people`."""

    divisions: Mapping[str, str] = field(default_factory=dict)
    agents: Sequence[Colleague] = ()
    promises: Sequence[Promise] = ()


NOTHING_MORE = Extension()


@dataclass(frozen=True, slots=True)
class SampleOrganization:
    """What was made."""

    organization: Organization
    admin: Agent
    supervisors: Sequence[Agent]
    agents: Sequence[Agent]
    divisions: dict[str, UUID]  # by the keys of `people`
    conversations: int


def fill(
    name: str,
    timezone: str,
    now: datetime,
    *,
    admin: Admin | None = None,
    password_hash: str | None = None,
    more: Extension = NOTHING_MORE,
    seed: int = SEED,
) -> SampleOrganization:
    """Makes the sample organization with two weeks of history up to `now`, in one transaction: divisions, people,
    policies, conversations. The caller has looked whether the name is taken. `password_hash`: with which everybody
    but the admin can sign in. The same seed tells the same stories."""
    called = {**people.DIVISIONS, **more.divisions}
    admin = admin or Admin()
    now = now.astimezone(UTC)
    founded = now - _FOUNDED
    with transaction():
        organization = organizations.create(name, timezone, founded)
        id = organization.id
        places = {key: divisions.create(id, name, founded).id for key, name in called.items()}
        first = agents.create(
            id, email=admin.email, name=admin.name, role=ADMIN, now=founded, password_hash=admin.password_hash
        )
        taken = organizations.key(admin.email)

        def hire(colleagues: Sequence[Colleague], role: str) -> list[Agent]:
            return [
                agents.create(
                    id,
                    email=colleague.email,
                    name=colleague.name,
                    role=role,
                    now=founded,
                    password_hash=password_hash,
                    divisions=[places[key] for key in colleague.divisions],
                )
                for colleague in colleagues
                if organizations.key(colleague.email) != taken  # the admin may have chosen that very address
            ]

        supervisors, staff = hire(people.SUPERVISORS, SUPERVISOR), hire([*people.AGENTS, *more.agents], AGENT)
        promises.make(id, [*PROMISES, *more.promises], places, first.id, now - _PROMISED, now)
        governance = policies.governance(id)
        world = World(
            random=Random(seed),  # noqa: S311 - stories, no secrets
            now=now,
            zone=ZoneInfo(timezone),
            divisions=places,
            teams={key: [one.id for one in staff if place in one.division_ids] for key, place in places.items()},
            book=governance[1].at(now),
        )
        batch = history.Batch()
        for story in stories(world):
            rows.add(batch, story, id, governance, now)
        history.write(batch)
        organizations.touch(id)
    return SampleOrganization(organization, first, supervisors, staff, places, len(batch.conversations))
