"""The door: the only code that knows HTTP."""

from __future__ import annotations

from flask import Flask

from ..config import Settings


def init(app: Flask, settings: Settings) -> None:
    app.config["SECRET_KEY"] = settings.secret()
