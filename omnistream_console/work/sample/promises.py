"""The policies of the sample organization, and the edits that they have been through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ...sla import policies as rules
from ...store import policies
from ...store.database import new_id
from .people import BILLING, CORPORATE

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@dataclass(frozen=True, slots=True)
class Promise:
    """A policy as somebody typed it; `division` is a key of the sample's divisions. `changed`: what an edit
    `changed_ago` made of it."""

    name: str
    description: str
    first_response: int
    resolution: int
    warning_pct: int = 80
    priority: int = 0
    channel: str | None = None
    division: str | None = None
    is_default: bool = False
    changed: Mapping[str, Any] | None = None
    changed_ago: timedelta = timedelta(0)


# Messenger is promised something by two divisions only: elsewhere its conversations have no policy.
PROMISES = (
    Promise(
        "Surel (standar)",
        "Kebijakan baku: surel yang tidak diambil kebijakan lain.",
        4 * _HOUR,
        2 * _DAY,
        channel="email",
        is_default=True,
    ),
    Promise(
        "WhatsApp",
        "Kanal utama pelanggan. Sejak pekan lalu jawaban pertama dalam 5 menit, sebelumnya 10.",
        10 * _MINUTE,
        4 * _HOUR,
        channel="whatsapp",
        changed={"first_response_time_secs": 5 * _MINUTE},
        changed_ago=timedelta(days=6),
    ),
    Promise("Instagram", "Pesan langsung dan balasan cerita.", 15 * _MINUTE, 8 * _HOUR, 75, channel="instagram"),
    Promise("Obrolan situs", "Pengunjung menunggu di depan layar.", 2 * _MINUTE, 2 * _HOUR, 70, channel="webchat"),
    Promise("Penagihan", "Tagihan dan pengembalian dana, lewat kanal apa pun.", 10 * _MINUTE, _DAY, division=BILLING),
    Promise(
        "Akun Korporat",
        "Pelanggan dengan kontrak. Diutamakan di semua kanal.",
        10 * _MINUTE,
        8 * _HOUR,
        priority=50,
        division=CORPORATE,
    ),
    Promise(
        "Akun Korporat lewat WhatsApp",
        "Jalur cepat yang dijanjikan dalam kontrak.",
        3 * _MINUTE,
        2 * _HOUR,
        60,
        priority=100,
        channel="whatsapp",
        division=CORPORATE,
    ),
    Promise(
        "Promo akhir tahun",
        "Dinyalakan selama masa promo, dimatikan sesudahnya.",
        3 * _MINUTE,
        3 * _HOUR,
        priority=200,
        channel="instagram",
        changed={"is_active": False},
        changed_ago=timedelta(days=9),
    ),
)


def make(
    organization_id: UUID,
    promises: Sequence[Promise],
    divisions: Mapping[str, UUID],
    by: UUID,
    since: datetime,
    now: datetime,
) -> None:
    """Creates the policies from `since` on, a minute apart, and then makes the edits in the order of their instants:
    the history of rulebooks only grows at its end."""
    made = []
    for number, promise in enumerate(promises):
        at = policies.begin_edit(organization_id, since + timedelta(minutes=number))
        policy = rules.create(new_id(), organization_id, _values(promise, divisions), at)
        policies.add(policy, by)
        made.append((promise, policy))
    for promise, policy in sorted(made, key=lambda pair: pair[0].changed_ago, reverse=True):
        if promise.changed is not None:
            at = policies.begin_edit(organization_id, now - promise.changed_ago)
            policies.save(rules.change(policy, promise.changed, at), by)


def _values(promise: Promise, divisions: Mapping[str, UUID]) -> dict[str, Any]:
    division = divisions[promise.division] if promise.division else None
    return {
        "name": promise.name,
        "description": promise.description,
        "first_response_time_secs": promise.first_response,
        "resolution_time_secs": promise.resolution,
        "warning_threshold_pct": promise.warning_pct,
        "priority": promise.priority,
        "channel": promise.channel,
        "division_id": division,
        "is_default": promise.is_default,
    }
