"""Setting up, signing in and out, and the reader's language."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import NotFound, TooManyRequests
from werkzeug.wrappers import Response

from ... import passwords
from ...sla.problems import Invalid, Problem
from ...store import agents, organizations, throttle
from ...store.agents import Person
from ...store.database import transaction
from ...work import sample
from .. import bodies, identity, shapes
from ..body import read_object
from ..forms.people import LoginForm, SetupForm
from ..identity import user
from ..replies import again, done, invalid, show
from ..representation import body_is_json
from ..tongue import LOCALES, now

# Failures within a quarter of an hour before sign-in is refused: of one account, and from one address.
PER_ACCOUNT = 5
PER_ADDRESS = 30


def home() -> Response:
    """To the board; with no organization yet, to the page that makes the first one."""
    return redirect(url_for("pages.board" if organizations.any_exists() else "pages.setup"), 303)


def setup() -> Response:
    """The first page of a fresh installation."""
    _only_while_empty()
    form = SetupForm()
    return show(page="identity/setup.html", context=lambda: {"form": form}, json=dict)


def set_up() -> Response:
    """Makes the first organization and its admin, or one filled with sample data, and signs the browser in."""
    _only_while_empty()
    form = SetupForm.submitted()
    try:
        person, message = _with_sample(form) if request.form.get("sample") else _first(form)
    except Invalid as refusal:
        return invalid(refusal.errors, form=form, page="identity/setup.html")
    identity.sign_in(person)
    flash(message, "success")
    return redirect(url_for("pages.board"), 303)


def _first(form: SetupForm) -> tuple[Person, str]:
    body = bodies.judged(bodies.Registration, form.values(), now())
    return register(body, first=True), _("Welcome. Next: the policies, then your first conversations.")


def _with_sample(form: SetupForm) -> tuple[Person, str]:
    """The sample organization, with an admin of the reader's choice, or an invented one with a fresh password, said
    once."""
    given = {key: value for key in ("name", "email", "password") if (value := request.form.get(key, "").strip())}
    made = None if given else secrets.token_urlsafe(9)
    if given:
        asked = {"organization": sample.NAME, "timezone": sample.TIMEZONE, **given}
        body = bodies.judged(bodies.Registration, asked, now())
        admin = sample.Admin(body.name, body.email, passwords.hash_password(body.password))
    else:
        admin = sample.Admin(password_hash=passwords.hash_password(str(made)))
    with transaction():
        _only_while_empty()
        filled = sample.fill(sample.NAME, sample.TIMEZONE, now(), admin=admin)
    person = agents.person(filled.admin.id)
    assert person is not None
    if made is None:
        return person, _("This is sample data. You are signed in as %(name)s.", name=person.name)
    return person, _(
        "This is sample data. You are signed in as %(email)s; the password for the next time is %(password)s",
        email=person.email,
        password=made,
    )


def register(body: bodies.Registration, *, first: bool = False) -> Person:
    """A new organization with its first admin. Raises Invalid; NotFound where it should be the first and is not."""
    if body.timezone not in available_timezones():
        raise Invalid({"timezone": [Problem("no_such_timezone", {})]})
    password_hash = passwords.hash_password(body.password)
    with transaction():
        if first:
            _only_while_empty()
        if organizations.by_name(body.organization):
            raise Invalid({"organization": [Problem("name_taken", {})]})
        organization = organizations.create(body.organization, body.timezone, now())
        admin = agents.create(
            organization.id,
            email=body.email,
            name=body.name,
            role=agents.ADMIN,
            password_hash=password_hash,
            now=now(),
        )
    person = agents.person(admin.id)
    assert person is not None
    return person


def _only_while_empty() -> None:
    if organizations.any_exists():
        raise NotFound


def login() -> Response:
    """The login page."""
    if identity.is_signed_in():
        return redirect(_next(request.args.get("next")), 303)
    if not organizations.any_exists():
        return redirect(url_for("pages.setup"), 303)
    form = LoginForm(next=request.args.get("next", ""))
    return show(page="identity/login.html", context=lambda: {"form": form, "throttled": None}, json=dict)


def log_in() -> Response:
    """Signs in: a session for the browser, and a token for API consumers."""
    form = None if body_is_json() else LoginForm.submitted()
    try:
        body = bodies.judged(bodies.Login, form.values() if form else read_object(), now())
        found = _people(body)
    except Invalid as refusal:
        return _not_in(form, 422, refusal)
    except TooManyRequests as refusal:
        return _throttled(form, refusal)
    if not found:
        wrong = _("The address or the password is wrong.")
        return _wrong(form, wrong)
    if len(found) > 1:
        return _which(form, found)
    person = found[0]
    identity.sign_in(person)
    token, expires = identity.token_for(person, now())
    return done(
        json=lambda: {
            "token": token,
            "expires_at": shapes.instant(expires),
            "agent": shapes.profile(person),
        },
        goto=_next(form.next.data if form else None),
        message=_("Good to see you, %(name)s.", name=person.name),
    )


def _people(body: bodies.Login) -> list[Person]:
    """Who these credentials are: nobody, one person, or the same one in several organizations. Passwords are checked
    outside of any transaction. Raises TooManyRequests."""
    account, address = f"account {organizations.key(body.email)}", f"address {request.remote_addr}"
    until = throttle.blocked_until([(account, PER_ACCOUNT), (address, PER_ADDRESS)], now())
    if until is not None:
        raise TooManyRequests(retry_after=until)
    known = agents.credentials(body.email)
    if body.organization is not None:
        known = [credential for credential in known if credential.person.organization_id == body.organization]
    if not known:
        passwords.verify_nobody(body.password)
    matching = [credential for credential in known if passwords.verify(credential.password_hash, body.password)]
    renewed = [
        (credential.person.id, passwords.hash_password(body.password))
        for credential in matching
        if passwords.needs_rehash(credential.password_hash)
    ]
    with transaction():
        if not matching:
            throttle.count([account, address], now())
        else:
            throttle.forget(account)
        for id, password_hash in renewed:
            agents.set_password_hash(id, password_hash)
    return [credential.person for credential in matching]


def _not_in(form: LoginForm | None, status: int, refusal: Invalid) -> Response:
    return invalid(refusal.errors, form=form, page="identity/login.html", context=lambda: {"throttled": None})


def _wrong(form: LoginForm | None, detail: str) -> Response:
    if form is not None:
        form.show({"": [detail]})
    response = _login_page(401, detail, form)
    response.headers["WWW-Authenticate"] = 'Bearer realm="OmniStream"'
    return response


def _throttled(form: LoginForm | None, refusal: TooManyRequests) -> Response:
    until = refusal.retry_after
    seconds = max(1, round((until - now()) / timedelta(seconds=1))) if not isinstance(until, int | None) else 60
    minutes = -(-seconds // 60)
    detail = ngettext(
        "Too many failed attempts. Try again in %(num)s minute.",
        "Too many failed attempts. Try again in %(num)s minutes.",
        minutes,
    )
    response = _login_page(429, detail, form, throttled=seconds)
    response.headers["Retry-After"] = str(seconds)
    return response


def _which(form: LoginForm | None, found: list[Person]) -> Response:
    choices = [(str(person.organization_id), person.organization_name) for person in found]
    listed = ", ".join(f"{name} ({id})" for id, name in choices)
    if form is not None:
        form.organization.choices = choices
        form.show({"organization": [_("You are known in several organizations. Which one?")]})
    detail = _(
        "The same account is known in several organizations. Say which: %(organizations)s.", organizations=listed
    )
    return _login_page(409, detail, form)


def _login_page(status: int, detail: str, form: LoginForm | None, throttled: int | None = None) -> Response:
    return again(status, detail, form=form, page="identity/login.html", context={"throttled": throttled})


def _next(where: str | None) -> str:
    """Back to where one was, within the console and nowhere else."""
    local = where is not None and where.startswith("/") and not where.startswith("//")
    return where if where and local and "\\" not in where and where.isprintable() else url_for("pages.board")


def log_out() -> Response:
    """Ends the session."""
    identity.sign_out()
    return done(json=lambda: {"message": _("Signed out.")}, goto=url_for("pages.login"), message=_("Signed out."))


def me() -> Response:
    """Who asks."""
    return show(page="identity/agent.html", json=lambda: shapes.profile(user().person))


def token() -> Response:
    """A fresh token for whoever asks."""
    fresh, expires = identity.token_for(user().person, now())
    return show(page="identity/agent.html", json=lambda: {"token": fresh, "expires_at": shapes.instant(expires)})


def registration() -> Response:
    """Registers another organization by API."""
    try:
        person = register(bodies.judged(bodies.Registration, read_object(), now()))
    except Invalid as refusal:
        return invalid(refusal.errors)
    identity.sign_in(person)
    fresh, expires = identity.token_for(person, now())
    body: Mapping[str, Any] = {
        "token": fresh,
        "expires_at": shapes.instant(expires),
        "agent": shapes.profile(person),
    }
    return done(json=lambda: body, location=url_for("api.me"), goto=url_for("pages.board"), message="")


def language() -> Response:
    """The reader's language from now on."""
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        session["locale"] = chosen
        if identity.is_signed_in():
            with transaction():
                agents.set_locale(user().id, chosen)
    return redirect(_next(request.form.get("next")), 303)
