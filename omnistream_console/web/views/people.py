"""Divisions and agents of an organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from ... import passwords
from ...sla.problems import Invalid, Problem
from ...store import agents, board, divisions, organizations
from ...store.database import transaction
from .. import bodies, shapes
from ..body import read_object
from ..forms.people import AgentForm, DivisionForm
from ..identity import user
from ..replies import done, invalid, show
from ..representation import body_is_json
from ..tongue import now


def all_divisions() -> Response:
    """The divisions by name."""
    form = DivisionForm()
    return show(
        page="settings/divisions.html",
        context=lambda: {"form": form, **_divisions()},
        json=lambda: [shapes.division(division) for division in divisions.of(user().organization_id)],
    )


def create_division() -> Response:
    """A new division."""
    form = None if body_is_json() else DivisionForm.submitted()
    try:
        body = bodies.judged(bodies.DivisionCreate, form.values() if form else read_object(), now())
        with transaction():
            if divisions.by_name(user().organization_id, body.name):
                raise Invalid({"name": [Problem("name_taken", {})]})
            division = divisions.create(user().organization_id, body.name, now())
            organizations.touch(user().organization_id)
    except Invalid as refusal:
        return invalid(refusal.errors, form=form, page="settings/divisions.html", context=_divisions)
    return done(
        json=lambda: shapes.division(division),
        location=url_for("api.divisions"),
        goto=url_for("pages.divisions"),
        message=_("Division “%(name)s” created.", name=division.name),
    )


def _divisions() -> Mapping[str, Any]:
    return {
        "divisions": divisions.of(user().organization_id),
        "open_counts": board.open_by_division(user().organization_id),
    }


def all_agents() -> Response:
    """The people of the organization by name."""
    return show(
        page="settings/agents.html",
        context=lambda: {"form": _offered(AgentForm()), **_agents()},
        json=lambda: [shapes.agent(agent) for agent in agents.of(user().organization_id)],
    )


def create_agent() -> Response:
    """A new person; without a password one who cannot sign in."""
    form = None if body_is_json() else _offered(AgentForm.submitted())
    try:
        values = form.values() if form else read_object()
        body = bodies.judged(bodies.AgentCreate, _without_empty(values) if form else values, now())
        known = {division.id for division in divisions.of(user().organization_id)}
        if not known.issuperset(body.division_ids):
            raise Invalid({"division_ids": [Problem("no_such_division", {})]})
        password_hash = passwords.hash_password(body.password) if body.password else None
        with transaction():
            if agents.by_email(user().organization_id, body.email):
                raise Invalid({"email": [Problem("email_taken", {})]})
            agent = agents.create(
                user().organization_id,
                email=body.email,
                name=body.name,
                role=body.role,
                now=now(),
                password_hash=password_hash,
                divisions=body.division_ids,
            )
            organizations.touch(user().organization_id)
    except Invalid as refusal:
        return invalid(refusal.errors, form=form, page="settings/agents.html", context=_agents)
    return done(
        json=lambda: shapes.agent(agent),
        location=url_for("api.agents"),
        goto=url_for("pages.agents"),
        message=_("%(name)s added.", name=agent.name),
    )


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _offered(form: AgentForm) -> AgentForm:
    return form.offering(divisions.of(user().organization_id))


def _agents() -> Mapping[str, Any]:
    return {
        "agents": agents.of(user().organization_id),
        "division_names": {division.id: division.name for division in divisions.of(user().organization_id)},
    }
