"""The words of the console: spans of time, instants, and the names people have for the field's short words.

The functions are pure: locale, zone and now are arguments. `register` hands them to Jinja as filters, with the
reader's own locale and the organization's zone filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from typing import Any, Protocol
from uuid import UUID

from babel.dates import format_datetime, get_day_names, get_month_names
from flask import Flask

from .tongue import gettext, place
from .tongue import marked as _l

MINUTE, HOUR, DAY = 60, 3_600, 86_400
SECONDS_BELOW = 10 * MINUTE  # from ten minutes on nobody acts on a second

# Day, hour, minute, second. Indonesian abbreviates hari, jam, menit, detik, and sets them off with a space.
UNITS = {"en": ("d", "h", "m", "s"), "id": ("\u00a0hr", "\u00a0j", "\u00a0mnt", "\u00a0dtk")}
_SIZES = (DAY, HOUR, MINUTE, 1)

_WITHIN_A_WEEK = timedelta(days=6)
# A board is drawn again every few seconds and tells the same instants and spans, by the hundred.
_remembered = lru_cache(maxsize=8_192)

_CHANNELS = {
    "whatsapp": "WhatsApp",
    "instagram": "Instagram",
    "messenger": "Messenger",
    "email": _l("E-mail"),
    "webchat": _l("Web chat"),
}
_CHANNEL_ICONS = {
    "whatsapp": "brand-whatsapp",
    "instagram": "brand-instagram",
    "messenger": "brand-messenger",
    "email": "mail",
}
_STATUSES = {
    "open": _l("Open"),
    "pending": _l("Waiting for customer"),
    "resolved": _l("Resolved"),
    "closed": _l("Closed"),
    "ok": _l("On track"),
    "warning": _l("At risk"),
    "breached": _l("Breached"),
    "paused": _l("Paused"),
    "none": _l("No policy"),
}
_CLOCKS = {
    "first_response": _l("First response"),
    "next_response": _l("Next response"),
    "resolution": _l("Resolution"),
}
_ROLES = {"admin": _l("Admin"), "supervisor": _l("Supervisor"), "agent": _l("Agent")}
_FACT_ICONS = {
    "customer_message": "message-circle",
    "agent_reply": "send",
    "bot_message": "robot",
    "note": "note",
    "status": "flag",
    "assignment": "user-check",
    "transfer": "arrows-exchange",
}


class Fact(Protocol):
    """What `fact_sentence` reads of a row of the timeline."""

    kind: str
    status: str | None
    channel: str | None
    division_name: str | None
    agent_name: str | None
    actor_name: str | None


def units(locale: str) -> tuple[str, str, str, str]:
    return UNITS.get(locale.split("_")[0], UNITS["en"])


@_remembered
def span(seconds: float, locale: str = "en") -> str:
    """A length of time at a glance: two neighbouring units at most, seconds only under ten minutes."""
    whole = abs(int(seconds))
    if whole >= SECONDS_BELOW:
        whole -= whole % MINUTE
    first = next(place for place, size in enumerate(_SIZES) if whole >= size or size == 1)
    parts = []
    for size, unit in list(zip(_SIZES, units(locale), strict=True))[first : first + 2]:
        count, whole = divmod(whole, size)
        if count or size == 1:
            parts.append((count, unit))
    shown = [part for part in parts if part[0]] or parts[:1]
    return " ".join(f"{count}{unit}" for count, unit in shown)


@_remembered
def duration(seconds: int, locale: str = "en") -> str:
    """A length of time exactly, in as many units as it takes: what a target is."""
    parts = []
    rest = seconds
    for size, unit in zip(_SIZES, units(locale), strict=True):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts) or f"0{units(locale)[-1]}"


def zone_name(at: datetime, zone: tzinfo) -> str:
    """WIB, WITA, WIT, or what the zone calls itself at that instant; bare offsets are shown as UTC+08."""
    name = at.astimezone(zone).tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


@cache
def _names(locale: str) -> tuple[Mapping[int, str], Mapping[int, str]]:
    """Short names of weekdays (Monday is 0) and months (January is 1)."""
    days = get_day_names("abbreviated", "format", locale)
    months = get_month_names("abbreviated", "format", locale)
    return {n: str(days[n]) for n in range(7)}, {n: str(months[n]) for n in range(1, 13)}


def _date(there: datetime, locale: str, *, weekday: bool = True, date: bool = True, year: bool = True) -> str:
    """Fri 20 Nov 2026, or a part of it. Put together by hand: a board tells a few hundred instants, and Babel's
    patterns take ten times as long."""
    days, months = _names(locale)
    parts = [days[there.weekday()]] if weekday else []
    if date:
        parts.append(f"{there.day} {months[there.month]}")
    if year:
        parts.append(str(there.year))
    return " ".join(parts)


def instant(at: datetime, zone: tzinfo, locale: str = "en") -> str:
    """Fri 20 Nov 2026, 16:00 WIB"""
    there = at.astimezone(zone)
    return f"{_date(there, locale)}, {there:%H:%M} {zone_name(at, zone)}"


@_remembered
def instant_exact(at: datetime, zone: tzinfo, locale: str = "en") -> str:
    """To the second, for tooltips and accounts: Fri 20 Nov 2026, 16:00:07 WIB"""
    there = at.astimezone(zone)
    return f"{_date(there, locale)}, {there:%H:%M:%S} {zone_name(at, zone)}"


def instant_short(at: datetime, zone: tzinfo, now: datetime, locale: str = "en") -> str:
    """No more than it takes near `now`: 16:00 WIB, Mon 08:00 WIB, 20 Nov 16:00 WIB, 20 Nov 2025 16:00 WIB"""
    there, today = at.astimezone(zone), now.astimezone(zone)
    near = abs(there.date() - today.date()) <= _WITHIN_A_WEEK
    time = f"{there:%H:%M} {zone_name(at, zone)}"
    if there.date() == today.date():
        return time
    date = _date(there, locale, weekday=near, date=not near, year=not near and there.year != today.year)
    return f"{date} {time}"


def weekday_time(at: datetime, zone: tzinfo, now: datetime, locale: str = "en") -> str:
    """When work resumes: always with its day, Mon 08:00 WIB."""
    there = at.astimezone(zone)
    near = abs(there.date() - now.astimezone(zone).date()) <= _WITHIN_A_WEEK
    return f"{_date(there, locale, date=not near, year=False)} {there:%H:%M} {zone_name(at, zone)}"


def day(at: datetime, zone: tzinfo, locale: str = "en") -> str:
    """Friday 20 November 2026"""
    return format_datetime(at.astimezone(zone).replace(tzinfo=None), "EEEE d MMMM y", locale=locale)


def time_of_day(at: datetime, zone: tzinfo) -> str:
    """16:00:07, without the zone, where that stands beside it already."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def ago(at: datetime, now: datetime, locale: str = "en") -> str:
    seconds = (now - at).total_seconds()
    if seconds < -MINUTE:
        return gettext("in %(span)s", span=span(seconds, locale))
    if seconds < MINUTE:
        return gettext("just now")
    return gettext("%(span)s ago", span=span(seconds - seconds % MINUTE, locale))


