"""The forms of organizations and people: setting up, signing in, divisions, agents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField, SelectField, SelectMultipleField, StringField

from ...store.agents import ROLES
from ...store.divisions import Division
from ..words import role_name
from .base import Form, IdField


class SetupForm(Form):
    organization = StringField(_l("Organization"))
    timezone = SelectField(_l("Time zone"), validate_choice=False, default="Asia/Jakarta")
    name = StringField(_l("Your name"))
    email = StringField(_l("E-mail"))
    password = PasswordField(_l("Password"))

    required = ("organization", "timezone", "name", "email", "password")

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        names = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.timezone.choices = [(zone, zone.replace("_", " ")) for zone in ("UTC", *names)]


class LoginForm(Form):
    email = StringField(_l("E-mail"))
    password = PasswordField(_l("Password"))
    organization = IdField(_l("Organization"))
    next = HiddenField()

    required = ("email", "password")


class DivisionForm(Form):
    name = StringField(_l("Name"))

    required = ("name",)


class AgentForm(Form):
    name = StringField(_l("Name"))
    email = StringField(_l("E-mail"))
    role = SelectField(_l("Role"), validate_choice=False, default="agent")
    division_ids = SelectMultipleField(_l("Divisions"), validate_choice=False)
    password = PasswordField(_l("Password"))

    required = ("name", "email", "role")

    def offering(self, divisions: Sequence[Division]) -> Self:
        """The same form with what there is to choose from."""
        self.role.choices = [(role, role_name(role)) for role in reversed(ROLES)]
        self.division_ids.choices = [(str(division.id), division.name) for division in divisions]
        return self
