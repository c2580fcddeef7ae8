"""Data to measure on: one organization with conversations under way in every state.

The facts are folded by the same rules as any others and written whole. Ages keep away from warning and due instants,
so that nothing changes by itself for half an hour: what is measured is then what stands there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from omnistream_console.passwords import hash_password
from omnistream_console.sla import policies as rules
from omnistream_console.sla import timeline as words
from omnistream_console.sla.breaches import settle
from omnistream_console.sla.folding import clocks_of
from omnistream_console.sla.matching import Governance
from omnistream_console.store import (
    agents,
    breaches,
    clocks,
    conversations,
    divisions,
    history,
    keys,
    organizations,
    policies,
    workers,
)
from omnistream_console.store.database import new_id, transaction
from omnistream_console.work.derive import place_of

ORGANIZATION = "Bench"
EMAIL = "admin@example.com"
PASSWORD = "a password for measurements"
_DIVISIONS = ("Sales", "Support", "Billing", "Delivery")
_AGENTS = ("Ayu", "Budi", "Citra", "Dewi", "Eka", "Fajar", "Gita", "Hadi")
_NAMES = ("Rina Wulandari", "John Carter", "Putu Aditya", "Siti Aminah", "Maria Gonzales", "Agus Salim")
_SUBJECTS = ("Where is my parcel?", "Tagihan dua kali", "Refund of order 20481", "Ganti alamat", None)
# The channel that no policy takes is the last one.
_CHANNELS = ("whatsapp", "instagram", "email", "webchat", "messenger")
_FIRST, _WHOLE = timedelta(hours=4), timedelta(days=4)
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Organization:
    """Whom the measurements ask as, and about what."""

    id: UUID
    api_key: str  # of an admin, who signs in with EMAIL and PASSWORD
    conversations: list[UUID]


@dataclass(frozen=True, slots=True)
class _Share:
    """A kind of conversation: how many of a hundred, and how its age is drawn, in shares of a target."""

    percent: int
    target: timedelta
    low: float
    high: float
    answered: bool = False
    pending: bool = False
    governed: bool = True


# Warnings stand at 0.8 of a target.
_SHARES = (
    _Share(30, _FIRST, 0.01, 0.6),  # waiting, on track
    _Share(8, _FIRST, 0.82, 0.86),  # waiting, at risk
    _Share(12, _FIRST, 1.05, 10),  # waiting, breached
    _Share(25, _WHOLE, 0.05, 0.7, answered=True),
    _Share(5, _WHOLE, 0.81, 0.9, answered=True),
    _Share(5, _WHOLE, 1.01, 1.5, answered=True),
    _Share(8, _WHOLE, 0.05, 0.6, answered=True, pending=True),
    _Share(7, _WHOLE, 0.05, 0.6, governed=False),
)
_WEIGHTS = [share.percent for share in _SHARES]


def fill(number: int, now: datetime, seed: int = 1) -> Organization:
    """Makes an organization with so many conversations under way, in one transaction, within an app context. Nothing
    of it is due, and a worker seems to be up for the next hour."""
    random = Random(seed)
    founded = now - timedelta(days=60)
    with transaction():
        organization = organizations.create(ORGANIZATION, "Asia/Jakarta", founded)
        teams = [divisions.create(organization.id, name, founded).id for name in _DIVISIONS]
        admin = agents.create(
            organization.id,
            email=EMAIL,
            name="Arum Cendana",
            role=agents.ADMIN,
            now=founded,
            password_hash=hash_password(PASSWORD),
        )
        staff = [
            agents.create(
                organization.id, email=f"{name}@example.com", name=name, role=agents.AGENT, now=founded, divisions=teams
            ).id
            for name in _AGENTS
        ]
        _promise(organization.id, admin.id, founded)
        person = agents.person(admin.id)
        assert person is not None
        key = keys.create(person, "bench", now)
        governance = policies.governance(organization.id)
        ids: list[UUID] = []
        for start in range(0, number, _BATCH):
            batch = history.Batch()
            shares = random.choices(_SHARES, weights=_WEIGHTS, k=min(_BATCH, number - start))
            ids += [_add(batch, random, share, organization.id, (teams, staff), governance, now) for share in shares]
            history.write(batch)
        organizations.touch(organization.id)
        workers.beat("bench", now, now + timedelta(hours=1))
    return Organization(organization.id, key, ids)


def _promise(organization_id: UUID, by: UUID, since: datetime) -> None:
    """A policy for each channel but the last."""
    for channel in _CHANNELS[:-1]:
        at = policies.begin_edit(organization_id, since)
        values = {
            "name": f"Promises by {channel}",
            "channel": channel,
            "first_response_time_secs": int(_FIRST.total_seconds()),
            "resolution_time_secs": int(_WHOLE.total_seconds()),
            "warning_threshold_pct": 80,
        }
        policies.add(rules.create(new_id(), organization_id, values, at), by)


def _add(
    batch: history.Batch,
    random: Random,
    share: _Share,
    organization_id: UUID,
    people: tuple[list[UUID], list[UUID]],
    governance: tuple[int, Governance],
    now: datetime,
) -> UUID:
    """Adds one conversation to what will be written."""
    id, (teams, staff), (seq, rulebooks) = new_id(), people, governance
    created_at = now - share.target * random.uniform(share.low, share.high)
    division_id = random.choice(teams)
    agent_id = random.choice(staff) if share.answered or random.random() < 0.4 else None
    channel = random.choice(_CHANNELS[:-1]) if share.governed else _CHANNELS[-1]

    def tell(kind: str, at: datetime, **told: Any) -> None:
        row = dict.fromkeys(_FACT) | {"id": new_id(), "kind": kind, "at": at, "heard_at": at, "source": "console"}
        rows.append(row | {"organization_id": organization_id, "conversation_id": id} | told)

    rows: list[dict[str, Any]] = []
    tell(words.CREATED, created_at, channel=channel, division_id=division_id, opened_by="customer")
    tell(words.CUSTOMER_MESSAGE, created_at, body="Halo, bagaimana dengan pesanan saya?")
    if share.answered:
        tell(words.AGENT_REPLY, created_at + _FIRST * 0.3, actor_id=agent_id, body="Kami periksa dulu.")
    if share.pending:
        tell(words.STATUS, created_at + _FIRST * 0.4, status=words.PENDING)
    course = words.read(
        words.Fact(
            row["kind"],
            row["at"],
            row["heard_at"],
            id=str(row["id"]),
            channel=row["channel"],
            division_id=row["division_id"],
            opened_by=row["opened_by"],
            status=row["status"],
        )
        for row in rows
    )
    settled = settle(clocks_of(course, rulebooks), {}, now)
    last = next(row for row in reversed(rows) if row["kind"] != words.STATUS)
    place = breaches.Place(organization_id, id, channel, division_id, agent_id)
    batch.facts += rows
    batch.clocks += [clocks.row_of(clock, id, organization_id) for clock in settled.clocks]
    batch.breaches += [breaches.row_of(breach, place, now) for breach in settled.breaches]
    batch.conversations.append(
        {
            "id": id,
            "organization_id": organization_id,
            "source": "console",
            "external_id": None,
            "channel": channel,
            "division_id": division_id,
            "agent_id": agent_id,
            "contact_name": random.choice(_NAMES),
            "contact_address": f"+62 812-0000-{random.randrange(10_000):04}",
            "subject": random.choice(_SUBJECTS),
            "status": course.status,
            "opened_by": "customer",
            "created_at": created_at,
            "last_message_at": last["at"],
            "last_message_by": "agent" if share.answered else "customer",
            "updated_at": rows[-1]["at"],
            **conversations.materialised(place_of(course, settled.clocks), seq),
        }
    )
    return id


_FACT = (
    "seq",
    "source_id",
    "actor_id",
    "body",
    "status",
    "channel",
    "division_id",
    "agent_id",
    "opened_by",
    "voided_at",
)