def _name(names: Mapping[str, str], key: str | None) -> str:
    """What people call it; what has no name keeps its own."""
    name = names.get(key or "")
    return gettext(name) if name is not None else key or ""


def channel_name(channel: str | None) -> str:
    return _name(_CHANNELS, channel)


def channel_icon(channel: str | None) -> str:
    return _CHANNEL_ICONS.get(channel or "", "message-circle")


def status_name(status: str | None) -> str:
    """Of a conversation (open, pending, …) and of a clock (ok, warning, breached) alike: the words do not overlap."""
    return _name(_STATUSES, status)


def clock_name(kind: str | None) -> str:
    return _name(_CLOCKS, kind)


def role_name(role: str | None) -> str:
    return _name(_ROLES, role)


def scope_sentence(channel: str | None, division_name: str | None) -> str:
    """What a policy applies to, in plain words."""
    if channel and division_name:
        return gettext("%(channel)s in %(division)s", channel=channel_name(channel), division=division_name)
    if division_name:
        return gettext("All channels in %(division)s", division=division_name)
    if channel:
        return gettext("%(channel)s in all divisions", channel=channel_name(channel))
    return gettext("All conversations")


def fact_sentence(fact: Fact) -> str:
    """One line of a conversation's timeline: who did what."""
    who = fact.actor_name
    if fact.kind == "customer_message":
        return gettext("The customer wrote")
    if fact.kind == "agent_reply":
        return gettext("%(name)s replied", name=who) if who else gettext("An agent replied")
    if fact.kind == "bot_message":
        return gettext("Automatic message")
    if fact.kind == "note":
        return gettext("Internal note by %(name)s", name=who) if who else gettext("Internal note")
    if fact.kind == "status":
        status = status_name(fact.status)
        if who:
            return gettext("%(name)s set the status to “%(status)s”", name=who, status=status)
        return gettext("Status set to “%(status)s”", status=status)
    if fact.kind == "assignment":
        return _assignment(fact.agent_name, who)
    if fact.kind == "transfer":
        goal = scope_of_transfer(fact)
        if who:
            return gettext("%(name)s transferred it to %(goal)s", name=who, goal=goal)
        return gettext("Transferred to %(goal)s", goal=goal)
    return gettext("%(name)s opened the conversation", name=who) if who else gettext("Conversation opened")


