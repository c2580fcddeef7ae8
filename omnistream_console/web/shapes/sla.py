"""Policies, breaches and clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ...sla.clocks import FIRST_RESPONSE, RESOLUTION, UNSTOPPED, Clock, Reading, at_instant, shown
from ...sla.policies import Policy
from ...store.breaches import Listed
from .base import Shape, present

Status = Literal["ok", "warning", "breached"]
State = Literal["running", "paused", "met", "met_late", "unanswered"]


class SlaPolicy(Shape):
    id: UUID
    name: str
    first_response_time_secs: int
    resolution_time_secs: int
    warning_threshold_pct: int
    priority: int
    is_active: bool
    is_default: bool
    created_at: datetime
    updated_at: datetime
    description: str = ""
    channel: str = ""
    division_id: UUID | None = None


def policy(policy: Policy) -> dict[str, Any]:
    return present(
        id=policy.id,
        name=policy.name,
        description=policy.description,
        first_response_time_secs=policy.first_response_time_secs,
        resolution_time_secs=policy.resolution_time_secs,
        warning_threshold_pct=policy.warning_threshold_pct,
        priority=policy.priority,
        channel=policy.channel,
        division_id=policy.division_id,
        is_active=policy.is_active,
        is_default=policy.is_default,
        created_at=policy.created_at,
        updated_at=policy.updated_at,
    )


class SlaBreach(Shape):
    id: UUID
    conversation_id: UUID
    sla_policy_id: UUID
    breach_type: Literal["first_response", "resolution"]
    threshold_secs: int
    actual_secs: int
    breached_at: datetime
    policy_name: str
    detected_at: datetime
    channel: str
    division_id: UUID | None = None
    agent_id: UUID | None = None
    retracted_at: datetime | None = None


def breach(breach: Listed) -> dict[str, Any]:
    return present(
        id=breach.id,
        conversation_id=breach.conversation_id,
        sla_policy_id=breach.policy_id,
        breach_type=breach.clock,
        threshold_secs=breach.threshold_secs,
        actual_secs=breach.actual_secs,
        breached_at=breach.breached_at,
        policy_name=breach.policy_name,
        detected_at=breach.detected_at,
        channel=breach.channel,
        division_id=breach.division_id,
        agent_id=breach.agent_id,
        retracted_at=breach.retracted_at,
    )


class ConversationSla(Shape):
    """Both clocks of a conversation; a clock that does not exist leaves its fields out."""

    conversation_id: UUID
    policy_id: UUID
    policy_name: str
    server_time: datetime
    frt_status: Status | None = None
    frt_elapsed_secs: int | None = None
    frt_threshold_secs: int | None = None
    frt_state: State | None = None
    frt_started_at: datetime | None = None
    frt_due_at: datetime | None = None
    frt_warning_at: datetime | None = None
    frt_stopped_at: datetime | None = None
    frt_remaining_secs: int | None = None
    frt_counting: bool | None = None
    frt_changes_at: datetime | None = None
    frt_policy_id: UUID | None = None
    frt_policy_name: str | None = None
    resolution_status: Status | None = None
    resolution_elapsed_secs: int | None = None
    resolution_threshold_secs: int | None = None
    resolution_state: State | None = None
    resolution_started_at: datetime | None = None
    resolution_due_at: datetime | None = None
    resolution_warning_at: datetime | None = None
    resolution_stopped_at: datetime | None = None
    resolution_remaining_secs: int | None = None
    resolution_counting: bool | None = None
    resolution_changes_at: datetime | None = None
    resolution_policy_id: UUID | None = None
    resolution_policy_name: str | None = None


_PREFIX = {FIRST_RESPONSE: "frt", RESOLUTION: "resolution"}


def readings(clocks: Iterable[Clock], now: datetime) -> list[Reading]:
    """What the clocks of a conversation show, unjudged ones left out."""
    return [at_instant(clock, now) for clock in shown(clocks)]


def conversation_sla(id: UUID, clocks: Iterable[Clock], now: datetime) -> dict[str, Any] | None:
    """The contract's object and the fields beside it; None for a conversation without a clock."""
    read = readings(clocks, now)
    if not read:
        return None
    unstopped = [reading for reading in read if reading.state in UNSTOPPED]
    named = (unstopped or read)[-1]  # of the unstopped ones, else of resolution, which stands last
    fields: dict[str, Any] = {
        "conversation_id": id,
        "policy_id": named.policy_id,
        "policy_name": named.policy_name,
        "server_time": now,
    }
    for reading in read:
        own = {
            "status": reading.status,
            "elapsed_secs": reading.elapsed_secs,
            "threshold_secs": reading.threshold_secs,
            "state": reading.state,
            "started_at": reading.started_at,
            "due_at": reading.due_at,
            "warning_at": reading.warning_at,
            "stopped_at": reading.stopped_at,
            "remaining_secs": reading.remaining_secs,
            "counting": reading.counting,
            "changes_at": reading.changes_at,
        }
        if reading.policy_id != named.policy_id or reading.policy_name != named.policy_name:
            own |= {"policy_id": reading.policy_id, "policy_name": reading.policy_name}
        fields |= {f"{_PREFIX[reading.kind]}_{key}": value for key, value in own.items()}
    return present(**fields)
