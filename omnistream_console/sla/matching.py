"""Which policy governs a conversation.

A rulebook holds the active policies of an organization in the order in which they are tried; the first whose
conditions hold wins. Policies that are not the default come first, then the higher priority, then the more specific,
then the older, then the smaller id. The default stands last; its conditions, if it has any, still hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .timeline import Subject


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy as it stands between two edits: its conditions, its rank and what it promises."""

    policy_id: UUID
    version: int
    name: str
    channel: str | None
    division_id: UUID | None
    priority: int
    is_active: bool
    is_default: bool
    created_at: datetime  # of the policy, not of the version
    first_response_secs: int
    resolution_secs: int
    warning_pct: int

    def takes(self, subject: Subject) -> bool:
        """Whether the conditions hold."""
        return (self.channel is None or self.channel == subject.channel) and (
            self.division_id is None or self.division_id == subject.division_id
        )

    def threshold(self, kind: str) -> int | None:
        """The seconds promised for a clock; None: this policy has no such clock."""
        if kind == "first_response":
            return self.first_response_secs
        return self.resolution_secs if kind == "resolution" else None


def rank(policy: PolicyVersion) -> tuple[bool, int, int, datetime, UUID]:
    """The sort key of the order in which policies are tried."""
    specific = (policy.division_id is not None) * 2 + (policy.channel is not None)
    return (policy.is_default, -policy.priority, -specific, policy.created_at, policy.policy_id)


class Rulebook:
    """The policies of one organization at one time, in the order in which they are tried."""

    __slots__ = ("_chosen", "policies")

    def __init__(self, policies: Iterable[PolicyVersion]) -> None:
        self.policies: Sequence[PolicyVersion] = tuple(sorted((p for p in policies if p.is_active), key=rank))
        # Few subjects, many conversations: what one subject gets is worked out once.
        self._chosen: dict[Subject, PolicyVersion | None] = {}

    def choose(self, subject: Subject) -> PolicyVersion | None:
        """The policy that governs; None: no SLA."""
        try:
            return self._chosen[subject]
        except KeyError:
            found = next((policy for policy in self.policies if policy.takes(subject)), None)
            self._chosen[subject] = found
            return found

    def choose_among(self, subject: Subject, youngest: datetime) -> PolicyVersion | None:
        """The policy that would govern, had none been made after an instant."""
        return next((p for p in self.policies if p.created_at <= youngest and p.takes(subject)), None)


class Governance:
    """The rulebooks of an organization over time: which one held from which instant on. Asked with the instant at
    which a fact was heard of, so that imported history is judged by the policies of its import."""

    __slots__ = ("_since", "books")

    def __init__(self, books: Sequence[tuple[datetime, Rulebook]]) -> None:
        """`books`: (since, rulebook) in ascending order; a fact heard before the first finds no policy."""
        self.books = tuple(books)
        self._since = [since for since, _ in books]

    def at(self, heard_at: datetime) -> Rulebook:
        """The rulebook known at an instant."""
        place = bisect_right(self._since, heard_at)
        return self.books[place - 1][1] if place else NO_POLICIES

    def after(self, heard_at: datetime) -> Iterator[tuple[datetime, Rulebook]]:
        """The edits made later than an instant."""
        return iter(self.books[bisect_right(self._since, heard_at) :])


NO_POLICIES = Rulebook(())
