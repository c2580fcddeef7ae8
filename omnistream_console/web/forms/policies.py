"""The form of a policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField

from ...sla.policies import Policy, SlaPolicyCreate
from ...store.divisions import Division
from .base import BooleanField, DurationField, Form, IdField, NumberField


class PolicyForm(Form):
    name = StringField(_l("Name"))
    description = TextAreaField(_l("Description"))
    channel = StringField(_l("Channel"))
    division_id = IdField(_l("Division"))
    first_response_time_secs = DurationField(_l("First response within"))
    resolution_time_secs = DurationField(_l("Resolution within"))
    warning_threshold_pct = NumberField(_l("Warn at"))
    priority = NumberField(_l("Priority"))
    is_active = BooleanField(_l("Active"))
    is_default = BooleanField(_l("Default policy"))
    version = HiddenField()

    required = ("name", "first_response_time_secs", "resolution_time_secs", "warning_threshold_pct", "priority")

    def offering(self, divisions: Sequence[Division]) -> Self:
        """The same form with the divisions to choose from."""
        self.division_id.choices = [("", _("Every division")), *((str(d.id), d.name) for d in divisions)]
        return self

    @classmethod
    def of(cls, policy: Policy | None) -> Self:
        """The form of a policy as it stands, or of a new one."""
        if policy is None:
            fields = SlaPolicyCreate.model_fields
            return cls(data={name: field.default for name, field in fields.items() if name != "name"})
        return cls(
            name=policy.name,
            description=policy.description or "",
            channel=policy.channel or "",
            division_id=str(policy.division_id or ""),
            first_response_time_secs=policy.first_response_time_secs,
            resolution_time_secs=policy.resolution_time_secs,
            warning_threshold_pct=policy.warning_threshold_pct,
            priority=policy.priority,
            is_active=policy.is_active,
            is_default=policy.is_default,
            version=str(policy.version),
        )
