"""How templates are made to draw fast: without the indentation they are written with, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from jinja2.ext import Extension
from markupsafe import Markup

_INDENTATION = re.compile(r"\n[ \t]+")


class Unindented(Extension):
    """Takes the indentation out of a template as it is loaded, and leaves a blank where any was: a page is a third
    smaller for it, and lines keep their numbers."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return _INDENTATION.sub("\n ", source)


def remembered(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro that draws the same for the same arguments, drawing them once: as long as a page, or for good where the
    template that says so is imported without a context."""
    known: dict[tuple[Any, ...], Markup] = {}

    def draw(*arguments: Any) -> Markup:
        try:
            return known[arguments]
        except KeyError:
            drawn = known[arguments] = macro(*arguments)
            return drawn

    return draw


def register(app: Flask) -> None:
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.globals["remembered"] = remembered
