"""The pictures of the documentation, taken from the sample organization: `python -m scripts.pictures`.

Starts the console with a database of its own, fills it with the sample and photographs it with Chromium. Rows whose
names this machine's fonts may not have are kept out of the pictures by the board's own filters.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

from tests.support import browser, server

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
LARGEST = 250_000  # bytes
DESKTOP, PHONE = (1440, 900), (390, 844)
POLICY = "Akun Korporat lewat WhatsApp"
PASSWORD = "a picture a day"  # noqa: S105 - of a database that lives for a minute

# What the rows within the window show: the names, and how their badges stand.
IN_SIGHT = """() => {
    const rows = [...document.querySelectorAll('.board-row')].filter(
        (row) => row.getBoundingClientRect().top < window.innerHeight);
    return {
        names: rows.map((row) => row.querySelector('.row-name').textContent),
        badges: rows.flatMap((row) => [...row.querySelectorAll('[data-clock]')].map(
            (badge) => `${badge.dataset.status} ${badge.dataset.state}`)),
        groups: [...document.querySelectorAll('.group')].filter(
            (group) => group.getBoundingClientRect().top < window.innerHeight - 150).length,
    };
}"""
_LATIN = re.compile(r"[\u0000-\u024f\u2019\s]+")


@contextmanager
def opened(chromium: Browser, url: str, size: tuple[int, int], scheme: Literal["light", "dark"]) -> Iterator[Page]:
    """A signed-in page of this size; the greeting has gone by."""
    context = chromium.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=1,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Asia/Jakarta",
    )
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("E-mail").fill("arum@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state("load")
    page.goto("/conversations")
    yield page
    context.close()


def most_telling(page: Page) -> str:
    """The board that shows the most in one window, with names that every machine can write: the whole of it, or one
    division's or one channel's."""
    choices = ["/conversations"]
    for name in ("division_id", "channel"):
        values = page.locator(f"#filter-{name} option").evaluate_all("all => all.map((one) => one.value)")
        choices += [f"/conversations?{name}={value}" for value in values if value]
    best = (0, 0, "")
    for url in choices:
        page.goto(url)
        seen = page.evaluate(IN_SIGHT)
        if all(_LATIN.fullmatch(name) for name in seen["names"]):
            best = max(best, (seen["groups"], len(set(seen["badges"])), url))
    assert best[2], "no board without names in other scripts"
    return best[2]


def take(page: Page, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path, animations="disabled", caret="hide")
    size = path.stat().st_size
    assert size <= LARGEST, f"{path.name} has {size:,} bytes, more than {LARGEST:,}"
    print(f"{path.relative_to(Path.cwd())}: {size:,} bytes")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        server.program(Path(folder)) as program,
        browser.launched() as chromium,
    ):
        page = chromium.new_page(base_url=program.url)
        page.goto("/setup")
        sample = page.locator("form", has=page.get_by_role("button", name="Fill with sample data"))
        sample.locator("summary").click()
        sample.get_by_label("Your name").fill("Arum Cendana")
        sample.get_by_label("E-mail").fill("arum@example.com")
        sample.get_by_label("Password").fill(PASSWORD)
        page.set_default_timeout(60_000)
        sample.get_by_role("button").click()
        page.wait_for_url("**/conversations")
        page.close()
        themes: tuple[tuple[str, Literal["light", "dark"]], ...] = (("board", "light"), ("board-dark", "dark"))
        for name, scheme in themes:
            with opened(chromium, program.url, DESKTOP, scheme) as page:
                page.goto(most_telling(page))
                take(page, name)
        with opened(chromium, program.url, PHONE, "light") as page:
            page.goto(most_telling(page))
            take(page, "phone")
        with opened(chromium, program.url, DESKTOP, "light") as page:
            page.goto("/sla-policies")
            page.get_by_role("link", name=f"Edit {POLICY}").click()
            page.wait_for_load_state("load")
            take(page, "policy")


if __name__ == "__main__":
    main()
