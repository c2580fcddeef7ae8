"""The forms of a conversation: open one, write, change status, assign, transfer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField

from ...sla.timeline import STATUSES
from ...store.divisions import Division
from ..words import channel_name, status_name
from .base import Form, IdField

CHANNELS = ("whatsapp", "instagram", "messenger", "email", "webchat")


class ConversationForm(Form):
    channel = SelectField(_l("Channel"), validate_choice=False)
    contact_name = StringField(_l("Contact"))
    contact_address = StringField(_l("Address or number"))
    subject = StringField(_l("Subject"))
    division_id = IdField(_l("Division"))
    opened_by = RadioField(_l("Who wrote first"), validate_choice=False, default="customer")
    message = TextAreaField(_l("First message"))

    required = ("channel", "contact_name", "opened_by")

    def offering(self, divisions: Sequence[Division]) -> Self:
        """The same form with what there is to choose from."""
        self.channel.choices = [(name, channel_name(name)) for name in CHANNELS]
        self.division_id.choices = [("", _("No division")), *((str(d.id), d.name) for d in divisions)]
        self.opened_by.choices = [("customer", _("The customer")), ("agent", _("One of us"))]
        return self


class MessageForm(Form):
    sender = SelectField(_l("As"), validate_choice=False, default="agent")
    body = TextAreaField(_l("Message"))

    required = ("sender", "body")

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.sender.choices = [
            ("agent", _("Reply to the customer")),
            ("note", _("Internal note")),
            ("customer", _("What the customer wrote")),
        ]


class StatusForm(Form):
    status = SelectField(_l("Status"), validate_choice=False)

    required = ("status",)

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        self.status.choices = [(name, status_name(name)) for name in STATUSES]


class AssignForm(Form):
    agent_id = IdField(_l("Agent"))

    def offering(self, agents: Sequence[tuple[Any, str]]) -> Self:
        """The same form with the people to choose from."""
        self.agent_id.choices = [("", _("Nobody")), *((str(id), name) for id, name in agents)]
        return self


class TransferForm(Form):
    division_id = IdField(_l("Division"))
    channel = SelectField(_l("Channel"), validate_choice=False)
    note = TextAreaField(_l("Note"))

    def offering(self, divisions: Sequence[Division]) -> Self:
        """The same form with where it can go."""
        self.division_id.choices = [("", _("As it is")), *((str(d.id), d.name) for d in divisions)]
        self.channel.choices = [("", _("As it is")), *((name, channel_name(name)) for name in CHANNELS)]
        return self
