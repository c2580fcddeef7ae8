"""What a valid policy is, and what creating, changing, marking and deleting one means."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

import pytest

from omnistream_console.sla import policies
from omnistream_console.sla.policies import Policy, SlaPolicyCreate, SlaPolicyUpdate
from omnistream_console.sla.problems import Invalid, Refused
from tests.sla.stories import m

ID, ORGANIZATION, DIVISION = UUID(int=1), UUID(int=2), UUID(int=3)
MODELS = [pytest.param(SlaPolicyCreate, id="create"), pytest.param(SlaPolicyUpdate, id="update")]


def made(**values: Any) -> Policy:
    return policies.create(ID, ORGANIZATION, {"name": "VIP", **values}, m(0))


def refused(model: Any, **values: Any) -> dict[str, list[str]]:
    """{field: [codes]} of a body that is not taken."""
    with pytest.raises(Invalid) as refusal:
        policies.validated(model, {"name": "VIP", **values})
    return {field: [problem.code for problem in problems] for field, problems in refusal.value.errors.items()}


def test_what_is_left_out_has_the_contracts_values() -> None:
    policy = made()
    assert (policy.first_response_time_secs, policy.resolution_time_secs, policy.warning_threshold_pct) == (
        300,
        3600,
        80,
    )
    assert (policy.priority, policy.channel, policy.division_id, policy.description) == (0, None, None, None)
    assert (policy.is_active, policy.is_default, policy.version) == (True, False, 1)
    assert policy.created_at == policy.updated_at == m(0)


WHOLE = ["first_response_time_secs", "resolution_time_secs", "warning_threshold_pct", "priority"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize(
    "value", ["30", "", True, False, 30.5, None, [30], {"n": 30}, float("nan"), float("inf"), 1e400]
)
def test_only_whole_numbers_are_whole_numbers(model: Any, field: str, value: Any) -> None:
    assert list(refused(model, **{field: value})) == [field]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("field", WHOLE)
def test_a_whole_number_with_a_point_is_one(model: Any, field: str) -> None:
    taken = policies.validated(model, {"name": "VIP", field: 30.0})[field]
    assert (taken, type(taken)) == (30, int)


LIMITS = [
    ("first_response_time_secs", 1, 315_360_000),
    ("resolution_time_secs", 1, 315_360_000),
    ("warning_threshold_pct", 1, 100),
    ("priority", -1_000_000, 1_000_000),
]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("field", "least", "most"), LIMITS)
def test_limits_of_the_numbers(model: Any, field: str, least: int, most: int) -> None:
    for inside in (least, most):
        assert policies.validated(model, {"name": "VIP", field: inside})[field] == inside
    for outside in (least - 1, most + 1, 10**30, -(10**30), 1e300):
        assert list(refused(model, **{field: outside})) == [field]


@pytest.mark.parametrize("model", MODELS)
def test_limits_of_the_name(model: Any) -> None:
    for name, kept in ((" a ", "a"), ("x" * 120, "x" * 120), ("  " + "é" * 120 + "\n", "é" * 120)):
        assert policies.validated(model, {"name": name})["name"] == kept
    for name in ("", "   ", "x" * 121, None, 5, True, ["a"], "nul\x00", "half \ud800"):
        assert list(refused(model, name=name)) == ["name"]


@pytest.mark.parametrize("model", MODELS)
def test_limits_of_the_channel(model: Any) -> None:
    for channel in ("a", "x" * 40, "what_s-app9", None):
        assert policies.validated(model, {"name": "VIP", "channel": channel})["channel"] == channel
    for channel in ("", "x" * 41, "Email", "e mail", "email\n", "é", 5, True):
        assert list(refused(model, channel=channel)) == ["channel"]


@pytest.mark.parametrize("model", MODELS)
def test_limits_of_the_description(model: Any) -> None:
    for text in ("", "x" * 2_000, None):
        assert policies.validated(model, {"name": "VIP", "description": text})["description"] == text
    for wrong in ("x" * 2_001, 5, "nul\x00"):
        assert list(refused(model, description=wrong)) == ["description"]


@pytest.mark.parametrize("model", MODELS)
def test_a_division_is_an_id(model: Any) -> None:
    for given in (str(DIVISION), str(DIVISION).upper(), DIVISION):
        assert policies.validated(model, {"name": "VIP", "division_id": given})["division_id"] == DIVISION
    for wrong in ("", "sales", DIVISION.hex, 5, True, f"{{{DIVISION}}}"):
        assert list(refused(model, division_id=wrong)) == ["division_id"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("field", ["is_active", "is_default"])
@pytest.mark.parametrize("value", ["true", "no", 1, 0, None, 1.0])
def test_only_booleans_are_booleans(model: Any, field: str, value: Any) -> None:
    assert list(refused(model, **{field: value})) == [field]


@pytest.mark.parametrize("model", MODELS)
def test_every_wrong_field_is_named_at_once(model: Any) -> None:
    errors = refused(model, name="", priorty=1, resolution_time_secs=0)
    assert set(errors) == {"name", "priorty", "resolution_time_secs"}
    assert errors["priorty"] == ["extra_forbidden"]


def test_a_name_is_needed_to_create() -> None:
    with pytest.raises(Invalid) as refusal:
        policies.validated(SlaPolicyCreate, {})
    assert list(refusal.value.errors) == ["name"]


def test_a_change_gives_only_what_was_given() -> None:
    assert policies.validated(SlaPolicyUpdate, {}) == {}
    assert policies.validated(SlaPolicyUpdate, {"channel": None}) == {"channel": None}


def test_what_a_read_shows_can_be_sent_back() -> None:
    policy = made(channel="email", division_id=str(DIVISION), description="x")
    shown = {field: value for field, value in asdict(policy).items() if field not in ("organization_id", "version")}
    shown |= {"id": str(policy.id), "created_at": "2026-03-02T09:00:00Z", "updated_at": "nonsense", "priority": 7}
    assert policies.change(policy, shown, m(5)).priority == 7


def test_a_change_raises_the_version_and_moves_the_date() -> None:
    changed = policies.change(made(), {"priority": 5}, m(9))
    assert (changed.priority, changed.version, changed.updated_at, changed.created_at) == (5, 2, m(9), m(0))


def test_a_change_that_changes_nothing_is_none() -> None:
    policy = made(description="")
    for same in ({}, {"name": " VIP "}, {"priority": 0.0}, {"description": ""}, {"description": None}):
        assert policies.change(policy, same, m(9)) is policy


def test_null_clears_what_may_be_empty() -> None:
    policy = made(description="x", channel="email", division_id=str(DIVISION))
    bare = policies.change(policy, {"description": None, "channel": None, "division_id": None}, m(1))
    assert (bare.description, bare.channel, bare.division_id) == (None, None, None)
    assert policies.change(policy, {"priority": 1}, m(1)).channel == "email"


def test_null_clears_nothing_else() -> None:
    for field in ("name", *WHOLE, "is_active", "is_default"):
        with pytest.raises(Invalid):
            policies.change(made(), {field: None}, m(1))


def code_of(make: Any) -> str:
    with pytest.raises(Refused) as refusal:
        make()
    return refusal.value.code


def test_the_default_is_active() -> None:
    assert code_of(lambda: made(is_active=False, is_default=True)) == "default_inactive"
    default, idle = made(is_default=True), made(is_active=False)
    assert code_of(lambda: policies.change(default, {"is_active": False}, m(1))) == "default_deactivated"
    assert code_of(lambda: policies.change(idle, {"is_default": True}, m(1))) == "default_inactive"
    assert policies.change(idle, {"is_default": True, "is_active": True}, m(1)).is_default
    assert not policies.change(default, {"is_default": False, "is_active": False}, m(1)).is_active


def test_the_default_cannot_be_deleted_until_it_is_unmarked() -> None:
    default = made(is_default=True)
    assert code_of(lambda: policies.check_deletable(default)) == "default_deleted"
    plain = policies.unmarked(default, m(3))
    assert (plain.is_default, plain.version, plain.updated_at) == (False, 2, m(3))
    policies.check_deletable(plain)


def test_differences_name_the_fields() -> None:
    base = made()
    theirs = policies.change(base, {"priority": 4, "channel": "email"}, m(1))
    assert policies.differences(base, theirs) == ["priority", "channel"]
    assert policies.differences(base, base) == []
