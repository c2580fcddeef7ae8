"""What `make bench` runs. Every result is a ratio of two things measured in the same run, never a bare time: machines
differ, and a time says nothing without one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """One line of the table: what was measured, against what, and how often the one goes into the other."""

    what: str
    against: str
    value: float
    goal: str = ""  # as people say it: "at least 0.5"
