"""The reader's language and zone: the person's own choice, else the browser's; the organization's zone."""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, get_translations
from flask_login import current_user
from markupsafe import Markup

from ..config import PACKAGE
from ..store.database import utc_now

log = logging.getLogger(__name__)

LOCALES = ("en", "id")
TRANSLATIONS = PACKAGE / "translations"


def init(app: Flask) -> None:
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=locale, timezone_selector=lambda: str(zone()))
    app.jinja_env.globals.update({"_": _in_template, "gettext": _in_template, "ngettext": _plural_in_template})


def locale() -> str:
    """en or id."""
    reader = current_user._get_current_object()
    chosen = (reader.locale if reader and reader.is_authenticated else None) or session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or "en"


def zone() -> ZoneInfo:
    """The organization's zone; UTC where nobody is signed in."""
    reader = current_user._get_current_object()
    return ZoneInfo(reader.timezone if reader and reader.is_authenticated else "UTC")


def place() -> tuple[str, ZoneInfo]:
    """The reader's language and zone, looked up once a request: a board tells a few hundred instants in them. English
    and UTC where nobody reads (a command, a test of one function)."""
    try:
        found: tuple[str, ZoneInfo] = g.place
    except (AttributeError, RuntimeError):
        if not has_request_context():
            return "en", ZoneInfo("UTC")
        found = g.place = locale(), zone()
    return found


def _catalogue() -> NullTranslations:
    """The reader's catalogue, looked up once a request."""
    try:
        found: NullTranslations = g.catalogue
    except (AttributeError, RuntimeError):
        found = get_translations()
        if has_request_context():
            g.catalogue = found
    return found


def gettext(text: str, **variables: Any) -> str:
    """A text in the reader's language: Flask-Babel's, without its way to the catalogue for every text of a page."""
    said: str = _catalogue().ugettext(text)
    return said % variables if variables else said


def marked(text: str) -> str:
    """Marks a text for the catalogue that `gettext` is asked for later."""
    return text


def _in_template(text: str, **variables: Any) -> Markup:
    said = Markup(_catalogue().ugettext(text))  # noqa: S704 - a text of ours
    return said % variables if variables or "%" in said else said


def _plural_in_template(one: str, many: str, num: int, **variables: Any) -> Markup:
    said = Markup(_catalogue().ungettext(one, many, num))  # noqa: S704 - a text of ours
    return said % {"num": num, **variables}


def now() -> datetime:
    """The instant of this request, asked once."""
    if "now" not in g:
        g.now = utc_now()
    instant: datetime = g.now
    return instant


def compile_catalogues(folder: Path = TRANSLATIONS) -> None:
    """Compiles the catalogues that are newer than what was compiled of them: a checkout holds the texts alone."""
    for source in folder.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        # Another process may do the same: each writes its own file and moves it into place.
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as file:
                write_mo(file, catalogue)
            part.replace(target)
        except OSError:
            log.warning("%s cannot be written: the console speaks English alone", target)
