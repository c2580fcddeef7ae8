"""What the ladder needs to know of each view: whom it is about, what it takes, what it refuses.

A row a view; `test_ladder.py` fails for a route without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from omnistream_console.web.routes import ROUTES
from omnistream_console.web.routing import Route
from tests.support.web import PASSWORD, House

_numbers = count(1)
Values = Mapping[str, Any]
POLICY, CONVERSATION = "policy", "conversation"


@dataclass(frozen=True)
class Row:
    """`body` and `fields` are what an API consumer and a form send so that it works; `bad` and `bad_fields` what is
    refused, naming the fields `names`."""

    about: str | None = None
    body: Callable[[House], Values] | None = None
    fields: Callable[[House], Values] | None = None
    bad: Values | None = None
    bad_fields: Values | None = None
    names: tuple[str, ...] = ()
    partial: bool = False  # has a fragment of its own
    fragment_of_form: bool = False  # its refused form has one
    mimetype: Mapping[str, str] = field(default_factory=dict)  # where it is not what the kind says
    works: bool = True  # False: needs a stage of its own, and has its own tests


def nobody_else(what: str) -> str:
    """A name that no other test has taken."""
    return f"{what} {next(_numbers)}"


def _policy_fields(home: House) -> Values:
    return {
        "name": nobody_else("Typed"),
        "first_response_time_secs": "5m",
        "resolution_time_secs": "1h 30m",
        "warning_threshold_pct": "80",
        "priority": "0",
        "is_active": "y",
    }


ROWS: Mapping[str, Row] = {
    "session.home": Row(works=False),
    "session.setup": Row(works=False),
    "session.set_up": Row(works=False),
    "session.login": Row(works=False),
    "session.log_in": Row(
        works=False,
        bad={"email": 3, "password": ""},
        names=("email", "password"),
        bad_fields={"email": "a", "password": ""},
    ),
    "session.registration": Row(
        body=lambda home: {
            "organization": nobody_else("Firm"),
            "timezone": "UTC",
            "name": "Sari",
            "email": "sari@firm.example",
            "password": PASSWORD,
        },
        bad={"organization": "", "timezone": "UTC", "name": "S", "email": "no address", "password": "short"},
        names=("organization", "email", "password"),
    ),
    "session.log_out": Row(),
    "session.me": Row(),
    "session.token": Row(),
    "session.language": Row(works=False),
    "board.index": Row(partial=True),
    "conversations.create": Row(
        body=lambda home: {"channel": "email", "contact_name": "Dewi"},
        fields=lambda home: {"channel": "email", "contact_name": "Dewi", "opened_by": "customer"},
        bad={"channel": "E-Mail!", "contact_name": 7, "speed": 1},
        bad_fields={"channel": "email", "contact_name": "", "subject": "typed already"},
        names=("contact_name",),
    ),
    "conversations.new": Row(),
    "conversations.one": Row(CONVERSATION, partial=True),
    "conversations.sla": Row(CONVERSATION, partial=True),
    "conversations.messages_of": Row(CONVERSATION),
    "conversations.add_message": Row(
        CONVERSATION,
        body=lambda home: {"sender": "agent", "body": "Hello"},
        fields=lambda home: {"sender": "agent", "body": "Hello"},
        bad={"sender": "stranger", "body": ""},
        bad_fields={"sender": "stranger", "body": "typed already"},
        names=("sender",),
        partial=True,
    ),
    "conversations.change_status": Row(
        CONVERSATION,
        body=lambda home: {"status": "pending"},
        fields=lambda home: {"status": "pending"},
        bad={"status": "asleep"},
        bad_fields={"status": "asleep"},
        names=("status",),
        partial=True,
    ),
    "conversations.assign": Row(
        CONVERSATION,
        body=lambda home: {"agent_id": str(home.people["agent"].id)},
        fields=lambda home: {"agent_id": str(home.people["agent"].id)},
        bad={"agent_id": "nobody"},
        bad_fields={"agent_id": "nobody"},
        names=("agent_id",),
        partial=True,
    ),
    "conversations.takeover": Row(CONVERSATION, partial=True),
    "conversations.transfer": Row(
        CONVERSATION,
        body=lambda home: {"division_id": str(home.sales)},
        fields=lambda home: {"division_id": str(home.sales), "channel": "", "note": "please"},
        bad={"division_id": "nowhere"},
        bad_fields={"division_id": "nowhere", "note": "typed already"},
        names=("division_id",),
        partial=True,
    ),
    "conversations.transfers_of": Row(CONVERSATION),
    "policies.index": Row(partial=True),
    "policies.create": Row(
        body=lambda home: {"name": nobody_else("Sent")},
        fields=_policy_fields,
        bad={"name": "x", "priority": "high", "speed": 1},
        bad_fields={"name": "typed already", "first_response_time_secs": "soon", "priority": "high"},
        names=("priority",),
        partial=True,
        fragment_of_form=True,
    ),
    "policies.new": Row(partial=True),
    "policies.one": Row(POLICY, partial=True),
    "policies.update": Row(
        POLICY,
        body=lambda home: {"priority": 3},
        fields=lambda home: {"priority": "3"},
        bad={"priority": "high", "speed": 1},
        bad_fields={"name": "typed already", "first_response_time_secs": "soon", "priority": "high"},
        names=("priority",),
        partial=True,
        fragment_of_form=True,
    ),
    "policies.delete_ask": Row(POLICY),
    "policies.delete": Row(POLICY, fields=lambda home: {}, partial=True),
    "policies.policy_breaches": Row(POLICY, partial=True),
    "breaches.index": Row(partial=True),
    "breaches.as_csv": Row(mimetype={"page": "text/csv", "fragment": "text/csv", "json": "text/csv"}),
    "people.all_divisions": Row(),
    "people.create_division": Row(
        body=lambda home: {"name": nobody_else("Division")},
        fields=lambda home: {"name": nobody_else("Division")},
        bad={"name": "  "},
        bad_fields={"name": "  "},
        names=("name",),
        partial=True,
    ),
    "people.all_agents": Row(),
    "people.create_agent": Row(
        body=lambda home: {"email": f"p{next(_numbers)}@x.example", "name": "P", "role": "agent"},
        fields=lambda home: {"email": f"p{next(_numbers)}@x.example", "name": "P", "role": "agent", "password": ""},
        bad={"email": "no address", "name": "P", "role": "boss"},
        bad_fields={"email": "no address", "name": "typed already", "role": "agent"},
        names=("email",),
        partial=True,
    ),
    "service.events": Row(body=lambda home: {}, works=False),
    "service.health": Row(),
    "service.openapi": Row(),
    "service.docs": Row(mimetype={"api": "text/html"}),
}


def key(route: Route) -> str:
    """`policies.update`: the view, by the noun whose module it is in."""
    return f"{route.view.__module__.rpartition('.')[2]}.{route.view.__name__}"


def row(route: Route) -> Row:
    return ROWS[key(route)]


BY_KEY = {key(route): route for route in ROUTES}
