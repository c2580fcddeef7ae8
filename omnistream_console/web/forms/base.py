"""What all forms share: texts into values, and problems beside their fields.

A form turns what was typed into the values that a JSON body would have, no more: the same models then judge both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

import wtforms
from flask import request
from markupsafe import Markup
from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput

from ...sla import durations
from ...sla.problems import Invalid, Problem

CHANNEL = re.compile(r"[a-z0-9_-]{1,40}")


class Unreadable(ValueError):
    """A text that is none of the values that a field can have."""

    def __init__(self, code: str, **figures: Any) -> None:
        super().__init__(code)
        self.problem = Problem(code, figures)


class Form(wtforms.Form):
    """A form of the console. Field names are the JSON keys."""

    @classmethod
    def submitted(cls, **arguments: Any) -> Self:
        """The form as it was sent."""
        return cls(request.form, **arguments)

    def values(self) -> dict[str, Any]:
        """What the fields say, as a JSON body would; those that were not sent are left out. Raises Invalid."""
        values: dict[str, Any] = {}
        errors: dict[str, list[Problem]] = {}
        for name, field in self._fields.items():
            if name in self.meta_fields or name not in request.form:
                continue
            try:
                values[name] = value_of(field)
                if values[name] is None and name in self.required:
                    raise Unreadable("required")
            except Unreadable as refusal:
                errors[name] = [refusal.problem]
        if errors:
            raise Invalid(errors)
        return values

    # Fields that steer the form and are no values of what it edits.
    meta_fields: Sequence[str] = ("version", "next")
    # Fields that cannot be left empty: in a JSON body null would be of the wrong type there.
    required: Sequence[str] = ()

    def show(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Puts sentences beside their fields; those without a field above the form."""
        for name, texts in errors.items():
            if name in self._fields:
                self._fields[name].errors = list(texts)
            else:
                self.form_errors.extend(texts)


def value_of(field: Field) -> Any:
    """The value that a field's text stands for; an empty text is None. Raises Unreadable."""
    read = getattr(field, "value", None)
    if callable(read):
        return read()
    if isinstance(field, wtforms.BooleanField | SelectMultipleField):
        return field.data
    text = field.data if isinstance(field.data, str) else ""
    return text.strip() or None


class _Box(CheckboxInput):
    """A box that is sent also when it is not ticked, so that leaving it out and taking the tick away differ."""

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        hidden = Markup('<input type="hidden" name="{}" value="">').format(field.name)
        return hidden + super().__call__(field, **attributes)


class BooleanField(wtforms.BooleanField):
    """Yes or no."""

    widget = _Box()

    def _value(self) -> str:
        # WTForms says what was sent first, which is the hidden field's: drawn again, a tick would mean no.
        return "y"

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = any(value not in ("", "false", "0", False) for value in valuelist)


class DurationField(StringField):
    """Seconds, typed as `1h 30m`. A bare number is refused, for nobody knows what it counts."""

    def process_data(self, value: Any) -> None:
        self.data = durations.spell(value) if isinstance(value, int) else value

    def value(self) -> int | None:
        text = (self.data or "").strip()
        if not text:
            return None
        try:
            return durations.parse(text)
        except durations.Unclear as unclear:
            if unclear.number is not None:
                raise Unreadable("bare_number", number=unclear.number) from None
            raise Unreadable("unclear_duration") from None


class NumberField(StringField):
    """A whole number."""

    def process_data(self, value: Any) -> None:
        self.data = None if value is None else str(value)

    def value(self) -> int | None:
        text = (self.data or "").strip()
        if not text:
            return None
        try:
            if len(text) > 20:
                raise ValueError
            return int(text)
        except ValueError:
            raise Unreadable("unclear_number") from None


class IdField(SelectField):
    """One of some objects, or none. What was sent is judged by the rules, like a JSON body's."""

    def __init__(self, label: str | None = None, **arguments: Any) -> None:
        super().__init__(label, validate_choice=False, **arguments)

    def pre_validate(self, form: Any) -> None:
        return

    def value(self) -> str | None:
        text = str(self.data or "").strip()
        return text or None


def uuid_or_none(text: str | None) -> UUID | None:
    """A UUID as a query names it. Raises Unreadable."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise Unreadable("not_a_uuid") from None


def channel_or_none(text: str | None) -> str | None:
    """A channel as a query names it. Raises Unreadable."""
    if not text:
        return None
    if not CHANNEL.fullmatch(text):
        raise Unreadable("not_a_channel")
    return text


def day_start(text: str, zone: ZoneInfo, *, end: bool = False) -> datetime:
    """A date of the organization's zone, or an RFC 3339 instant, as an instant; a date that ends a period counts
    whole. Raises Unreadable."""
    try:
        at = datetime.fromisoformat(text)
        if len(text) <= 10:
            at = datetime.combine(at.date() + timedelta(days=end), time(), tzinfo=zone)
        if at.tzinfo is None:
            at = at.replace(tzinfo=zone)
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("unclear_date") from None
