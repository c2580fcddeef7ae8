"""Which policy governs: the order in which policies are tried, and their conditions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from omnistream_console.sla.matching import NO_POLICIES, PolicyVersion, Rulebook, rank
from omnistream_console.sla.timeline import Subject
from tests.sla.stories import LONG_AGO, SALES, SUPPORT, edits, m, policy

MAIL_TO_SALES = Subject("email", SALES)


def chosen(*policies: PolicyVersion, subject: Subject = MAIL_TO_SALES) -> UUID | None:
    """Whichever wins, in whatever order the policies are given."""
    winners = {
        winner.policy_id if (winner := Rulebook(shuffled).choose(subject)) else None
        for shuffled in itertools.permutations(policies)
    }
    assert len(winners) == 1
    return winners.pop()


def ids(*numbers: int) -> list[UUID]:
    return [UUID(int=number) for number in numbers]


def pairs() -> Iterator[tuple[str, PolicyVersion, PolicyVersion]]:
    yield "not the default first, whatever the priority", policy(2, priority=-9), policy(1, is_default=True, priority=9)
    yield "higher priority", policy(2, priority=1), policy(1, channel="email", division_id=SALES)
    yield "negative priority stands behind none", policy(2), policy(1, priority=-1)
    yield "both before division", policy(2, channel="email", division_id=SALES), policy(1, division_id=SALES)
    yield "division before channel", policy(2, division_id=SALES), policy(1, channel="email")
    yield "channel before neither", policy(2, channel="email"), policy(1)
    yield "the older", policy(2), policy(1, created_at=LONG_AGO + timedelta(microseconds=1))
    yield "the smaller id", policy(1), policy(2)


@pytest.mark.parametrize(("winner", "loser"), [pair[1:] for pair in pairs()], ids=[pair[0] for pair in pairs()])
def test_order(winner: PolicyVersion, loser: PolicyVersion) -> None:
    assert chosen(winner, loser) == winner.policy_id


def test_the_whole_order_is_the_one_in_which_policies_are_listed() -> None:
    tried = [
        policy(8, priority=5),
        policy(7, channel="email", division_id=SALES),
        policy(6, division_id=SALES),
        policy(5, channel="email"),
        policy(3),
        policy(4),
        policy(2, priority=-1),
        policy(1, is_default=True, priority=100),
    ]
    assert [p.policy_id for p in sorted(sorted(tried, key=lambda p: p.policy_id), key=rank)] == ids(
        8, 7, 6, 5, 3, 4, 2, 1
    )


@pytest.mark.parametrize(
    "subject", [Subject("whatsapp", SALES), Subject("email", SUPPORT), Subject("email", None), Subject("", None)]
)
def test_conditions_must_hold(subject: Subject) -> None:
    assert chosen(policy(1, channel="email", division_id=SALES), subject=subject) is None


def test_an_unset_condition_always_holds() -> None:
    assert chosen(policy(1), subject=Subject("anything", None)) == UUID(int=1)


def test_an_inactive_policy_takes_nothing() -> None:
    assert chosen(policy(1, is_active=False), policy(2, priority=-5)) == UUID(int=2)


def test_the_default_catches_what_nothing_else_took() -> None:
    default = policy(9, is_default=True)
    assert chosen(policy(1, channel="whatsapp"), default) == UUID(int=9)


def test_the_conditions_of_the_default_hold_as_well() -> None:
    assert chosen(policy(9, is_default=True, channel="whatsapp")) is None


def test_no_policies_no_choice() -> None:
    assert NO_POLICIES.choose(MAIL_TO_SALES) is None


def test_a_choice_made_once_is_made_the_same_again() -> None:
    book = Rulebook([policy(1, channel="email"), policy(2)])
    for _ in range(3):
        assert book.choose(Subject("email", None)) == policy(1, channel="email")
        assert book.choose(Subject("webchat", None)) == policy(2)


def test_governance_is_the_rulebook_known_at_an_instant() -> None:
    governance = edits((0, [policy(1)]), (10, [policy(2)]))
    assert governance.at(m(-1)) is NO_POLICIES
    assert [governance.at(m(minute)).policies[0].policy_id for minute in (0, 9.99, 10, 500)] == ids(1, 1, 2, 2)
    assert [since for since, _ in governance.after(m(0))] == [m(10)]
    assert [since for since, _ in governance.after(m(-1))] == [m(0), m(10)]
    assert list(governance.after(m(10))) == []


def test_choosing_among_those_that_existed() -> None:
    book = Rulebook([policy(1, priority=1, created_at=m(5)), policy(2)])
    assert book.choose_among(MAIL_TO_SALES, m(4)) == policy(2)
    assert book.choose_among(MAIL_TO_SALES, m(5)) == policy(1, priority=1, created_at=m(5))
