"""Templates keep to the Content-Security-Policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.support import sources

TEMPLATES = sources.own(".html", under="templates/")
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
# Attributes that htmx evaluates as script, which the policy forbids as well.
_EVALUATED = re.compile(r"^(?:data-)?hx-on(?:$|[:\-])")


class Inline(HTMLParser):
    """Finds inline scripts, styles and handlers, and addresses of other hosts, in a template without its Jinja."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "style":
            self._note("<style>")
        if tag == "script" and "src" not in attributes:
            self._note("<script> without src")
        if tag == "base":
            self._note("<base>")
        for name, value in attrs:
            if name == "style":
                self._note(f"style= on <{tag}>")
            if name.startswith("on"):
                self._note(f"{name}= on <{tag}>")
            if _EVALUATED.match(name) or (name == "hx-trigger" and "[" in (value or "")):
                self._note(f"{name}= on <{tag}> needs eval")
            if (value or "").strip().lower().startswith("javascript:"):
                self._note(f"{name}=javascript: on <{tag}>")
            loads = name in {"src", "srcset", "data", "poster"} or (name == "href" and tag == "link")
            if loads and re.match(r"(?:https?:)?//", value or ""):
                self._note(f"{name}= on <{tag}> loads from another host")

    handle_startendtag = handle_starttag

    def _note(self, what: str) -> None:
        self.found.append(f"line {self.getpos()[0]}: {what}")


def test_there_are_templates_to_guard() -> None:
    assert TEMPLATES


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_inline(name: str) -> None:
    source = sources.text(name) or ""
    # Jinja's parts give way to nothing but their line ends: quotes inside them must not confuse the HTML parser.
    parser = Inline()
    parser.feed(_JINJA.sub(lambda part: "\n" * part[0].count("\n"), source))
    parser.close()
    assert parser.found == []
