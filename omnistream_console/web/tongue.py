"""The reader's language and zone: the person's own choice, else the browser's; the organization's zone."""

from __future__ import annotations

import logging
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request, session
from flask_babel import Babel
from flask_login import current_user

from ..config import PACKAGE
from ..store.database import utc_now

log = logging.getLogger(__name__)

LOCALES = ("en", "id")
TRANSLATIONS = PACKAGE / "translations"


def init(app: Flask) -> None:
    compile_catalogues()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=locale, timezone_selector=lambda: str(zone()))


def locale() -> str:
    """en or id."""
    chosen = (current_user.locale if current_user and current_user.is_authenticated else None) or session.get("locale")
    if chosen in LOCALES:
        return str(chosen)
    return request.accept_languages.best_match(LOCALES) or "en"


def zone() -> ZoneInfo:
    """The organization's zone; UTC where nobody is signed in."""
    return ZoneInfo(current_user.timezone if current_user and current_user.is_authenticated else "UTC")


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
