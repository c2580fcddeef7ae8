"""The browser tests' own ears: a page that complains is heard, and axe speaks under the strictest policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser

from tests.support import browser, server

CLEAN = '<!doctype html><html lang="en"><title>Clean</title><main><h1>Clean</h1></main></html>'
BAD = {
    "inline-script": CLEAN.replace("<main>", "<main><script>alert(1)</script>"),
    "inline-style": CLEAN.replace("<main>", '<main><p style="color: red">red</p>'),
    "foreign-image": CLEAN.replace("<main>", '<main><img src="http://192.0.2.1/x.png" alt="x">'),
    "script-error": CLEAN.replace("<main>", '<main><script src="/broken.js"></script>'),
}


@pytest.fixture
def small_site() -> Iterator[str]:
    app = Flask("small_site")

    @app.get("/<name>")
    def page(name: str) -> Response:
        if name == "broken.js":
            return Response("nothing.here()", mimetype="text/javascript")
        reply = Response(BAD.get(name, CLEAN), status=422 if name == "refused" else 200)
        reply.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
        return reply

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    with server.served(app) as url:
        yield url


@pytest.fixture
def ears(chromium: Browser, small_site: str) -> Iterator[browser.Watch]:
    watch = browser.Watch(chromium, small_site)
    yield watch
    watch.close()


@pytest.mark.parametrize("name", BAD)
def test_what_a_page_complains_about_is_heard(ears: browser.Watch, name: str) -> None:
    ears.open().goto(f"/{name}")
    assert ears.complaints()


def test_a_clean_page_is_silent_and_axe_finds_nothing(ears: browser.Watch) -> None:
    page = ears.open(width=browser.PHONE, color_scheme="dark")
    page.goto("/clean")
    assert browser.axe(page) == []
    assert browser.sideways_scroll(page) == 0
    assert ears.complaints() == []


def test_axe_names_what_it_finds(ears: browser.Watch) -> None:
    page = ears.open()
    page.goto("/foreign-image")
    page.evaluate("() => document.querySelector('img').removeAttribute('alt')")
    assert any(line.startswith("image-alt (critical): img:") for line in browser.axe(page))


def test_an_expected_complaint_is_let_pass(ears: browser.Watch) -> None:
    ears.open().goto("/refused")
    assert ears.complaints()
    ears.allow(r"status of 422")
    assert ears.complaints() == []
