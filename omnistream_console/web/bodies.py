"""The bodies that calls take, beside those of policies (`sla.policies`) and events (`work.events`). The same models
judge what forms carry."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from ..passwords import LONGEST, SHORTEST
from ..sla.policies import Channel, Id, Name, Text, validated
from ..sla.problems import Invalid, Problem

# Clocks of two machines differ; more than this is a mistake.
AHEAD = timedelta(minutes=5)
_EMAIL = re.compile(r"[^@\s,;<>\x00]{1,64}@[^@\s,;<>.\x00]+(?:\.[^@\s,;<>.\x00]+)+")


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or len(value) <= 10:
            raise ValueError
        at.timestamp()
    except (ValueError, OverflowError):
        raise PydanticCustomError("not_an_instant", "not an instant") from None
    if at.year < 1970:
        raise PydanticCustomError("too_early", "before 1970")
    return at


def _email(value: Any) -> Any:
    if isinstance(value, str) and not _EMAIL.fullmatch(value.strip()):
        raise PydanticCustomError("not_an_email", "not an e-mail address")
    return value


Moment = Annotated[datetime, BeforeValidator(_instant, json_schema_input_type=datetime)]
Label = Annotated[Text, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Email = Annotated[Text, StringConstraints(strip_whitespace=True, max_length=254), BeforeValidator(_email)]
Subject = Annotated[Text, StringConstraints(max_length=500)]
Address = Annotated[Text, StringConstraints(max_length=254)]
Words = Annotated[Text, StringConstraints(min_length=1, max_length=100_000, pattern=None)]
Note = Annotated[Text, StringConstraints(max_length=2_000)]
Password = Annotated[Text, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]


class Body(BaseModel):
    """Strict types; a field that is not there is refused by its name."""

    model_config = ConfigDict(strict=True, extra="forbid")


class ConversationCreate(Body):
    channel: Channel
    contact_name: Label
    external_id: Label | None = None
    contact_address: Address | None = None
    subject: Subject | None = None
    division_id: Id | None = None
    opened_by: Literal["customer", "agent"] = "customer"
    created_at: Moment | None = None
    message: Words | None = None


class MessageCreate(Body):
    sender: Literal["customer", "agent", "bot", "note"]
    body: Words
    at: Moment | None = None
    external_id: Label | None = None


class StatusChange(Body):
    status: Literal["open", "pending", "resolved", "closed"]
    at: Moment | None = None


class Assignment(Body):
    agent_id: Id | None


class Transfer(Body):
    division_id: Id | None = None
    channel: Channel | None = None
    note: Note | None = None
    at: Moment | None = None


class DivisionCreate(Body):
    name: Name


class AgentCreate(Body):
    email: Email
    name: Name
    role: Literal["admin", "supervisor", "agent"]
    division_ids: Annotated[list[Id], Field(max_length=200)] = []
    password: Password | None = None


class Login(Body):
    email: Annotated[Text, StringConstraints(min_length=1, max_length=254)]
    password: Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST)]
    organization: Id | None = None


class Registration(Body):
    organization: Name
    timezone: Annotated[Text, StringConstraints(min_length=1, max_length=64)]
    name: Name
    email: Email
    password: Password


AnyBody = TypeVar("AnyBody", bound=BaseModel)


def judged(model: type[AnyBody], values: dict[str, Any], now: datetime) -> AnyBody:
    """A body as a value. Raises Invalid; also where an instant lies ahead of `now`."""
    body = model.model_construct(**validated(model, values))
    for field in ("at", "created_at"):
        at = getattr(body, field, None)
        if isinstance(at, datetime) and at > now + AHEAD:
            raise Invalid({field: [Problem("in_the_future", {})]})
    return body
