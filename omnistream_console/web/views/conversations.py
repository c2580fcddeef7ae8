"""One conversation: its timeline, its clocks, and what moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response

from ...sla.clocks import Clock
from ...sla.problems import Invalid, Problem
from ...sla.timeline import MESSAGES, TRANSFER, UNDERWAY
from ...store import agents, clocks, conversations, divisions, timeline
from ...store.conversations import Conversation
from ...store.database import transaction
from ...work import intake
from ...work.derive import bring_over
from .. import bodies, messages, shapes
from ..body import read_object
from ..forms.base import Form
from ..forms.conversations import AssignForm, ConversationForm, MessageForm, StatusForm, TransferForm
from ..identity import user
from ..replies import done, invalid, refused, show
from ..representation import body_is_json
from ..tongue import now
from .board import row_of


def new() -> Response:
    """The empty form."""
    form = ConversationForm()
    return show(page="conversations/new.html", context=lambda: {"form": _offered(form)}, json=dict)


def create() -> Response:
    """A new conversation, with its first message where there is one."""
    form = None if body_is_json() else _offered(ConversationForm.submitted())
    try:
        body = _judged(bodies.ConversationCreate, form, dated=True)
        _check_division(body.division_id)
        with transaction():
            _check_external_id(body.external_id)
            id = intake.open_conversation(
                user().organization_id,
                intake.Opening(**body.model_dump()),
                intake.By(now(), user().id if body.opened_by == "agent" else None),
            )
    except Invalid as refusal:
        return invalid(refusal.errors, form=form, page="conversations/new.html")
    return done(
        json=lambda: _json(*_current(id)),
        location=url_for("api.conversation", id=id),
        goto=url_for("pages.conversation", id=id),
        message=_("Conversation opened."),
    )


def one(id: UUID) -> Response:
    """One conversation with its timeline and both clocks."""
    conversation, kept = _current(id)
    return show(
        page="conversations/show.html",
        fragment="conversations/_sla.html",
        context=lambda: _context(conversation, kept),
        json=lambda: _json(conversation, kept),
    )


def sla(id: UUID) -> Response:
    """The figures of its clocks; in JSON null for a conversation without one."""
    conversation, kept = _current(id)
    return show(
        page="conversations/sla.html",
        fragment="conversations/_sla.html",
        context=lambda: {
            "conversation": row_of(conversation, kept),
            "clocks": shapes.readings(kept, now()),
        },
        json=lambda: shapes.conversation_sla(id, kept, now()),
    )


def messages_of(id: UUID) -> Response:
    """Its messages and notes, oldest first."""
    _found(id)
    found = [entry for entry in timeline.entries(id, MESSAGES) if entry.voided_at is None]
    return show(page="conversations/show.html", json=lambda: [shapes.message(id, entry) for entry in found])


def transfers_of(id: UUID) -> Response:
    """Where it has been moved, oldest first."""
    _found(id)
    found = [entry for entry in timeline.entries(id, (TRANSFER,)) if entry.voided_at is None]
    return show(page="conversations/show.html", json=lambda: [shapes.transfer(entry) for entry in found])


def add_message(id: UUID) -> Response:
    """A message or an internal note."""
    _found(id)
    form = None if body_is_json() else MessageForm.submitted()
    try:
        body = _judged(bodies.MessageCreate, form, dated=True)
        if body.sender not in ("agent", "note") and not user().may_date_facts:
            raise Forbidden(_("Agents write replies and notes. What customers and bots say comes from the channels."))
        with transaction():
            if body.external_id and timeline.known(user().organization_id, intake.CONSOLE, [body.external_id]):
                raise Invalid({"external_id": [Problem("external_id_taken", {})]})
            actor = user().id if body.sender in ("agent", "note") else None
            by = intake.By(now(), actor, body.at, body.external_id)
            fact = intake.add_message(user().organization_id, id, body.sender, body.body, by)
    except Invalid as refusal:
        return _invalid(id, "message_form", form, refusal)
    except intake.Closed:
        return refused(
            messages.refusal("closed"), page="conversations/show.html", context=lambda: _page(id, message_form=form)
        )
    entry = next(entry for entry in timeline.entries(id, MESSAGES) if entry.id == fact)
    return _done(
        id,
        _("Message added."),
        json=lambda: shapes.message(id, entry),
        location=url_for("api.messages", id=id),
    )


def change_status(id: UUID) -> Response:
    """Another status from now, or from an instant, on."""
    _found(id)
    form = None if body_is_json() else StatusForm.submitted()
    try:
        body = _judged(bodies.StatusChange, form, dated=True)
        with transaction():
            intake.change_status(user().organization_id, id, body.status, intake.By(now(), user().id, body.at))
    except Invalid as refusal:
        return _invalid(id, "status_form", form, refusal)
    return _done(id, _("Status changed."))


def assign(id: UUID) -> Response:
    """To somebody, or to nobody."""
    _found(id)
    form = None if body_is_json() else AssignForm.submitted()
    try:
        body = _judged(bodies.Assignment, form)
        if body.agent_id is not None and not agents.exists(user().organization_id, body.agent_id):
            raise Invalid({"agent_id": [Problem("no_such_agent", {})]})
        with transaction():
            intake.assign(user().organization_id, id, body.agent_id, intake.By(now(), user().id))
    except Invalid as refusal:
        return _invalid(id, "assign_form", form, refusal)
    return _done(id, _("Assigned.") if body.agent_id else _("Nobody has it now."))


def takeover(id: UUID) -> Response:
    """To whoever asks."""
    _found(id)
    with transaction():
        intake.assign(user().organization_id, id, user().id, intake.By(now(), user().id))
    return _done(id, _("You have it now."))


def transfer(id: UUID) -> Response:
    """To another division or channel, or both. Policies are matched again."""
    _found(id)
    form = None if body_is_json() else TransferForm.submitted()
    try:
        body = _judged(bodies.Transfer, form, dated=True)
        if body.division_id is None and body.channel is None:
            raise Invalid({"division_id": [Problem("nothing_to_do", {})]})
        _check_division(body.division_id)
        with transaction():
            by = intake.By(now(), user().id, body.at)
            intake.transfer(user().organization_id, id, body.division_id, body.channel, body.note, by)
    except Invalid as refusal:
        return _invalid(id, "transfer_form", form, refusal)
    return _done(id, _("Transferred."))


def _found(id: UUID) -> Conversation:
    """A conversation that the reader may see: an agent sees those of the own divisions."""
    return _seen(conversations.get(user().organization_id, id))


def _seen(conversation: Conversation | None) -> Conversation:
    if conversation is None:
        raise NotFound
    if not user().supervises and conversation.division_id not in agents.division_ids(user().id):
        raise NotFound
    return conversation


def _current(id: UUID) -> tuple[Conversation, list[Clock]]:
    """A conversation and its clocks by the policies of today: one that was not brought to the latest edit yet is
    brought there first."""
    conversation, kept, is_current = _with_clocks(id)
    if not is_current and conversation.status in UNDERWAY:
        with transaction():
            bring_over(conversation.organization_id, [id], now())
        conversation, kept, _current = _with_clocks(id)
    return conversation, kept


def _with_clocks(id: UUID) -> tuple[Conversation, list[Clock], bool]:
    conversation, kept, is_current = clocks.with_conversation(user().organization_id, id) or (None, [], True)
    return _seen(conversation), kept, is_current


def _json(conversation: Conversation, kept: list[Clock]) -> Mapping[str, Any]:
    return {
        **shapes.conversation(conversation, now(), kept if user().supervises else None),
        "timeline": [shapes.entry(entry) for entry in timeline.entries(conversation.id)],
    }


def _context(conversation: Conversation, kept: list[Clock], **forms: Form | None) -> Mapping[str, Any]:
    """All that the conversation's page reads; a form that was refused stands as it was typed."""
    organization_id = conversation.organization_id
    teams = divisions.of(organization_id)
    people = agents.names(organization_id)
    transfer_form, assign_form = forms.get("transfer_form"), forms.get("assign_form")
    return {
        "conversation": row_of(conversation, kept),
        "clocks": shapes.readings(kept, now()),
        "facts": timeline.entries(conversation.id),
        "message_form": forms.get("message_form") or MessageForm(),
        "status_form": forms.get("status_form") or StatusForm(status=conversation.status),
        "assign_form": _assign(assign_form, conversation).offering(people),
        "transfer_form": (transfer_form if isinstance(transfer_form, TransferForm) else TransferForm()).offering(teams),
        "refusal": None,
    }


