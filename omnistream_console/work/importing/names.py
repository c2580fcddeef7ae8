"""Divisions and agents by the names that events give them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from uuid import UUID

from ...sla.problems import Problem
from ...store import agents, divisions
from ...store.organizations import key
from ..events import Errors, Event


class Names:
    """The divisions and agents of an organization, read when the first event names one."""

    def __init__(self, organization_id: UUID) -> None:
        self._organization_id = organization_id
        self._seen: dict[str, UUID | None] = {}

    @cached_property
    def _divisions(self) -> dict[str, UUID]:
        return {key(division.name): division.id for division in divisions.of(self._organization_id)}

    @cached_property
    def _division_ids(self) -> set[UUID]:
        return set(self._divisions.values())

    @cached_property
    def _agents(self) -> dict[str, UUID]:
        return agents.by_emails(self._organization_id)

    @cached_property
    def _agent_ids(self) -> set[UUID]:
        return set(self._agents.values())

    def make(self, names: Iterable[str], now: datetime) -> list[str]:
        """Makes the divisions that are not there yet, in the caller's transaction; returns their names. Of names that
        differ in case only the first counts."""
        missing = [name for name in names if self._division(name) is None]
        self._seen.clear()
        _, made = divisions.named(self._organization_id, missing, now)
        for name in ("_divisions", "_division_ids"):
            self.__dict__.pop(name, None)
        return made

    def resolve(self, event: Event) -> Errors | None:
        """Sets the ids of what an event names; the errors, if there is no such division or agent."""
        errors: Errors = {}
        if event.division is not None:
            event.division_id = self._division(event.division)
            if event.division_id is None:
                errors["division"] = [Problem("unknown_division")]
        elif event.division_id is not None and event.division_id not in self._division_ids:
            errors["division_id"] = [Problem("unknown_division")]
        if event.agent_email is not None:
            event.agent_id = self._agents.get(key(event.agent_email))
            if event.agent_id is None:
                errors["agent_email"] = [Problem("unknown_agent")]
        elif event.agent_id is not None and event.agent_id not in self._agent_ids:
            errors["agent_id"] = [Problem("unknown_agent")]
        return errors or None

    def _division(self, name: str) -> UUID | None:
        try:
            return self._seen[name]
        except KeyError:
            self._seen[name] = id = self._divisions.get(key(name))
            return id
