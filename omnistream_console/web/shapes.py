"""Objects as JSON: the contract's keys and those beside it. The OpenAPI document is made from these models."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ..sla.clocks import FIRST_RESPONSE, RESOLUTION, UNSTOPPED, Clock, Reading, at_instant, shown
from ..sla.policies import Policy
from ..store.agents import Agent, Person
from ..store.breaches import Listed
from ..store.conversations import Conversation
from ..store.divisions import Division
from ..store.timeline import Entry

Status = Literal["ok", "warning", "breached"]
State = Literal["running", "paused", "met", "met_late", "unanswered"]


def instant(at: datetime) -> str:
    """RFC 3339 in UTC with Z, to the millisecond at most."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return text.removesuffix(".000") + "Z"


def present(**fields: Any) -> dict[str, Any]:
    """An object without its unset fields; UUIDs and instants as JSON writes them."""
    return {
        key: instant(value) if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value
        for key, value in fields.items()
        if value is not None
    }


class Shape(BaseModel):
    """A response body. Optional fields are left out when unset, never null."""

    model_config = ConfigDict(extra="forbid")


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


class Deleted(Shape):
    message: str
    id: UUID


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


class ConversationItem(Shape):
    id: UUID
    channel: str
    status: Literal["open", "pending", "resolved", "closed"]
    contact_name: str
    opened_by: Literal["customer", "agent"]
    created_at: datetime
    updated_at: datetime
    source: str
    external_id: str | None = None
    contact_address: str | None = None
    subject: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    last_message_at: datetime | None = None
    sla_status: Literal["breached", "warning", "ok", "paused", "none"] | None = None
    due_at: datetime | None = None
    sla: ConversationSla | None = None


def conversation(row: Conversation, now: datetime, clocks: Iterable[Clock] | None = None) -> dict[str, Any]:
    """One conversation; `sla_status` and `sla` only for those who may see them, which is where clocks are given."""
    standing = row.standing if clocks is not None else None
    return present(
        id=row.id,
        channel=row.channel,
        status=row.status,
        contact_name=row.contact_name,
        contact_address=row.contact_address,
        subject=row.subject,
        division_id=row.division_id,
        agent_id=row.agent_id,
        opened_by=row.opened_by,
        source=row.source,
        external_id=row.external_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        last_message_at=row.last_message_at,
        sla_status=standing.status(now) if standing else None,
        due_at=row.next_due_at if standing else None,
        sla=None if clocks is None else conversation_sla(row.id, clocks, now),
    )


class TimelineEntry(Shape):
    id: UUID
    type: str
    at: datetime
    heard_at: datetime
    body: str | None = None
    status: str | None = None
    channel: str | None = None
    division_id: UUID | None = None
    agent_id: UUID | None = None
    actor_id: UUID | None = None
    source: str | None = None
    external_id: str | None = None
    voided_at: datetime | None = None


class ConversationDetail(ConversationItem):
    timeline: list[TimelineEntry]


def entry(entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        type=entry.kind,
        at=entry.at,
        heard_at=entry.heard_at,
        body=entry.body,
        status=entry.status,
        channel=entry.channel,
        division_id=entry.division_id,
        agent_id=entry.agent_id,
        actor_id=entry.actor_id,
        source=entry.source,
        external_id=entry.source_id,
        voided_at=entry.voided_at,
    )


class Message(Shape):
    id: UUID
    conversation_id: UUID
    sender: Literal["customer", "agent", "bot", "note"]
    body: str
    at: datetime
    agent_id: UUID | None = None
    external_id: str | None = None


_SENDER = {"customer_message": "customer", "agent_reply": "agent", "bot_message": "bot", "note": "note"}


def message(conversation_id: UUID, entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        conversation_id=conversation_id,
        sender=_SENDER[entry.kind],
        body=entry.body or "",
        at=entry.at,
        agent_id=entry.actor_id,
        external_id=entry.source_id,
    )


class TransferItem(Shape):
    id: UUID
    at: datetime
    division_id: UUID | None = None
    channel: str | None = None
    note: str | None = None
    agent_id: UUID | None = None


def transfer(entry: Entry) -> dict[str, Any]:
    return present(
        id=entry.id,
        at=entry.at,
        division_id=entry.division_id,
        channel=entry.channel,
        note=entry.body,
        agent_id=entry.actor_id,
    )


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


class Taken(Shape):
    class Refused(Shape):
        index: int
        errors: dict[str, list[str]]

    accepted: int
    duplicate: int
    refused: list[Refused]


class Done(Shape):
    message: str


class Health(Shape):
    class Worker(Shape):
        last_sweep_at: datetime | None
        lag_secs: float

    status: Literal["ok", "degraded"]
    version: str
    database: Literal["ok"]
    worker: Worker


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, list[str]] | None = None
