"""What a badge shows of one clock: an icon, words and a colour, never the colour alone.

The words are made twice, here and by the browser as it ticks, from the same sentences: `templates_for_ticking` hands
them to the page, so that the script knows no language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from flask import Flask

from .tongue import gettext
from .words import clock_name, duration, here, home_zone, instant_exact, iso, span, units, weekday_time

if TYPE_CHECKING:
    from ..sla.clocks import Reading

ICONS = {"ok": "clock", "warning": "alert-triangle", "breached": "alert-circle"}
_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Badge:
    """One clock, ready to be drawn. `data` are the data attributes by which the browser ticks it on."""

    clock: str
    name: str
    icon: str
    words: str
    status: str
    state: str
    tone: str  # the colour: a status, or "paused", "met", "none"
    percent: int  # of the threshold, at most 100
    rows: list[tuple[str, str]] = field(default_factory=list)
    data: dict[str, str] = field(default_factory=dict)


def badge(reading: Reading, now: datetime, zone: tzinfo, locale: str) -> Badge:
    return Badge(
        clock=reading.kind,
        name=clock_name(reading.kind),
        icon=_icon(reading),
        words=words(reading, now, zone, locale),
        status=reading.status,
        state=reading.state,
        tone=_tone(reading),
        percent=percent(reading),
        rows=rows(reading, zone, locale),
        data=ticking(reading, now),
    )


def words(reading: Reading, now: datetime, zone: tzinfo, locale: str) -> str:
    if reading.state == "unanswered":
        return gettext("Not answered")
    if reading.state == "unjudged":
        return gettext("No policy")
    if reading.state == "met":
        met = span(reading.elapsed_secs, locale)
        if reading.status == "breached":
            return gettext("Met in %(span)s, breach on record", span=met)
        return gettext("Met in %(span)s", span=met)
    if reading.state == "met_late":
        return gettext("Met late by %(span)s", span=span(-reading.remaining_secs, locale))
    left = _left(reading, locale)
    if reading.state == "paused":
        if reading.remaining_secs < 0:
            return gettext("Paused: %(left)s", left=left)
        return gettext("Paused: waiting for customer")
    if reading.counting:
        return left
    if reading.changes_at is None:
        return gettext("Outside hours: %(left)s", left=left)
    resumes = weekday_time(reading.changes_at, zone, now, locale)
    return gettext("Outside hours: %(left)s, resumes %(instant)s", left=left, instant=resumes)


def _left(reading: Reading, locale: str) -> str:
    left = span(reading.remaining_secs, locale)
    if reading.status != "breached":
        return gettext("%(span)s left", span=left)
    if reading.remaining_secs > 0:
        # A breach on record stays one, also where a later change of policy gave the clock more time.
        return gettext("Breached, %(span)s left", span=left)
    return gettext("%(span)s overdue", span=left)


def _icon(reading: Reading) -> str:
    if reading.state == "running":
        return ICONS.get(reading.status, "clock") if reading.counting else "moon"
    return {"paused": "player-pause", "met": "circle-check", "met_late": "alert-circle"}.get(
        reading.state, "circle-minus"
    )


def _tone(reading: Reading) -> str:
    if reading.status == "breached":
        return "breached"
    if reading.state == "running":
        return reading.status
    return {"paused": "paused", "met": "met", "met_late": "breached"}.get(reading.state, "none")


def percent(reading: Reading) -> int:
    if reading.threshold_secs <= 0:
        return 100
    return max(0, min(100, reading.elapsed_secs * 100 // reading.threshold_secs))


def rows(reading: Reading, zone: tzinfo, locale: str) -> list[tuple[str, str]]:
    """What hovering or tapping tells: every instant absolute, in the named zone."""
    told = [
        (gettext("Policy"), reading.policy_name),
        (gettext("Target"), duration(reading.threshold_secs, locale)),
        (gettext("Started"), instant_exact(reading.started_at, zone, locale)),
    ]
    if reading.stopped_at is not None:
        told.append((gettext("Stopped"), instant_exact(reading.stopped_at, zone, locale)))
    if reading.due_at is not None:
        told.append((gettext("Due"), instant_exact(reading.due_at, zone, locale)))
    elif reading.state == "paused":
        told.append((gettext("Due"), gettext("Set when the customer answers")))
    elif reading.state == "running":
        told.append((gettext("Due"), gettext("Never: no working hours ahead")))
    if reading.breached_at is not None:
        told.append((gettext("Breached"), instant_exact(reading.breached_at, zone, locale)))
    if reading.kind == "resolution":
        told.append((gettext("Paused in all"), duration(reading.paused_secs, locale)))
    if reading.state == "running":
        told.append((gettext("Counts"), _counts(reading)))
    return told


def _counts(reading: Reading) -> str:
    """A clock follows working hours if it stands still while running, or will at an instant that is no threshold."""
    edge = reading.changes_at is not None and reading.changes_at not in (reading.warning_at, reading.due_at)
    if reading.state == "running" and (edge or not reading.counting):
        return gettext("Working time")
    return gettext("Every second")


def ticking(reading: Reading, now: datetime) -> dict[str, str]:
    """Data attributes of a clock that the browser carries on, none of one that stands still.

    `zero` is the instant at which nothing is left if the clock counts on without a break. It stays the same from poll
    to poll, so that an answer in which nothing happened leaves the badge untouched.
    """
    if reading.state != "running":
        return {}
    data = {"threshold": str(reading.threshold_secs)}
    if reading.changes_at is not None:
        data["changes"] = iso(reading.changes_at)
    if not reading.counting:
        return data
    zero = now.replace(microsecond=0) + timedelta(seconds=reading.remaining_secs)
    if reading.due_at is not None and abs(zero - reading.due_at) <= _A_SECOND:
        zero = reading.due_at
    data["zero"] = iso(zero)
    if reading.warning_at is not None:
        data["warning"] = iso(reading.warning_at)
    if reading.due_at is not None:
        data["due"] = iso(reading.due_at)
    return data


def templates_for_ticking(locale: str) -> dict[str, str]:
    """The sentences a ticking badge needs, in the reader's language, with `{span}` where the time goes."""
    sentences = {
        "left": gettext("%(span)s left", span="{span}"),
        "overdue": gettext("%(span)s overdue", span="{span}"),
        "breached-left": gettext("Breached, %(span)s left", span="{span}"),
        "ago": gettext("%(span)s ago", span="{span}"),
        "now": gettext("just now"),
    }
    return {**sentences, "units": "|".join(units(locale))}


def register(app: Flask) -> None:
    """Hands the badges to the templates: `reading|badge(now)`, `ticking_words()`."""
    app.jinja_env.filters["badge"] = lambda reading, now: badge(reading, now, home_zone(), here())
    app.jinja_env.globals["ticking_words"] = lambda: templates_for_ticking(here())
