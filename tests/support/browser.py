"""Chromium for the browser tests: finding it, starting it, listening for complaints, and axe.

The browser is the system's own (playwright brings none here). Whatever a page complains about fails the test: a script
error, a message on the console's error level, a violation of the Content-Security-Policy. `Watch.allow` names the ones
that a test provokes on purpose, such as Chromium's remark on a 422.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HOW_TO_GET_IT = "Chromium was not found: install Debian's package chromium, or name one in OMNISTREAM_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # containers and CI run as root, where Chromium's sandbox refuses to start
    "--disable-gpu",
    # No telephone calls home: they fail on closed networks, many at a time, and slow every start.
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AXE = Path(__file__).parents[1] / "vendor" / "axe-core-4.14.1" / "axe.min.js"
AXE_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
DESKTOP, PHONE = 1440, 390

# Chromium reports violations on the console too, but not in which element.
_REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  const where = event.target?.outerHTML?.slice(0, 200) ?? "the page";
  console.error(`CSP: ${event.effectiveDirective} blocked ${event.blockedURI} in ${where}`);
});
"""


class Missing(Exception):
    """There is no Chromium on this machine; the message says how to get one."""


def executable() -> str:
    named = os.environ.get("OMNISTREAM_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise Missing(HOW_TO_GET_IT)
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Watch:
    """The pages of one test, and what they complained about."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[BrowserContext] = []
        self._heard: list[str] = []
        self._allowed: list[re.Pattern[str]] = []

    def open(
        self,
        *,
        width: int = DESKTOP,
        height: int = 900,
        color_scheme: Literal["light", "dark"] = "light",
        locale: str = "en-GB",
        timezone: str = "Asia/Jakarta",
        java_script: bool = True,
        context: BrowserContext | None = None,
    ) -> Page:
        """A page whose complaints are heard: in a browser profile of its own, or as another tab of `context`."""
        if context is None:
            context = self._browser.new_context(
                base_url=self._base_url,
                viewport={"width": width, "height": height},
                color_scheme=color_scheme,
                reduced_motion="reduce",
                locale=locale,
                timezone_id=timezone,
                java_script_enabled=java_script,
            )
            context.set_default_timeout(10_000)
            context.add_init_script(_REPORT_VIOLATIONS)
            self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self._hear(message.type, f"{message.text} (at {message.location['url']})"))
        page.on("pageerror", lambda error: self._hear("error", f"script error: {error.stack or error.message}"))
        return page

    def allow(self, pattern: str) -> None:
        """Complaints that match the regular expression are expected in this test."""
        self._allowed.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        for context in self._contexts:
            for page in context.pages:
                page.wait_for_timeout(1)  # lets what the page has sent arrive
        return [said for said in self._heard if not any(pattern.search(said) for pattern in self._allowed)]

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _hear(self, level: str, text: str) -> None:
        if level == "error":
            self._heard.append(text)


def axe(page: Page, **options: Any) -> list[str]:
    """What axe finds on the page as it stands, one readable line an element; empty when it finds nothing."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("options => axe.run(document, options)", {**AXE_OPTIONS, **options})
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))}: {_reason(node)}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def _reason(node: dict[str, Any]) -> str:
    return " ".join(str(node.get("failureSummary", "")).split())


def sideways_scroll(page: Page) -> int:
    """By how many pixels the page is wider than its window: 0 on every page, on a phone too."""
    wider: int = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return max(0, wider)
