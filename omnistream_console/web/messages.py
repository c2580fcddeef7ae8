"""Codes into words: what is wrong with a value, and what a status means, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from ..sla.policies import LONGEST_SECS
from ..sla.problems import Problem

_PLAIN = {
    "missing": _l("This field is required."),
    "required": _l("This field is required."),
    "extra_forbidden": _l("There is no such field."),
    "unknown_field": _l("There is no such field."),
    "int_type": _l("A whole number is wanted."),
    "int_parsing": _l("A whole number is wanted."),
    "int_from_float": _l("A whole number is wanted."),
    "int_parsing_size": _l("That number is too large."),
    "not_an_integer": _l("A whole number is wanted."),
    "bool_type": _l("true or false is wanted."),
    "string_type": _l("A text is wanted."),
    "not_a_string": _l("A text is wanted."),
    "string_unicode": _l("The text has characters that cannot be stored."),
    "not_text": _l("The text has characters that cannot be stored."),
    "value_error": _l("The text has characters that cannot be stored."),
    "blank": _l("This must not be empty."),
    "is_instance_of": _l("An id (UUID) is wanted."),
    "uuid_type": _l("An id (UUID) is wanted."),
    "uuid_parsing": _l("An id (UUID) is wanted."),
    "not_a_uuid": _l("An id (UUID) is wanted."),
    "list_type": _l("A list is wanted."),
    "not_an_object": _l("An object is wanted."),
    "string_pattern_mismatch": _l("Use 1 to 40 characters of a-z, 0-9, _ and -."),
    "not_a_channel": _l("Use 1 to 40 characters of a-z, 0-9, _ and -."),
    "not_an_instant": _l("A time with its offset is wanted, such as 2026-03-02T09:30:00+07:00."),
    "in_the_future": _l("That is more than five minutes ahead of the server's clock."),
    "too_early": _l("That is before 1970."),
    "at_not_allowed": _l("Only supervisors, admins and keys with the scope ingest may say when something happened."),
    "name_taken": _l("Another one has this name already."),
    "email_taken": _l("This address is known already."),
    "not_an_email": _l("That is no e-mail address."),
    "password_short": _l("A password has at least 10 characters."),
    "external_id_taken": _l("A conversation with this external id is there already."),
    "unknown_division": _l("There is no such division."),
    "unknown_agent": _l("There is no such person."),
    "already_created": _l("Another event has created this conversation before."),
    "of_another_conversation": _l("That event belongs to another conversation."),
    "holds_the_conversation": _l("That event created the conversation and cannot be void."),
    "no_such_division": _l("There is no such division."),
    "no_such_agent": _l("There is no such person."),
    "no_such_policy": _l("There is no such policy."),
    "no_such_timezone": _l("There is no such time zone. An IANA name is wanted, such as Asia/Jakarta."),
    "not_both": _l("Only one of the two can be given."),
    "nothing_to_do": _l("A division or a channel is wanted."),
    "unclear_duration": _l("Type a duration such as 5m, 1h 30m, 2d or 90s."),
    "unclear_number": _l("Type a whole number."),
    "unclear_date": _l("Type a date such as 2026-03-02."),
    "other_source": _l("That is not the source that was named."),
    "bad_cursor": _l("This page marker is not one of ours. Begin at the first page."),
    "default_inactive": _l("An inactive policy cannot be the default. Activate it first."),
    "default_deactivated": _l("The default policy cannot be deactivated. Make another one the default first."),
    "default_deleted": _l("The default policy cannot be deleted. Make another one the default first."),
    "closed": _l("This conversation is closed. Open a new one for what the customer writes now."),
    "wrong": _l("This value is not valid."),
}


def in_words(problem: Problem) -> str:
    """One problem as a sentence."""
    code = problem.code
    figures = problem.figures
    if code in ("string_too_short", "too_short"):
        # Only a password has to be longer than one character.
        return str(_PLAIN["password_short" if int(figures.get("min_length") or 1) > 1 else "blank"])
    if code in ("string_too_long", "too_long"):
        most = int(figures.get("max_length") or figures.get("limit") or 0)
        return ngettext("At most %(num)s character.", "At most %(num)s characters.", most)
    if code in ("greater_than_equal", "less_than_equal", "out_of_range"):
        return _bounds(code, figures)
    if code in ("literal_error", "unknown_choice", "unknown_type"):
        return _("One of these is wanted: %(choices)s.", choices=figures.get("expected") or figures.get("choices"))
    if code == "bare_number":
        number = figures["number"]
        return _(
            "%(number)s of what? Type %(number)sm for minutes or %(number)ss for seconds.",
            number=number,
        )
    return str(_PLAIN.get(code, _PLAIN["wrong"]))


def _bounds(code: str, figures: Mapping[str, Any]) -> str:
    if code == "out_of_range":
        return _("Between %(low)s and %(high)s.", low=figures["low"], high=figures["high"])
    if "ge" in figures:
        return _("At least %(least)s.", least=figures["ge"])
    if figures.get("le") == LONGEST_SECS:
        return _("At most %(most)s seconds, which is ten years.", most=LONGEST_SECS)
    return _("At most %(most)s.", most=figures["le"])


def all_in_words(errors: Mapping[str, Sequence[Problem]]) -> dict[str, list[str]]:
    """Errors as the JSON and the forms carry them: {field: [sentences]}, none twice."""
    return {field: list(dict.fromkeys(in_words(problem) for problem in found)) for field, found in errors.items()}


def refusal(code: str) -> str:
    """Why a change is not to be had."""
    return str(_PLAIN[code])


_TITLES = {
    400: _l("Not understood"),
    401: _l("Not signed in"),
    403: _l("Not allowed"),
    404: _l("Not found"),
    405: _l("Not possible here"),
    409: _l("Not as things stand"),
    412: _l("Changed meanwhile"),
    413: _l("Too large"),
    415: _l("Unknown kind of body"),
    422: _l("Not valid"),
    429: _l("Too many attempts"),
    500: _l("Something went wrong"),
    503: _l("Not available"),
}


def title(status: int) -> str:
    """The short name of a status."""
    return str(_TITLES.get(status, _TITLES[500 if status >= 500 else 400]))
