"""SLA policies: the list in the order in which they are tried, and what is done with one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from ...sla import policies as rules
from ...sla.policies import Policy
from ...sla.problems import Invalid, Problem, Refused
from ...store import agents, breaches, clocks, divisions, policies
from ...store.database import new_id, transaction
from ...work import recalculate
from .. import messages, shapes
from ..body import read_object
from ..forms.policies import PolicyForm
from ..identity import user
from ..replies import done, invalid, refused, require_version, show
from ..representation import body_is_json
from ..tongue import now

# How long the answer to an edit waits for the conversations under way to be brought over; the worker does the rest.
PATIENCE = timedelta(seconds=1)
MOST_BREACHES = 100


class _Unchanged(Exception):
    """Ends an edit that says what stands already: it is none, and no conversation is judged again for it."""


class _Overtaken(Exception):
    """Ends the edit of a form that was opened before the latest edit."""

    def __init__(self, form: PolicyForm) -> None:
        super().__init__()
        self.form = form


def index() -> Response:
    """The policies in the order in which they are tried, the default last."""
    found = policies.of(user().organization_id)
    return show(
        page="policies/index.html",
        fragment="policies/_list.html",
        context=lambda: _list_context(found),
        json=lambda: [shapes.policy(policy) for policy in found],
    )


def _list_context(found: list[Policy]) -> Mapping[str, Any]:
    names = {division.id: division.name for division in divisions.of(user().organization_id)}
    return {
        "policies": found,
        "division_names": names,
        "open_counts": clocks.governed_by(user().organization_id),
    }


def new() -> Response:
    """The empty form."""
    form = _offering(PolicyForm.of(None))
    return show(
        page="policies/edit.html",
        fragment="policies/_form.html",
        context=lambda: _edit_context(form, None),
        json=lambda: rules.SlaPolicyCreate.model_construct(name="").model_dump(exclude_none=True),
    )


def create() -> Response:
    """A new policy. It applies to conversations under way at once."""
    form = None if body_is_json() else _offering(PolicyForm.submitted())
    try:
        values = form.values() if form else read_object()
        given = rules.validated(rules.SlaPolicyCreate, values)
        with transaction():
            _check(given)
            at = policies.begin_edit(user().organization_id, now())
            policy = rules.create(new_id(), user().organization_id, given, at)
            _move_default(policy)
            policies.add(policy, user().id)
    except Invalid as refusal:
        return _invalid(form, None, refusal.errors)
    except Refused as refusal:
        return _refused(form, None, refusal)
    _bring_over()
    return done(
        json=lambda: shapes.policy(policy),
        location=url_for("api.policy", id=policy.id),
        etag=_etag(policy),
        goto=url_for("pages.policies"),
        fragment="policies/_list.html",
        context=lambda: _list_context(policies.of(user().organization_id)),
        message=_("Policy “%(name)s” created.", name=policy.name),
    )


def one(id: UUID) -> Response:
    """One policy: its form, or its JSON with the ETag that a change may name."""
    policy = _found(id)
    form = _offering(PolicyForm.of(policy))
    return show(
        page="policies/edit.html",
        fragment="policies/_form.html",
        context=lambda: _edit_context(form, policy),
        json=lambda: shapes.policy(policy),
        etag=_etag(policy),
    )


def update(id: UUID) -> Response:
    """Changes what is given. Conversations under way are brought to the new version."""
    policy = _found(id)
    form = None if body_is_json() else _offering(PolicyForm.submitted())
    try:
        values = form.values() if form else read_object()
        given = rules.validated(rules.SlaPolicyUpdate, values)
        with transaction():
            at = policies.begin_edit(user().organization_id, now())
            policy = _found(id)
            require_version(_etag(policy))
            if form is not None and form.version.data not in (None, "", str(policy.version)):
                raise _Overtaken(form)
            _check(given, but=policy)
            changed = rules.change(policy, given, at)
            if changed is policy:
                raise _Unchanged
            _move_default(changed)
            policies.save(changed, user().id)
    except _Unchanged:
        changed = policy
    except _Overtaken as overtaken:
        return _changed_meanwhile(overtaken.form, policy, given)
    except Invalid as refusal:
        return _invalid(form, policy, refusal.errors)
    except Refused as refusal:
        return _refused(form, policy, refusal)
    _bring_over()
    return done(
        json=lambda: shapes.policy(changed),
        etag=_etag(changed),
        goto=url_for("pages.policies"),
        fragment="policies/_list.html",
        context=lambda: _list_context(policies.of(user().organization_id)),
        message=_("Policy “%(name)s” saved.", name=changed.name),
    )


def delete_ask(id: UUID) -> Response:
    """Says what deleting would do, and asks once."""
    policy = _found(id)
    return show(
        page="policies/delete.html", context=lambda: _delete_context(policy), json=lambda: shapes.policy(policy)
    )


def delete(id: UUID) -> Response:
    """Takes a policy out of use. Running clocks go to whichever policy takes them next; its breaches stay."""
    try:
        with transaction():
            at = policies.begin_edit(user().organization_id, now())
            policy = _found(id)
            require_version(_etag(policy))
            rules.check_deletable(policy)
            policies.delete(policy, user().id, at)
    except Refused as refusal:
        policy = _found(id)
        return refused(
            messages.refusal(refusal.code), page="policies/delete.html", context=lambda: _delete_context(policy)
        )
    _bring_over()
    return done(
        json=lambda: {"message": _("Policy “%(name)s” deleted.", name=policy.name), "id": str(policy.id)},
        goto=url_for("pages.policies"),
        message=_("Policy “%(name)s” deleted.", name=policy.name),
    )


def policy_breaches(id: UUID) -> Response:
    """The newest hundred breaches of a policy, also of one that is deleted."""
    policy = policies.get(user().organization_id, id, deleted=True)
    if policy is None:
        raise NotFound
    found = breaches.newest(user().organization_id, breaches.Filters(policy_id=id), now(), limit=MOST_BREACHES)
    return show(
        page="policies/breaches.html",
        fragment="breaches/_list.html",
        context=lambda: {"policy": policy, "breaches": found, "deleted": policies.is_deleted(id)},
        json=lambda: [shapes.breach(breach) for breach in found],
    )


def _found(id: UUID) -> Policy:
    policy = policies.get(user().organization_id, id)
    if policy is None:
        raise NotFound
    return policy


def _etag(policy: Policy) -> str:
    return f"{policy.version}"


def _check(given: Mapping[str, Any], but: Policy | None = None) -> None:
    """What only the organization knows: whether the name is free and the division there. Raises Invalid."""
    errors: dict[str, list[Problem]] = {}
    organization_id = user().organization_id
    name, division_id = given.get("name"), given.get("division_id")
    if name is not None and policies.name_taken(organization_id, name, but=but.id if but else None):
        errors["name"] = [Problem("name_taken", {})]
    if division_id is not None and not divisions.exists(organization_id, division_id):
        errors["division_id"] = [Problem("no_such_division", {})]
    if errors:
        raise Invalid(errors)


def _move_default(policy: Policy) -> None:
    """Takes the mark from the policy that had it, in the same transaction and at the same instant."""
    before = policies.default(policy.organization_id) if policy.is_default else None
    if before is not None and before.id != policy.id:
        policies.save(rules.unmarked(before, policy.updated_at), user().id)


def _bring_over() -> None:
    recalculate.at_once(user().organization_id, now(), PATIENCE)


def _offering(form: PolicyForm) -> PolicyForm:
    return form.offering(divisions.of(user().organization_id))


def _edit_context(form: PolicyForm, policy: Policy | None) -> Mapping[str, Any]:
    return {"form": form, "policy": policy, "changed_meanwhile": None, "changed_by": None}


def _delete_context(policy: Policy) -> Mapping[str, Any]:
    governs = clocks.governed_by(policy.organization_id).get(policy.id, 0)
    return {"policy": policy, "governs": governs, "refusal": None}


def _invalid(form: PolicyForm | None, policy: Policy | None, errors: Mapping[str, Any]) -> Response:
    return invalid(
        errors,
        form=form,
        page="policies/edit.html",
        fragment="policies/_form.html",
        context=lambda: {"policy": policy, "changed_meanwhile": None, "changed_by": None},
    )


def _refused(form: PolicyForm | None, policy: Policy | None, refusal: Refused) -> Response:
    context = _edit_context(form, policy) if form else {}
    return refused(messages.refusal(refusal.code), page="policies/edit.html" if form else None, context=lambda: context)


def _changed_meanwhile(form: PolicyForm, policy: Policy, given: Mapping[str, Any]) -> Response:
    """The second of two editors: what the first one changed stands beside what this one typed, and nothing is lost.
    Sending the form again overrules it."""
    number = str(form.version.data)[:9]
    opened = policies.version(policy, int(number)) if number.isdecimal() else None
    base = opened[0] if opened else policy
    latest = policies.version(policy, policy.version)
    shown = PolicyForm.of(policy).offering(divisions.of(policy.organization_id))
    rows = [
        (shown[field].label.text, _as_read(shown, field), _as_read(form, field))
        for field in rules.differences(base, policy)
    ]
    form.version.data = str(policy.version)
    by = agents.person(latest[1]) if latest and latest[1] else None
    context = {
        "form": form,
        "policy": policy,
        "changed_meanwhile": rows,
        "changed_by": by.name if by else None,
    }
    return refused(
        _("Somebody else saved this policy while you were editing it."),
        page="policies/edit.html",
        context=lambda: context,
    )


def _as_read(form: PolicyForm, name: str) -> str:
    """A field's value as people read it."""
    field: Any = form[name]
    if field.type == "BooleanField":
        return _("yes") if field.data else _("no")
    if field.type == "IdField":
        return dict(field.choices).get(str(field.data or ""), "")
    return str(field.data or "")
