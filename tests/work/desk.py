"""An organization in a few words, and conversations by the thousand: what tests of store/ and work/ begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from omnistream_console.sla import policies as rules
from omnistream_console.sla.clocks import standing
from omnistream_console.sla.folding import clocks_of
from omnistream_console.sla.matching import Governance
from omnistream_console.sla.policies import Policy
from omnistream_console.sla.timeline import BY_CUSTOMER, CREATED, OPEN, Fact, read
from omnistream_console.store import breaches, clocks, conversations, history, organizations, policies, timeline
from omnistream_console.store.breaches import BreachRow
from omnistream_console.store.database import db, new_id, transaction
from omnistream_console.store.timeline import FactRow
from omnistream_console.work import intake
from omnistream_console.work.intake import By, Opening

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
EVERYTHING = breaches.Filters()


def m(minutes: float) -> datetime:
    """The instant so many minutes after nine."""
    return NINE + minutes * MINUTE


def found(name: str = "Toko Maju", *, first: int = 3_600, whole: int = 14_400) -> UUID:
    """An organization with one policy for everything, of long ago."""
    with transaction():
        organization = organizations.create(name, "Asia/Jakarta", LONG_AGO)
    promise(organization.id, "Everything", LONG_AGO, first_response_time_secs=first, resolution_time_secs=whole)
    return organization.id


def promise(organization_id: UUID, name: str, at: datetime, **values: Any) -> Policy:
    """A new policy."""
    with transaction():
        instant = policies.begin_edit(organization_id, at)
        made = rules.create(new_id(), organization_id, {"name": name, **values}, instant)
        policies.add(made, None)
    return made


def edit(policy: Policy, at: datetime, **values: Any) -> Policy:
    """An edit as the console makes it; conversations are brought over by whoever meets them."""
    with transaction():
        instant = policies.begin_edit(policy.organization_id, at)
        current = policies.get(policy.organization_id, policy.id)
        assert current is not None
        changed = rules.change(current, values, instant)
        policies.save(changed, None)
    return changed


def delete(policy: Policy, at: datetime) -> None:
    with transaction():
        instant = policies.begin_edit(policy.organization_id, at)
        current = policies.get(policy.organization_id, policy.id)
        assert current is not None
        policies.delete(current, None, instant)


def the_policy(organization_id: UUID) -> Policy:
    (only,) = policies.of(organization_id)
    return only


def open_(organization_id: UUID, at: datetime, **told: Any) -> UUID:
    """One conversation by the front door of the intake."""
    opening = Opening(**{"channel": "email", "contact_name": "Rina", **told})
    with transaction():
        return intake.open_conversation(organization_id, opening, By(at))


def say(organization_id: UUID, id: UUID, sender: str, at: datetime, *, heard: datetime | None = None) -> None:
    with transaction():
        intake.add_message(organization_id, id, sender, "Halo", By(heard or at, at=at if heard else None))


def become(organization_id: UUID, id: UUID, status: str, at: datetime, *, heard: datetime | None = None) -> None:
    with transaction():
        intake.change_status(organization_id, id, status, By(heard or at, at=at if heard else None))


def fill(organization_id: UUID, starts: Iterable[datetime], **told: Any) -> list[UUID]:
    """Conversations that customers opened at these instants and nobody has answered, written in bulk."""
    remaining, ids = iter(starts), []
    governance = policies.governance(organization_id)
    while some := list(islice(remaining, 5_000)):
        batch = history.Batch()
        for start in some:
            ids.append(_add(batch, organization_id, governance, start, told))
        with transaction():
            history.write(batch)
    return ids


_FACT = {column.name: None for column in FactRow.__table__.columns}


def _add(
    batch: history.Batch,
    organization_id: UUID,
    governance: tuple[int, Governance],
    start: datetime,
    told: dict[str, Any],
) -> UUID:
    id, (seq, rulebooks) = new_id(), governance
    channel, division_id = told.get("channel", "email"), told.get("division_id")
    course = read([Fact(CREATED, start, start, channel=channel, division_id=division_id)])
    kept = clocks_of(course, rulebooks)
    batch.clocks += [clocks.row_of(clock, id, organization_id) for clock in kept]
    batch.facts.append(
        _FACT
        | {
            "id": new_id(),
            "organization_id": organization_id,
            "conversation_id": id,
            "kind": CREATED,
            "at": start,
            "heard_at": start,
            "source": intake.CONSOLE,
            "channel": channel,
            "division_id": division_id,
            "opened_by": BY_CUSTOMER,
        }
    )
    batch.conversations.append(
        {
            "id": id,
            "organization_id": organization_id,
            "source": intake.CONSOLE,
            "external_id": None,
            "channel": channel,
            "division_id": division_id,
            "agent_id": told.get("agent_id"),
            "contact_name": "Rina",
            "contact_address": None,
            "subject": None,
            "status": OPEN,
            "opened_by": BY_CUSTOMER,
            "created_at": start,
            "last_message_at": None,
            "last_message_by": None,
            "updated_at": start,
            **conversations.materialised(standing(kept), seq),
        }
    )
    return id


def spread(first: datetime, over: timedelta, number: int) -> Iterator[datetime]:
    """So many instants, evenly over a stretch."""
    return (first + over * place / number for place in range(number))


def recorded(organization_id: UUID, now: datetime, filters: breaches.Filters = EVERYTHING) -> list[breaches.Listed]:
    return list(breaches.every(organization_id, filters, now))


def number_recorded() -> int:
    number: int = db.session.execute(select(func.count()).select_from(BreachRow)).scalar_one()
    db.session.rollback()  # the next look is a new one
    return number


def clock_of(id: UUID, kind: str = "first_response") -> clocks.Clock:
    return next(clock for clock in clocks.of([id])[id] if clock.kind == kind)


def facts_of(id: UUID) -> Sequence[Fact]:
    return timeline.facts_of([id])[id]
