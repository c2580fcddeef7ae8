"""SLA policies, their versions, and the rulebooks that the versions make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..sla.matching import Governance, PolicyVersion, Rulebook, rank
from ..sla.policies import Policy
from .database import Instant, Model, db
from .organizations import OrganizationRow, key

_LIVE = text("deleted_at IS NULL")
_DEFAULT = text("is_default AND deleted_at IS NULL")


class _Edited:
    """The columns that an edit may change; a policy has them, and each of its versions."""

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str | None] = mapped_column(String(40))
    division_id: Mapped[UUID | None] = mapped_column(ForeignKey("divisions.id"))
    first_response_time_secs: Mapped[int] = mapped_column(Integer)
    resolution_time_secs: Mapped[int] = mapped_column(Integer)
    warning_threshold_pct: Mapped[int] = mapped_column(Integer)
    priority: Mapped[int] = mapped_column(Integer)
    is_active: Mapped[bool] = mapped_column(Boolean)
    is_default: Mapped[bool] = mapped_column(Boolean)


_VERSIONED = tuple(column for column in _Edited.__annotations__ if column != "organization_id")


class PolicyRow(_Edited, Model):
    __tablename__ = "policies"
    __table_args__ = (
        Index(
            "uq_policies_live_name",
            "organization_id",
            "name_key",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("uq_policies_default", "organization_id", unique=True, sqlite_where=_DEFAULT, postgresql_where=_DEFAULT),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name_key: Mapped[str] = mapped_column(String(360))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    # A deleted policy stays for its breaches' sake.
    deleted_at: Mapped[datetime | None] = mapped_column(Instant)


class PolicyVersionRow(_Edited, Model):
    """A policy as an edit left it; with the edits before it, what governed at any time."""

    __tablename__ = "policy_versions"
    __table_args__ = (
        ForeignKeyConstraint(["policy_id"], ["policies.id"]),
        Index("ix_policy_versions_organization_id_changed_at", "organization_id", "changed_at"),
    )

    policy_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("agents.id"))
    deleted: Mapped[bool] = mapped_column(Boolean, default=False)


_FIELDS = tuple(Policy.__dataclass_fields__)
_COLUMNS = tuple(getattr(PolicyRow, field) for field in _FIELDS)


def version_of(policy: Policy) -> PolicyVersion:
    """What the matcher and the clocks need of a policy."""
    return PolicyVersion(
        policy_id=policy.id,
        version=policy.version,
        name=policy.name,
        channel=policy.channel,
        division_id=policy.division_id,
        priority=policy.priority,
        is_active=policy.is_active,
        is_default=policy.is_default,
        created_at=policy.created_at,
        first_response_secs=policy.first_response_time_secs,
        resolution_secs=policy.resolution_time_secs,
        warning_pct=policy.warning_threshold_pct,
    )


def of(organization_id: UUID) -> list[Policy]:
    """The policies in the order in which they are tried, the default last."""
    rows = db.session.execute(
        select(*_COLUMNS).where(PolicyRow.organization_id == organization_id, PolicyRow.deleted_at.is_(None))
    )
    return sorted((Policy(*row) for row in rows), key=lambda policy: rank(version_of(policy)))


def get(organization_id: UUID, id: UUID, *, deleted: bool = False) -> Policy | None:
    """One policy; with `deleted` also one that is gone."""
    query = select(*_COLUMNS).where(PolicyRow.organization_id == organization_id, PolicyRow.id == id)
    if not deleted:
        query = query.where(PolicyRow.deleted_at.is_(None))
    row = db.session.execute(query).first()
    return Policy(*row) if row else None


def is_deleted(id: UUID) -> bool:
    query = select(PolicyRow.deleted_at).where(PolicyRow.id == id)
    return db.session.execute(query).scalar() is not None


def names(organization_id: UUID) -> list[tuple[UUID, str]]:
    """(id, name) of all policies that ever were, by name: breaches of deleted ones stay."""
    query = select(PolicyRow.id, PolicyRow.name).where(PolicyRow.organization_id == organization_id)
    return [(row.id, row.name) for row in db.session.execute(query.order_by(PolicyRow.name_key, PolicyRow.id))]


def name_taken(organization_id: UUID, name: str, *, but: UUID | None = None) -> bool:
    query = select(PolicyRow.id).where(
        PolicyRow.organization_id == organization_id, PolicyRow.name_key == key(name), PolicyRow.deleted_at.is_(None)
    )
    return any(id != but for id in db.session.execute(query).scalars())


def default(organization_id: UUID) -> Policy | None:
    row = db.session.execute(select(*_COLUMNS).where(PolicyRow.organization_id == organization_id, _DEFAULT)).first()
    return Policy(*row) if row else None


def version(policy: Policy, number: int) -> tuple[Policy, UUID | None] | None:
    """A policy as an earlier edit left it, and who made that edit."""
    row = db.session.execute(
        select(PolicyVersionRow).where(PolicyVersionRow.policy_id == policy.id, PolicyVersionRow.version == number)
    ).scalar()
    if row is None:
        return None
    then = Policy(
        id=policy.id,
        organization_id=policy.organization_id,
        version=number,
        created_at=policy.created_at,
        updated_at=row.changed_at,
        **{field: getattr(row, field) for field in _VERSIONED},
    )
    return then, row.changed_by


def begin_edit(organization_id: UUID, now: datetime) -> datetime:
    """Opens an edit of an organization's policies and returns its instant: editors queue here, and no two edits carry
    the same instant, so that the history of rulebooks has one order."""
    last = db.session.execute(
        select(OrganizationRow.policies_changed_at)
        .where(OrganizationRow.id == organization_id)
        .with_for_update(key_share=True)
    ).scalar_one()
    instant = now if last is None or now > last else last + timedelta(microseconds=1)
    db.session.execute(
        update(OrganizationRow)
        .where(OrganizationRow.id == organization_id)
        .values(policies_seq=OrganizationRow.policies_seq + 1, policies_changed_at=instant)
    )
    return instant


def add(policy: Policy, by: UUID | None) -> None:
    """Stores a new policy and its first version."""
    db.session.execute(insert(PolicyRow).values(name_key=key(policy.name), **asdict(policy)))
    _keep_version(policy, by)


def save(policy: Policy, by: UUID | None) -> None:
    """Stores a policy that was changed, and the version that the edit made."""
    db.session.execute(
        update(PolicyRow).where(PolicyRow.id == policy.id).values(name_key=key(policy.name), **asdict(policy))
    )
    _keep_version(policy, by)


def delete(policy: Policy, by: UUID | None, now: datetime) -> None:
    """Takes a policy out of use. Its row, versions and breaches stay."""
    number = policy.version + 1
    db.session.execute(
        update(PolicyRow).where(PolicyRow.id == policy.id).values(deleted_at=now, version=number, is_active=False)
    )
    values = {field: getattr(policy, field) for field in _VERSIONED} | {"is_active": False}
    db.session.execute(
        insert(PolicyVersionRow).values(
            policy_id=policy.id,
            version=number,
            organization_id=policy.organization_id,
            changed_at=now,
            changed_by=by,
            deleted=True,
            **values,
        )
    )


def _keep_version(policy: Policy, by: UUID | None) -> None:
    db.session.execute(
        insert(PolicyVersionRow).values(
            policy_id=policy.id,
            version=policy.version,
            organization_id=policy.organization_id,
            changed_at=policy.updated_at,
            changed_by=by,
            deleted=False,
            **{field: getattr(policy, field) for field in _VERSIONED},
        )
    )


# What governs changes with an edit only: one history per organization, known by the count of its edits and the instant
# of the last, for an edit that was rolled back leaves its count to the next one. The key names the database too, for
# processes (tests above all) that serve several.
_governance: dict[tuple[str, UUID], tuple[int, datetime | None, Governance]] = {}


def governance(organization_id: UUID) -> tuple[int, Governance]:
    """(count of edits, the rulebooks over time) of an organization."""
    seq, changed_at = db.session.execute(
        select(OrganizationRow.policies_seq, OrganizationRow.policies_changed_at).where(
            OrganizationRow.id == organization_id
        )
    ).one()
    place = (str(db.engine.url), organization_id)
    known = _governance.get(place)
    if known is None or known[:2] != (seq, changed_at):
        known = (seq, changed_at, Governance(_books(organization_id)))
        _governance[place] = known
    return seq, known[2]


def _books(organization_id: UUID) -> Sequence[tuple[datetime, Rulebook]]:
    query = (
        select(PolicyVersionRow, PolicyRow.created_at)
        .join(PolicyRow, PolicyRow.id == PolicyVersionRow.policy_id)
        .where(PolicyVersionRow.organization_id == organization_id)
        .order_by(PolicyVersionRow.changed_at, PolicyVersionRow.policy_id)
    )
    standing: dict[UUID, PolicyVersion] = {}
    books = []
    rows: Any = db.session.execute(query)
    for changed_at, edits in groupby(rows, key=lambda row: row[0].changed_at):
        for row, created_at in edits:
            standing[row.policy_id] = PolicyVersion(
                policy_id=row.policy_id,
                version=row.version,
                name=row.name,
                channel=row.channel,
                division_id=row.division_id,
                priority=row.priority,
                is_active=row.is_active and not row.deleted,
                is_default=row.is_default,
                created_at=created_at,
                first_response_secs=row.first_response_time_secs,
                resolution_secs=row.resolution_time_secs,
                warning_pct=row.warning_threshold_pct,
            )
        books.append((changed_at, Rulebook(standing.values())))
    return books
