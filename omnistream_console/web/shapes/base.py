"""What all shapes share: how instants and ids are written, and that what is unset is left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


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


class Deleted(Shape):
    message: str
    id: UUID


class Done(Shape):
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, list[str]] | None = None
