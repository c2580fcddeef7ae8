"""Words in which the tests of the rules tell a conversation: `created(0), wrote(2), replied(7)`, in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from omnistream_console.sla import timeline as words
from omnistream_console.sla.clocks import FIRST_RESPONSE, RESOLUTION, Clock
from omnistream_console.sla.folding import derive
from omnistream_console.sla.matching import Governance, PolicyVersion, Rulebook
from omnistream_console.sla.timeline import Fact

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

SALES, SUPPORT = UUID(int=0xA), UUID(int=0xB)


def m(minutes: float) -> datetime:
    """The instant so many minutes after nine."""
    return NINE + timedelta(minutes=minutes)


def fact(kind: str, at: float, *, heard: float | None = None, **rest: Any) -> Fact:
    rest.setdefault("id", f"{kind} {at}")
    return Fact(kind, m(at), m(at if heard is None else heard), **rest)


def created(
    at: float = 0, *, channel: str = "email", division: UUID | None = None, by: str = "customer", **rest: Any
) -> Fact:
    return fact(words.CREATED, at, channel=channel, division_id=division, opened_by=by, **rest)


def wrote(at: float, **rest: Any) -> Fact:
    return fact(words.CUSTOMER_MESSAGE, at, **rest)


def replied(at: float, **rest: Any) -> Fact:
    return fact(words.AGENT_REPLY, at, **rest)


def bot(at: float) -> Fact:
    return fact(words.BOT_MESSAGE, at)


def note(at: float) -> Fact:
    return fact(words.NOTE, at)


def assigned(at: float) -> Fact:
    return fact(words.ASSIGNMENT, at)


def became(at: float, status: str, **rest: Any) -> Fact:
    return fact(words.STATUS, at, status=status, **rest)


def moved(at: float, *, channel: str | None = None, division: UUID | None = None, **rest: Any) -> Fact:
    return fact(words.TRANSFER, at, channel=channel, division_id=division, **rest)


def policy(number: int = 1, **changes: Any) -> PolicyVersion:
    """One hour to the first answer, four to the end, warned at 80 %, unless told otherwise."""
    made = PolicyVersion(
        policy_id=UUID(int=number),
        version=1,
        name=f"policy {number}",
        channel=None,
        division_id=None,
        priority=0,
        is_active=True,
        is_default=False,
        created_at=LONG_AGO,
        first_response_secs=3_600,
        resolution_secs=14_400,
        warning_pct=80,
    )
    return replace(made, **changes)


def always(*policies: PolicyVersion) -> Governance:
    """These policies since long ago."""
    return Governance([(LONG_AGO, Rulebook(policies))])


def edits(*books: tuple[float | datetime, Sequence[PolicyVersion]]) -> Governance:
    """Policies that change: (minute, those that hold from then on)."""
    return Governance([(at if isinstance(at, datetime) else m(at), Rulebook(held)) for at, held in books])


def both(facts: Sequence[Fact], governance: Governance | None = None) -> dict[str, Clock]:
    return {clock.kind: clock for clock in derive(facts, governance or always(policy()))}


def first_response(*facts: Fact, under: Governance | None = None) -> Clock:
    return both(facts, under)[FIRST_RESPONSE]


def resolution(*facts: Fact, under: Governance | None = None) -> Clock:
    return both(facts, under)[RESOLUTION]
