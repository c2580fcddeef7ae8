"""An event: one fact about a conversation, told by another system. `POST /api/events`, JSON Lines and the rows of an
imported table all become this value, judged here once and by the same limits.

Refusals are `sla.problems`, put into the reader's language at the door; `in_english` is what the command line says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NotRequired, Required, TypeAlias
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import TypedDict

from ..sla.problems import Invalid, Problem

CREATED: Final = "conversation.created"
MESSAGE: Final = "message"
STATUS: Final = "status"
TRANSFER: Final = "transfer"
ASSIGN: Final = "assign"
VOID: Final = "void"
TYPES: Final = (CREATED, MESSAGE, STATUS, TRANSFER, ASSIGN, VOID)

CUSTOMER: Final = "customer"
AGENT: Final = "agent"
BOT: Final = "bot"
NOTE: Final = "note"
SENDERS: Final = (CUSTOMER, AGENT, BOT, NOTE)

STATUSES: Final = ("open", "pending", "resolved", "closed")

MAX_ID: Final = 200
MAX_SOURCE: Final = 100
MAX_DIVISION: Final = 120
MAX_NAME: Final = 200
MAX_SUBJECT: Final = 500
MAX_NOTE: Final = 2_000
MAX_BODY: Final = 100_000
MAX_CHANNEL: Final = 40
MAX_SEQ: Final = 2**31 - 1
CHANNEL: Final = re.compile(r"[a-z0-9_-]{1,40}")
# Clocks of two machines differ; more than this is a mistake, not a difference.
AHEAD: Final = timedelta(minutes=5)
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)

ENGLISH: Final[Mapping[str, str]] = {
    "required": "is required",
    "unknown_field": "is not a field of this event",
    "unknown_type": "must be one of: {choices}",
    "unknown_choice": "must be one of: {choices}",
    "not_an_object": "must be an object",
    "not_a_string": "must be a string",
    "not_an_integer": "must be a whole number",
    "out_of_range": "must be between {low} and {high}",
    "blank": "must not be empty",
    "too_long": "must be at most {limit} characters",
    "not_text": "holds characters that are no text",
    "not_a_channel": "must be 1 to 40 characters of a-z, 0-9, _ and -",
    "not_an_instant": "must be a date and time with an offset, such as 2026-03-02T09:30:00+07:00",
    "in_the_future": "is more than five minutes ahead",
    "too_early": "is before 1970",
    "not_a_uuid": "must be a UUID",
    "not_both": "cannot be given together with {other}",
    "nothing_to_do": "needs a division or a channel",
    "other_source": "must be {expected}, the source of this import",
    "already_created": "was created before, by another event",
    "unknown_division": "is no division of this organization",
    "unknown_agent": "is no agent of this organization",
    "of_another_conversation": "is an event of another conversation",
    "holds_the_conversation": "is the creation of the conversation, which cannot be void",
    "wrong": "is not valid",
}


Errors: TypeAlias = dict[str, list[Problem]]


def in_english(errors: Mapping[str, list[Problem]]) -> str:
    """All errors in one line, for the command line: `at: is required; body: must be a string`."""
    said = [
        (field, ENGLISH[problem.code].format(**problem.figures)) for field, found in errors.items() for problem in found
    ]
    return "; ".join(f"{field}: {words}" if field else words for field, words in said)


def refuse(field: str, code: str, **figures: object) -> Invalid:
    return Invalid({field: [Problem(code, figures)]})


@dataclass(slots=True)
class Event:
    """One validated event; `at` is in UTC. Which fields are set depends on its type. Only what comes from a table may
    have a channel and a division on any type: where the row found the conversation."""

    source: str
    id: str
    type: str
    conversation: str
    at: datetime
    seq: int | None = None
    position: int = 0  # in its array or file; stands for `seq` where that is not given
    inferred: bool = False  # a creation that rows only imply: without effect where the conversation is known
    # conversation.created
    contact_name: str | None = None
    contact_address: str | None = None
    subject: str | None = None
    opened_by: str | None = None
    message: str | None = None
    # conversation.created and transfer
    channel: str | None = None
    division: str | None = None
    division_id: UUID | None = None
    # message
    sender: str | None = None
    body: str | None = None
    # status
    status: str | None = None
    # transfer
    note: str | None = None
    # created, message, assign
    agent_email: str | None = None
    agent_id: UUID | None = None
    # void
    event: str | None = None


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)")


def _instant(value: object) -> datetime:
    if isinstance(value, str) and _RFC_3339.fullmatch(value):
        try:
            at = datetime.fromisoformat(value.upper())
            return at if at.tzinfo is UTC else at.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("not_an_instant", "not an instant")


def _whole(value: object) -> object:
    # JSON knows no difference between 3 and 3.0
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _uuid(value: object) -> UUID:
    try:
        if isinstance(value, str):
            return UUID(value)
    except ValueError:
        pass
    raise PydanticCustomError("not_a_uuid", "not a UUID")


def _text(limit: int, *, least: int = 0, strip: bool = True) -> StringConstraints:
    # PostgreSQL stores no NUL, and a name with a line break in it is a mistake
    allowed = r"^[^\x00-\x1f\x7f]*$" if strip else r"^[^\x00]*$"
    return StringConstraints(strict=True, min_length=least, max_length=limit, strip_whitespace=strip, pattern=allowed)


_Id: TypeAlias = Annotated[str, _text(MAX_ID, least=1)]
_Name: TypeAlias = Annotated[str, _text(MAX_NAME, least=1)]
_Division: TypeAlias = Annotated[str, _text(MAX_DIVISION, least=1)]
_Line: TypeAlias = Annotated[str, _text(MAX_NAME)]
_Body: TypeAlias = Annotated[str, _text(MAX_BODY, strip=False)]
_Note: TypeAlias = Annotated[str, _text(MAX_NOTE, strip=False)]
_Channel: TypeAlias = Annotated[str, StringConstraints(strict=True, pattern=rf"^{CHANNEL.pattern}$")]
_Instant: TypeAlias = Annotated[datetime, BeforeValidator(_instant)]
_Uuid: TypeAlias = Annotated[UUID, BeforeValidator(_uuid)]


class _Base(TypedDict, total=False):
    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[misc]
    id: Required[_Id]
    source: Required[Annotated[str, _text(MAX_SOURCE, least=1)]]
    conversation: Required[_Id]
    at: Required[_Instant]
    seq: Annotated[int, BeforeValidator(_whole), Field(strict=True, ge=-MAX_SEQ, le=MAX_SEQ)]


class _Created(_Base):
    type: Literal["conversation.created"]
    channel: _Channel
    contact_name: _Name
    contact_address: NotRequired[_Line | None]
    subject: NotRequired[Annotated[str, _text(MAX_SUBJECT)] | None]
    division: NotRequired[_Division | None]
    division_id: NotRequired[_Uuid | None]
    agent_email: NotRequired[_Name | None]
    agent_id: NotRequired[_Uuid | None]
    opened_by: NotRequired[Literal["customer", "agent"]]
    message: NotRequired[_Body | None]


class _Message(_Base):
    type: Literal["message"]
    sender: Literal["customer", "agent", "bot", "note"]
    body: _Body
    agent_email: NotRequired[_Name | None]
    agent_id: NotRequired[_Uuid | None]


class _Status(_Base):
    type: Literal["status"]
    status: Literal["open", "pending", "resolved", "closed"]


class _Transfer(_Base):
    type: Literal["transfer"]
    division: NotRequired[_Division]
    division_id: NotRequired[_Uuid]
    channel: NotRequired[_Channel]
    note: NotRequired[_Note | None]


class _Assign(_Base):
    type: Literal["assign"]
    agent_email: NotRequired[_Name | None]
    agent_id: NotRequired[_Uuid | None]


class _Void(_Base):
    type: Literal["void"]
    event: _Id


_ADAPTER: TypeAdapter[Any] = TypeAdapter(
    Annotated[_Created | _Message | _Status | _Transfer | _Assign | _Void, Field(discriminator="type")]
)
_validate = _ADAPTER.validator.validate_python

_CODES: Final[Mapping[str, str]] = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_type": "not_a_string",
    "string_unicode": "not_text",
    "string_too_short": "blank",
    "int_type": "not_an_integer",
    "int_from_float": "not_an_integer",
    "int_parsing_size": "not_an_integer",
    "not_an_instant": "not_an_instant",
    "not_a_uuid": "not_a_uuid",
}


def validate(raw: object, now: datetime, *, source: str | None = None) -> Event:
    """The event that an object of JSON says. `source`: that of an import, which its lines may leave out.

    Raises Invalid.
    """
    if source is not None and isinstance(raw, dict):
        if "source" not in raw:
            raw = {**raw, "source": source}
        elif raw["source"] != source:
            raise refuse("source", "other_source", expected=source)
    try:
        fields = _validate(raw)
    except ValidationError as wrong:
        raise Invalid(_errors(wrong.errors(include_url=False, include_input=False))) from None
    event = Event(**fields)
    if not EARLIEST <= event.at <= now + AHEAD:
        raise refuse("at", when(event.at, now) or "wrong")
    kind = event.type
    if kind == STATUS:
        return event
    if "division" in fields and "division_id" in fields:
        raise refuse("division", "not_both", other="division_id")
    if "agent_email" in fields and "agent_id" in fields:
        raise refuse("agent_email", "not_both", other="agent_id")
    if kind == TRANSFER and not ("division" in fields or "division_id" in fields or "channel" in fields):
        raise refuse("division", "nothing_to_do")
    if kind == ASSIGN and "agent_email" not in fields and "agent_id" not in fields:
        raise refuse("agent_id", "required")
    if kind == CREATED and event.opened_by is None:
        event.opened_by = CUSTOMER
    return event


def when(at: datetime, now: datetime) -> str | None:
    """The code of what is wrong with an instant, if anything is."""
    if at > now + AHEAD:
        return "in_the_future"
    return "too_early" if at < EARLIEST else None


def _errors(found: Sequence[ErrorDetails]) -> Errors:
    errors: Errors = {}
    for error in found:
        # the first place is the event's type, by which pydantic chose the shape
        field = str(error["loc"][1]) if len(error["loc"]) > 1 else ""
        problem = _problem(error)
        if error["type"].startswith("union_tag"):
            field = "type"
        said = errors.setdefault(field, [])
        if problem not in said:
            said.append(problem)
    return errors


def _problem(error: ErrorDetails) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _CODES:
        return Problem(_CODES[kind])
    match kind:
        case "union_tag_not_found":
            return Problem("required")
        case "union_tag_invalid":
            return Problem("unknown_type", {"choices": ", ".join(TYPES)})
        case "literal_error":
            return Problem(
                "unknown_choice", {"choices": str(context["expected"]).replace("'", "").replace(" or ", ", ")}
            )
        case "string_too_long":
            return Problem("too_long", {"limit": context["max_length"]})
        case "string_pattern_mismatch":
            return Problem("not_a_channel" if CHANNEL.pattern in str(context["pattern"]) else "not_text")
        case "greater_than_equal" | "less_than_equal":
            return Problem("out_of_range", {"low": -MAX_SEQ, "high": MAX_SEQ})
        case "dict_type" | "dict_attributes_type" | "model_attributes_type":
            return Problem("not_an_object")
    return Problem("wrong")
