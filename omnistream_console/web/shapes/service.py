"""What machines are answered: events taken in, health."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .base import Shape


class Taken(Shape):
    class Refused(Shape):
        index: int
        errors: dict[str, list[str]]

    accepted: int
    duplicate: int
    refused: list[Refused]


class Health(Shape):
    class Worker(Shape):
        last_sweep_at: datetime | None
        lag_secs: float

    status: Literal["ok", "degraded"]
    version: str
    database: Literal["ok"]
    worker: Worker
