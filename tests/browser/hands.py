"""What a test does in a browser, and what it looks at."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Response

from tests.support.browser import Watch
from tests.support.web import SUPERVISOR, House

SHOTS = Path(__file__).parent / "shots"
POLL_SECS = 5
# How long the next poll may take to show something, on a machine that does other things as well.
NEXT_POLL = (POLL_SECS + 10) * 1000


@dataclass
class Console:
    """The live server with an organization, and the browsers on it."""

    home: House
    watch: Watch
    url: str

    def open(self, role: str | None = SUPERVISOR, **options: Any) -> Page:
        """A page in a browser of its own in which this person has signed in (by the form, outside of the browser:
        the tests of the login page do it by hand)."""
        page = self.watch.open(**options)
        if role is not None:
            self.sign_in(page.context, role)
        return page

    def board(self, role: str = SUPERVISOR, query: str = "", **options: Any) -> Page:
        """The live board in a browser of its own."""
        page = self.open(role, **options)
        page.goto(f"/conversations{query}")
        return page

    def sign_in(self, context: BrowserContext, role: str = SUPERVISOR) -> None:
        cookie = self.home.browser(role).http.get_cookie("omnistream")
        assert cookie is not None
        context.add_cookies([{"name": "omnistream", "value": cookie.value, "url": self.url}])


def row(page: Page, conversation: str) -> Locator:
    return page.locator(f'[data-conversation="{conversation}"]')


def badge(page: Page, conversation: str, clock: str = "first_response") -> Locator:
    return row(page, conversation).locator(f'[data-clock="{clock}"]')


def counters(page: Page) -> dict[str, int]:
    return {
        str(counter.get_attribute("data-counter")): int(counter.inner_text())
        for counter in page.locator("[data-counter]").all()
    }


def is_poll(answer: Response) -> bool:
    return answer.request.headers.get("hx-request-type") == "partial" and answer.request.method == "GET"


def poll_now(page: Page) -> Response:
    """What the page does when its tab comes to the front: it polls at once. Returns the answer."""
    with page.expect_response(is_poll) as heard:
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    return heard.value


def until(page: Page, holds: Callable[[], bool], what: str, timeout: float = NEXT_POLL) -> None:
    """Waits for something that only Python can see."""
    waited = 0.0
    while not holds():
        assert waited < timeout, f"{what}: not within {timeout / 1000:.0f} s"
        page.wait_for_timeout(100)
        waited += 100


def focused(page: Page) -> str:
    """What has the focus: its id, else its words."""
    return str(page.evaluate("() => document.activeElement.id || document.activeElement.textContent.trim()"))


def shoot(page: Page, name: str, **options: Any) -> None:
    """A picture of the page in tests/browser/shots, where OMNISTREAM_SHOTS=1 asks for pictures."""
    if os.environ.get("OMNISTREAM_SHOTS") == "1":
        SHOTS.mkdir(exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", **options)
