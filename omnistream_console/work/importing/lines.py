"""JSON Lines to events, gathered by conversation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic_core import from_json

from ...sla.problems import Invalid
from ..events import in_english, validate
from .groups import Gathered
from .reading import Record


def gather(records: Iterator[Record], source: str, now: datetime) -> Gathered:
    """Reads all lines. The position of a line stands for `seq` where that is not given."""
    gathered = Gathered(whose=_whose)
    for record in records:
        gathered.records += 1
        try:
            raw = from_json(record.cells[0], allow_inf_nan=False)
        except ValueError as wrong:
            gathered.refusals.add(record.number, f"no JSON: {wrong}", None)
            continue
        try:
            event = validate(raw, now, source=source)
        except Invalid as refused:
            gathered.refusals.add(record.number, in_english(refused.errors), _conversation(raw))
            continue
        event.position = record.number
        gathered.add(event)
    gathered.settle()
    return gathered


def _whose(record: Record) -> str | None:
    try:
        return _conversation(from_json(record.cells[0]))
    except ValueError:
        return None


def _conversation(raw: object) -> str | None:
    said = raw.get("conversation") if isinstance(raw, dict) else None
    return said.strip() if isinstance(said, str) else None
