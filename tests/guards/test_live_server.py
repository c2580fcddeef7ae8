"""The fixtures behind the browser tests: the application on a real port, and the program as people start it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.support import browser, server


def test_a_page_of_the_live_server(page: Page, watch: browser.Watch) -> None:
    page.goto("/")
    assert page.url.endswith("/setup")
    assert browser.axe(page) == []
    phone = watch.open(width=browser.PHONE, color_scheme="dark", locale="id-ID")
    phone.goto("/setup")
    assert phone.locator("html").get_attribute("lang") == "id"
    assert browser.sideways_scroll(phone) == 0


def test_the_program_starts_and_ends_when_told(tmp_path: Path) -> None:
    with server.program(tmp_path, "--no-worker") as console:
        assert console.url in console.output
        assert console.stop() == 0
    assert "Traceback" not in console.output