def _assign(form: Form | None, conversation: Conversation) -> AssignForm:
    return form if isinstance(form, AssignForm) else AssignForm(agent_id=str(conversation.agent_id or ""))


def _page(id: UUID, **forms: Form | None) -> Mapping[str, Any]:
    conversation, kept = _current(id)
    return _context(conversation, kept, **forms)


def _invalid(id: UUID, name: str, form: Form | None, refusal: Invalid) -> Response:
    return invalid(
        refusal.errors,
        form=form,
        page="conversations/show.html",
        context=lambda: _page(id, **{name: form}),
    )


def _done(id: UUID, message: str, *, json: Callable[[], Any] | None = None, location: str | None = None) -> Response:
    return done(
        json=json or (lambda: _json(*_current(id))),
        location=location,
        goto=_back() or url_for("pages.conversation", id=id),
        fragment="conversations/_sla.html",
        context=lambda: _page(id),
        message=message,
    )


def _back() -> str | None:
    """Where an action of the board leads back to: the board as it was filtered."""
    where = request.form.get("next", "")
    board = url_for("pages.board")
    return where if where == board or (where.startswith(f"{board}?") and where.isprintable()) else None


def _judged(model: type[bodies.AnyBody], form: Form | None, *, dated: bool = False) -> bodies.AnyBody:
    """The body of a form or of JSON as a value. Raises Invalid."""
    body = bodies.judged(model, form.values() if form else read_object(), now())
    if dated and not user().may_date_facts:
        field = next((name for name in ("at", "created_at") if getattr(body, name, None) is not None), None)
        if field:
            raise Invalid({field: [Problem("at_not_allowed", {})]})
    return body


def _offered(form: ConversationForm) -> ConversationForm:
    return form.offering(divisions.of(user().organization_id))


def _check_division(id: UUID | None) -> None:
    if id is not None and not divisions.exists(user().organization_id, id):
        raise Invalid({"division_id": [Problem("no_such_division", {})]})


def _check_external_id(external_id: str | None) -> None:
    taken = external_id is not None and conversations.by_external_ids(
        user().organization_id, intake.CONSOLE, [external_id]
    )
    if taken:
        raise Invalid({"external_id": [Problem("external_id_taken", {})]})
