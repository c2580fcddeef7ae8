"""Who asks: a session, a token or an API key; and what they may do. The one place where requests are authenticated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer

from ..store import agents, keys
from ..store.agents import ADMIN, AGENT, SUPERVISOR, Person
from ..store.database import transaction, utc_now

TOKEN_LIFE = timedelta(hours=12)
SESSION_LIFE = timedelta(days=14)
_ALGORITHM = "HS256"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

csrf = CSRFProtect()


class User(UserMixin):  # type: ignore[misc]  # flask-login ships no types
    """The person behind a request, and how they were recognised."""

    def __init__(self, person: Person, via: str, scopes: frozenset[str] = frozenset()) -> None:
        self.person = person
        self.via = via  # "session", "token" or "key"
        self.scopes = scopes
        self.id = person.id
        self.organization_id = person.organization_id
        self.organization_name = person.organization_name
        self.timezone = person.timezone
        self.name = person.name
        self.email = person.email
        self.role = person.role
        self.locale = person.locale

    def get_id(self) -> str:
        return f"{self.id}.{self.person.sign_in_version}"

    @property
    def supervises(self) -> bool:
        return self.role in (ADMIN, SUPERVISOR)

    @property
    def may_date_facts(self) -> bool:
        """Whether this one may say when something happened."""
        return self.supervises or "ingest" in self.scopes


class _Manager(LoginManager):  # type: ignore[misc]  # flask-login ships no types
    """A bearer is authoritative: a cookie beside it neither helps nor hurts, and a bogus one is nobody."""

    def _load_user(self) -> Any:
        bearer = _bearer(request)
        if bearer is None:
            return super()._load_user()
        return self._update_request_context_with_user(_by_bearer(bearer))


class _Sessions(SecureCookieSessionInterface):
    """The session cookie is `Secure` exactly where the request came by TLS."""

    def __init__(self) -> None:
        self._serializer: URLSafeTimedSerializer | None = None

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        # The key of an app stays what it is: one serializer serves all of its requests.
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        # Every answer varies by the cookie anyway (`headers`), and an unchanged session is never sent again.
        if session.modified:
            super().save_session(app, session, response)


def init(app: Flask) -> None:
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="omnistream",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # checked in `check_csrf`, after authentication
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
    )
    csrf.init_app(app)
    manager = _Manager(app)
    manager.user_loader(_by_session)


def _by_session(text: str) -> User | None:
    id, _, version = text.rpartition(".")
    person = _person(id, version)
    return User(person, "session") if person else None


def _bearer(incoming: Request) -> str | None:
    scheme, _, value = incoming.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def _by_bearer(bearer: str) -> User | None:
    if bearer.startswith(keys.PREFIX):
        return _by_key(bearer)
    try:
        claims = jwt.decode(
            bearer, current_app.secret_key or "", algorithms=[_ALGORITHM], options={"require": ["exp", "sub", "ver"]}
        )
    except (jwt.InvalidTokenError, UnicodeError):
        return None
    person = _person(str(claims["sub"]), str(claims["ver"]))
    return User(person, "token") if person else None


def _by_key(bearer: str) -> User | None:
    found = keys.holder(bearer)
    if found is None:
        return None
    id, person, scopes, last_used_at = found
    now = utc_now()
    if keys.use_is_news(last_used_at, now):
        with transaction():
            keys.note_use(id, now)
    return User(person, "key", scopes)


def _person(id: str, version: str) -> Person | None:
    try:
        person = agents.person(UUID(id))
    except ValueError:
        return None
    return person if person is not None and str(person.sign_in_version) == version else None


def token_for(person: Person, now: datetime) -> tuple[str, datetime]:
    """A bearer token and when it expires."""
    expires = (now + TOKEN_LIFE).astimezone(UTC).replace(microsecond=0)
    claims = {"sub": str(person.id), "ver": str(person.sign_in_version), "iat": now, "exp": expires}
    return jwt.encode(claims, current_app.secret_key or "", algorithm=_ALGORITHM), expires


def sign_in(person: Person) -> None:
    """Begins a browser session; whatever was in an earlier one is gone."""
    session.clear()
    session.permanent = True
    login_user(User(person, "session"))
    g.pop("csrf_token", None)


def sign_out() -> None:
    logout_user()
    session.clear()


def user() -> User:
    """The person who asks; to be called behind a guard that made sure there is one."""
    found: User = current_user._get_current_object()
    return found


def is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


def forget_who() -> None:
    """Takes whoever asks for nobody: where the database is away, nobody can be looked up, not even for a page that
    says so."""
    current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # set by flask-login


def has_role(roles: tuple[str, ...]) -> bool:
    return user().role in roles


def check_csrf() -> None:
    """Refuses a change that comes without our token, unless a bearer authenticated it: that, no foreign page can send.
    Raises CSRFError (400)."""
    if request.method in SAFE_METHODS or (is_signed_in() and user().via != "session"):
        return
    csrf.protect()


EVERYBODY = (ADMIN, SUPERVISOR, AGENT)
SUPERVISORS = (ADMIN, SUPERVISOR)
ADMINS = (ADMIN,)
