"""What a valid policy is, and what creating, changing, marking and deleting one means.

The limits stand here once and judge a form and a JSON body alike. Refusals are `problems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from .problems import Invalid, Problem, Refused

LONGEST_SECS = 315_360_000  # ten years
MOST_PRIORITY = 1_000_000
READ_ONLY = ("id", "created_at", "updated_at")


def _whole(value: Any) -> Any:
    """JSON knows no difference between 300 and 300.0; both are whole seconds. true is none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _storable(value: str) -> str:
    # PostgreSQL stores no NUL in a text, UTF-8 no half of a surrogate pair, and no person types either.
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise ValueError("not storable")
    return value


Whole = Annotated[int, BeforeValidator(_whole, json_schema_input_type=int)]
Text = Annotated[str, AfterValidator(_storable)]
# Trimmed before it is measured: what stands outside an annotation is applied later.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120), AfterValidator(_storable)]
Channel = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,40}$", min_length=1, max_length=40)]
Description = Annotated[Text, StringConstraints(max_length=2_000)]
Seconds = Annotated[Whole, Field(ge=1, le=LONGEST_SECS)]
Percent = Annotated[Whole, Field(ge=1, le=100)]
Priority = Annotated[Whole, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY)]


def _uuid(value: Any) -> Any:
    """A UUID as JSON writes it."""
    if isinstance(value, str) and len(value) == 36:
        try:
            return UUID(value)
        except ValueError:
            return value
    return value


Id = Annotated[UUID, BeforeValidator(_uuid, json_schema_input_type=UUID)]


class SlaPolicyCreate(BaseModel):
    """The body that creates a policy."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Name
    description: Description | None = None
    first_response_time_secs: Seconds = 300
    resolution_time_secs: Seconds = 3600
    warning_threshold_pct: Percent = 80
    priority: Priority = 0
    channel: Channel | None = None
    division_id: Id | None = None
    is_active: bool = True
    is_default: bool = False


class SlaPolicyUpdate(BaseModel):
    """The body that changes a policy: an absent field stays, null clears description, channel and division_id."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Name = ""
    description: Description | None = None
    first_response_time_secs: Seconds = 0
    resolution_time_secs: Seconds = 0
    warning_threshold_pct: Percent = 0
    priority: Priority = 0
    channel: Channel | None = None
    division_id: Id | None = None
    is_active: bool = True
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of an organization as it stands. `version` counts its edits from 1."""

    id: UUID
    organization_id: UUID
    name: str
    description: str | None
    channel: str | None
    division_id: UUID | None
    first_response_time_secs: int
    resolution_time_secs: int
    warning_threshold_pct: int
    priority: int
    is_active: bool
    is_default: bool
    version: int
    created_at: datetime
    updated_at: datetime


FIELDS = tuple(SlaPolicyCreate.model_fields)


def validated(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were given, judged by the model. Read-only fields that a read shows are ignored.
    Raises Invalid."""
    given = {key: value for key, value in values.items() if key not in READ_ONLY or key in model.model_fields}
    try:
        return model.model_validate(given).model_dump(exclude_unset=True)
    except ValidationError as refusal:
        errors: dict[str, list[Problem]] = {}
        for error in refusal.errors(include_url=False):
            field = str(error["loc"][0]) if error["loc"] else ""
            errors.setdefault(field, []).append(Problem(error["type"], error.get("ctx", {})))
        raise Invalid(errors) from None


def create(id: UUID, organization_id: UUID, values: Mapping[str, Any], now: datetime) -> Policy:
    """A new policy from checked or unchecked values. Raises Invalid, or Refused where the default would be inactive."""
    fields = SlaPolicyCreate.model_validate(validated(SlaPolicyCreate, values)).model_dump()
    fields["description"] = fields["description"] or None
    policy = Policy(id, organization_id, version=1, created_at=now, updated_at=now, **fields)
    if policy.is_default and not policy.is_active:
        raise Refused("default_inactive")
    return policy


def change(policy: Policy, values: Mapping[str, Any], now: datetime) -> Policy:
    """The policy with the given fields changed; the same object where nothing differs. Raises Invalid; Refused where
    the default would be left inactive or an inactive one be marked as default."""
    fields = validated(SlaPolicyUpdate, values)
    if "description" in fields:
        fields["description"] = fields["description"] or None
    changed = replace(policy, **fields)
    if changed == policy:
        return policy
    if changed.is_default and not changed.is_active:
        raise Refused("default_deactivated" if policy.is_default else "default_inactive")
    return replace(changed, version=policy.version + 1, updated_at=now)


def unmarked(policy: Policy, now: datetime) -> Policy:
    """The policy that was the default until another one became it."""
    return replace(policy, is_default=False, version=policy.version + 1, updated_at=now)


def check_deletable(policy: Policy) -> None:
    """Raises Refused for the default policy."""
    if policy.is_default:
        raise Refused("default_deleted")


def differences(base: Policy, theirs: Policy) -> list[str]:
    """The fields in which two states of a policy differ."""
    return [field for field in FIELDS if getattr(base, field) != getattr(theirs, field)]
