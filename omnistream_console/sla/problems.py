"""How rules refuse: a code and its figures beside each field, put into words at the door.

The same for a policy, an event, a body or the text of a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is refused: a code, and the figures that its sentence names."""

    code: str
    figures: Mapping[str, Any] = field(default_factory=dict)


class Invalid(ValueError):
    """Refused values: {field: [problems]}."""

    def __init__(self, errors: Mapping[str, list[Problem]]) -> None:
        super().__init__(", ".join(f"{field}: {problem.code}" for field, list_ in errors.items() for problem in list_))
        self.errors = errors


class Refused(ValueError):
    """A change that is well formed and yet not to be had as things stand. Nothing has changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
