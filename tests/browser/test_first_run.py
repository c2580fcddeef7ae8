"""The first minutes with the program itself, as `python app.py` starts it: with one's own organization, and with the
sample."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.hands import NEXT_POLL, counters, shoot, until
from tests.support import server
from tests.support.browser import DESKTOP, PHONE, Watch, axe, sideways_scroll
from tests.support.web import PASSWORD


def check_silent(watch: Watch, program: server.Program) -> None:
    """Neither the pages nor the program complained."""
    assert watch.complaints() == []
    assert re.fullmatch(r"OmniStream Console: http://\S+  \(Ctrl\+C ends it\)\n", program.output), program.output


def test_from_nothing_to_a_live_badge(tmp_path: Path, chromium: Browser) -> None:
    with server.program(tmp_path) as program:
        watch = Watch(chromium, program.url)
        page = watch.open()
        page.goto("/")
        expect(page).to_have_url(re.compile("/setup$"))
        mine = page.locator("form", has=page.get_by_role("button", name="Create organization"))
        mine.get_by_label("Name of the organization").fill("Warung Digital")
        mine.get_by_label("Your name").fill("Sari")
        mine.get_by_label("E-mail").fill("sari@warung.example")
        mine.get_by_label("Password").fill(PASSWORD)
        mine.get_by_role("button", name="Create organization").click()

        expect(page).to_have_url(re.compile("/conversations$"))
        expect(page.get_by_role("status").first).to_contain_text("Welcome")
        expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
        assert set(counters(page).values()) == {0}

        # What the empty board says to do next.
        page.get_by_role("link", name="Set up the policies").click()
        page.get_by_role("link", name="New policy").first.click()
        page.get_by_label("Name").fill("Everything")
        page.get_by_label("First response within").fill("10s")
        page.get_by_label("Resolution within").fill("4h")
        page.get_by_label("Warn at").fill("30")
        page.get_by_label("Default").check()
        page.get_by_role("button", name="Create policy").click()
        expect(page.locator("[data-policy]")).to_contain_text("Default")

        page.get_by_role("link", name="Live board").first.click()
        page.get_by_role("link", name="New conversation").first.click()
        page.get_by_label("Name").fill("Rani Waits")
        page.get_by_label("First message").fill("Hello?")
        page.get_by_role("button", name="Open conversation").click()
        expect(page.locator('#clocks [data-clock="first_response"]')).to_have_text(re.compile("left$|overdue$"))
        page.get_by_role("link", name="Live board").first.click()

        # The badge lives: nobody touches the page from here on.
        it = page.locator('[data-conversation] [data-clock="first_response"]')
        expect(it).to_have_attribute("data-status", "breached", timeout=20_000)
        expect(it).to_have_text(re.compile("overdue$"))
        until(page, lambda: counters(page)["breached"] == 1, "the counter of breaches")
        page.get_by_role("link", name="Rani Waits").click()
        page.get_by_label("Message").fill("Here I am.")
        page.get_by_role("button", name="Add to the timeline").click()
        page.get_by_role("link", name="Live board").first.click()
        expect(it).to_have_attribute("data-state", "met_late")
        page.get_by_role("link", name="Breaches", exact=True).first.click()
        expect(page.locator("[data-breach]")).to_contain_text("Rani Waits")
        check_silent(watch, program)
        watch.close()


def test_the_sample_organization(tmp_path: Path, chromium: Browser) -> None:
    with server.program(tmp_path) as program:
        watch = Watch(chromium, program.url)
        page = watch.open()
        page.goto("/")
        sample = page.locator("form", has=page.get_by_role("button", name="Fill with sample data"))
        sample.get_by_text("Choose your own login").click()
        sample.get_by_label("Your name").fill("Sari")
        sample.get_by_label("E-mail").fill("sari@warung.example")
        sample.get_by_label("Password").fill(PASSWORD)
        page.set_default_timeout(30_000)
        sample.get_by_role("button", name="Fill with sample data").click()
        expect(page).to_have_url(re.compile("/conversations$"), timeout=30_000)

        # Signed in, and something of everything is there and alive.
        expect(page.locator(".account-name").first).to_have_text("Sari")
        shown = counters(page)
        assert all(shown.values()), shown
        for status in ("ok", "warning", "breached"):
            assert page.locator(f'[data-status="{status}"][data-state="running"]').count(), status
        for state in ("paused", "met"):
            assert page.locator(f'[data-state="{state}"]').count(), state
        ticking = page.locator('.sla-badge[data-state="running"]', has_text=re.compile(r"\ds (left|overdue)$")).first
        words = ticking.inner_text()
        expect(ticking).not_to_have_text(words, timeout=5_000)
        expect(page.locator("[data-live-updated]")).to_contain_text("updated", timeout=NEXT_POLL)
        # The counters equal the rows behind them.
        for key in ("breached", "paused", "none"):
            page.goto(f"/conversations?sla={key}")
            group = int(page.locator(".group-total").first.inner_text())
            assert group == counters(page)[key]
        assert sideways_scroll(page) == 0
        shoot(page, "sample-board")

        # And back in with the login of one's own.
        page.get_by_role("button", name="Log out").locator("visible=true").click()
        page.get_by_label("E-mail").fill("sari@warung.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(re.compile("/conversations$"))
        check_silent(watch, program)
        watch.close()


@pytest.mark.parametrize("locale", ["en-GB", "id-ID"])
def test_the_setup_page_looks_right(app_sqlite: Flask, watch: Watch, locale: str) -> None:
    page = watch.open(locale=locale)
    page.goto("/setup")
    page.locator("details > summary").click()
    found = [said for look in looks(page) for said in look]
    assert not found, "\n".join(found)


def looks(page: Page) -> list[list[str]]:
    found = []
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            found.append([f"{width} {scheme}: {said}" for said in axe(page)])
            assert sideways_scroll(page) == 0, (width, scheme)
    return found