def _assignment(agent: str | None, who: str | None) -> str:
    if agent is None:
        return gettext("%(name)s took the assignment off", name=who) if who else gettext("Assignment taken off")
    if agent == who:
        return gettext("%(name)s took it over", name=who)
    if who:
        return gettext("%(name)s assigned it to %(agent)s", name=who, agent=agent)
    return gettext("Assigned to %(agent)s", agent=agent)


def scope_of_transfer(fact: Fact) -> str:
    goals = [name for name in (fact.division_name, channel_name(fact.channel)) if name]
    return ", ".join(goals) or gettext("no division")


def fact_icon(fact: Fact) -> str:
    return _FACT_ICONS.get(fact.kind, "inbox")


def names_in(ids: Iterable[UUID], names: Mapping[UUID, str]) -> str:
    """The names behind ids, in their own order: Billing, Sales"""
    return ", ".join(sorted(names[id] for id in ids if id in names))


def here() -> str:
    """The reader's locale."""
    return place()[0]


def home_zone() -> tzinfo:
    """The organization's zone: every instant the console shows is told in it."""
    return place()[1]


@_remembered
def iso(at: datetime) -> str:
    """2026-11-20T09:00:07.000Z, as scripts read it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def register(app: Flask) -> None:
    """Hands the words to the templates."""

    filters: dict[str, Any] = {
        "span": lambda seconds: span(seconds, here()),
        "duration": lambda seconds: duration(seconds, here()),
        "instant": lambda at: instant(at, home_zone(), here()),
        "instant_exact": lambda at: instant_exact(at, home_zone(), here()),
        "instant_short": lambda at, now: instant_short(at, home_zone(), now, here()),
        "time_of_day": lambda at: time_of_day(at, home_zone()),
        "day": lambda at: day(at, home_zone(), here()),
        "zone_name": lambda at: zone_name(at, home_zone()),
        "ago": lambda at, now: ago(at, now, here()),
        "iso": iso,
        "channel_name": channel_name,
        "channel_icon": channel_icon,
        "status_name": status_name,
        "clock_name": clock_name,
        "role_name": role_name,
        "scope_sentence": scope_sentence,
        "fact_sentence": fact_sentence,
        "fact_icon": fact_icon,
        "names_in": names_in,
    }
    app.jinja_env.filters.update(filters)
