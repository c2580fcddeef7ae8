"""The board's one poll: what it costs, when it is silent, what it does when the server or the session is gone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.hands import NEXT_POLL, POLL_SECS, Console, badge, counters, focused, poll_now, row, until
from tests.support import server
from tests.support.browser import Watch
from tests.support.web import ADMIN, PASSWORD, SUPERVISOR, House

# Chromium and htmx say these themselves when a test makes the server fail.
FAILED_TO_LOAD = r"Failed to load resource: .* \(at http://127\.0\.0\.1:\d+/conversations"
HTMX_SAYS = r"^htmx: htmx:error"
HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


class Polls:
    """The polls of a page whose clock is in the hands of the test."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.asked = 0
        self.ended = 0
        page.on("request", lambda request: self._count("asked", request))
        page.on("requestfinished", lambda request: self._count("ended", request))
        page.on("requestfailed", lambda request: self._count("ended", request))

    def _count(self, what: str, request: Request) -> None:
        if request.headers.get("hx-request-type") == "partial" and request.method == "GET":
            setattr(self, what, getattr(self, what) + 1)

    def advance(self, secs: float) -> None:
        """Lets time pass in the page; it stands still while an answer is on its way, as that takes real time."""
        while secs > 0:
            self._page.clock.run_for(min(secs, 1) * 1000)
            secs -= 1
            self._page.wait_for_timeout(10)
            if self.asked > self.ended:
                until(self._page, lambda: self.asked == self.ended, "the end of a poll")
                self._page.wait_for_timeout(50)  # the page takes the answer in


def open_in_hand(console: Console, url: str = "/conversations") -> tuple[Page, Polls]:
    """A board whose clock is in the hands of the test, after its first poll."""
    page = console.open()
    page.clock.install()
    polls = Polls(page)
    page.goto(url)
    poll_now(page)
    # From here on only the test moves the clock: on a slow machine its own time would bring polls forward.
    page.clock.pause_at(datetime.fromtimestamp(page.evaluate("Date.now()") / 1000 + 0.2, UTC))
    polls.advance(0.1)
    polls.asked = polls.ended = 0
    return page, polls


@pytest.mark.usefixtures("worker")
def test_an_unchanged_board_is_answered_without_a_body(console: Console) -> None:
    console.home.policy("Slow", resolution_time_secs=86_400, first_response_time_secs=86_000)
    console.home.conversations(3)
    page = console.board()
    first = poll_now(page)
    assert first.status == 200
    assert first.header_value("etag")
    assert 'data-counter="ok">3<' in first.text()
    page.evaluate("() => { window.kept = [...document.querySelectorAll('#live *')]; }")
    second = poll_now(page)
    assert second.status == 304
    assert second.request.headers["if-none-match"] == first.header_value("etag")
    assert not int(second.header_value("content-length") or 0)
    assert second.request.sizes()["responseBodySize"] == 0
    untouched = "() => window.kept.every((one, place) => one === document.querySelectorAll('#live *')[place])"
    assert page.evaluate(untouched)
    expect(page.locator("[data-live-updated]")).to_have_text(re.compile(r"^updated \d\d:\d\d:\d\d, every 5 s$"))
    # Something happened: only what changed is touched.
    newest = console.home.conversation(contact_name="Rani New")
    third = poll_now(page)
    assert third.status == 200
    expect(row(page, newest)).to_be_visible()
    still = page.evaluate("() => window.kept.filter((one) => one.isConnected).length / window.kept.length")
    assert still == 1
    assert poll_now(page).status == 304


@pytest.mark.usefixtures("worker")
def test_it_polls_by_itself_every_five_seconds(console: Console) -> None:
    _page, polls = open_in_hand(console)
    for number in range(1, 4):
        polls.advance(POLL_SECS - 1)
        assert polls.asked == number - 1
        polls.advance(1.2)
        assert polls.asked == number


def test_a_hidden_tab_does_not_poll(console: Console) -> None:
    page, polls = open_in_hand(console)
    page.evaluate(HIDE, True)
    polls.advance(60)
    assert polls.asked == 0
    expect(page.locator("[data-live-stale]")).to_be_hidden()
    # Back in front it asks at once, and goes on.
    page.evaluate(HIDE, False)
    polls.advance(0.1)
    assert polls.asked == 1
    polls.advance(POLL_SECS + 1)
    assert polls.asked == 2


def test_a_failing_server_is_asked_ever_less_often_and_the_page_says_so(console: Console) -> None:
    console.watch.allow(FAILED_TO_LOAD)
    waiting = console.home.conversation(contact_name="Rani Waits")
    page, polls = open_in_hand(console)
    stale = page.locator("[data-live-stale]")

    def fail(route: Route) -> None:
        route.fulfill(status=500, content_type="text/html", body="<h1>Something went wrong</h1>")

    page.route("**/conversations*", fail)
    expect(stale).to_be_hidden()
    for number, secs in enumerate((5, 5, 10, 20, 40, 60, 60), 1):
        polls.advance(secs - 1)
        assert polls.asked == number - 1, f"not before {secs} s"
        polls.advance(1.2)
        assert polls.asked == number, f"after {secs} s"
    expect(stale).to_be_visible()
    expect(stale).to_have_text(re.compile("No answer from the server"))
    expect(page.locator("html")).to_have_class(re.compile("is-stale"))
    expect(row(page, waiting)).to_be_visible()
    assert "Something went wrong" not in page.content()

    page.unroute("**/conversations*")
    newest = console.home.conversation(contact_name="Rani Later")
    polls.advance(61)
    expect(row(page, newest)).to_be_visible()
    expect(stale).to_be_hidden()
    expect(page.locator("html")).not_to_have_class(re.compile("is-stale"))
    polls.advance(POLL_SECS + 1)
    assert polls.asked >= 9, "and then as often as ever"


def test_a_stopped_server_comes_back(app_sqlite: Flask, home: House, watch: Watch) -> None:
    watch.allow(FAILED_TO_LOAD)
    watch.allow(HTMX_SAYS)
    home.conversation(contact_name="Rani Waits")
    with server.served(app_sqlite) as url:
        page, polls = open_in_hand(Console(home, watch, url), f"{url}/conversations")
    stale = page.locator("[data-live-stale]")
    polls.advance(21)
    expect(stale).to_be_visible()
    expect(page.get_by_role("link", name="Rani Waits")).to_be_visible()
    newest = home.conversation(contact_name="Rani Later")
    with server.served(app_sqlite, port=int(url.rpartition(":")[2])):
        polls.advance(61)
        expect(row(page, newest)).to_be_visible()
        expect(stale).to_be_hidden()
        page.close()


def test_a_session_that_ended_leads_to_the_login_page_and_back(console: Console) -> None:
    console.watch.allow(r"401 .*/conversations")  # Chromium names every 401
    console.home.conversation(channel="email", contact_name="Rani Mail")
    console.home.conversation(channel="whatsapp", contact_name="Budi Phone")
    page = console.board(query="?channel=email")
    expect(page.locator("[data-conversation]")).to_have_count(1)
    page.context.clear_cookies()
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_url(re.compile(r"/login\?"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    page.get_by_label("E-mail").fill(console.home.people[SUPERVISOR].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"/conversations\?channel=email$"))
    expect(page.get_by_role("link", name="Rani Mail")).to_be_visible()
    expect(page.locator("[data-conversation]")).to_have_count(1)


def test_two_browsers_see_each_other_within_one_poll(console: Console) -> None:
    first, second = console.home.conversations(2, timedelta(minutes=5))
    one, other = console.board(), console.board(ADMIN)
    # Focus on a row: what somebody else does elsewhere takes it from nobody.
    other.get_by_role("link", name="Contact 1").focus()
    row(one, first).locator(".row-menu > summary").click()
    row(one, first).get_by_role("button", name="Take over").click()
    expect(row(one, first).locator(".row-agent")).to_contain_text("Supervisor of")
    expect(row(other, first).locator(".row-agent")).to_contain_text("Supervisor of", timeout=NEXT_POLL)
    assert focused(other) == "Contact 1"
    # And the other way, in the very row that has the focus.
    row(other, second).locator(".row-menu > summary").click()
    row(other, second).get_by_role("button", name="Waiting for customer").click()
    expect(row(one, second).locator(".row-agent")).to_contain_text("Waiting for customer", timeout=NEXT_POLL)
    until(one, lambda: counters(one)["unassigned"] == 1, "the counter of the unassigned")


@pytest.mark.usefixtures("worker")
def test_rows_hold_still_under_the_pointer_and_the_focus_stays(console: Console) -> None:
    console.home.policy("Slow", resolution_time_secs=86_400, first_response_time_secs=7_200)
    ids = console.home.conversations(4, timedelta(minutes=10))
    page = console.board()
    order = "() => [...document.querySelectorAll('[data-conversation]')].map((one) => one.dataset.conversation)"
    # What falls due first stands first: the oldest.
    assert page.evaluate(order) == ids[::-1]
    page.get_by_role("link", name="Contact 2").focus()
    row(page, ids[1]).hover()
    page.evaluate("() => { window.kept = document.activeElement; }")
    # The first row is answered: by what falls due next it now belongs at the end.
    console.home.api().post(f"/api/conversations/{ids[3]}/messages", {"sender": "agent", "body": "Hello!"})
    assert poll_now(page).status == 200
    expect(badge(page, ids[3])).to_have_attribute("data-state", "met")
    assert page.evaluate(order) == ids[::-1], "no row moves under the pointer"
    # One is resolved: it leaves a gap, and the rows below it stay where they are.
    place = row(page, ids[1]).bounding_box()
    console.home.api().patch(f"/api/conversations/{ids[2]}/status", {"status": "resolved"})
    poll_now(page)
    expect(row(page, ids[2])).to_have_count(0)
    assert row(page, ids[1]).bounding_box() == place
    assert focused(page) != "body"
    until(page, lambda: page.evaluate(order) == [ids[1], ids[0], ids[3]], "the true order", timeout=NEXT_POLL + 8_000)


@pytest.mark.usefixtures("worker")
def test_the_focused_row_moves_and_keeps_the_focus(console: Console) -> None:
    console.home.policy("Slow", resolution_time_secs=86_400, first_response_time_secs=7_200)
    ids = console.home.conversations(3, timedelta(minutes=10))
    page, polls = open_in_hand(console)
    link = row(page, ids[2]).get_by_role("link", name="Contact 2")
    link.focus()
    console.home.api().post(f"/api/conversations/{ids[2]}/messages", {"sender": "agent", "body": "Hello!"})
    polls.advance(15)  # nobody has moved since
    order = "() => [...document.querySelectorAll('[data-conversation]')].map((one) => one.dataset.conversation)"
    until(page, lambda: page.evaluate(order) == [ids[1], ids[0], ids[2]], "the new order")
    expect(link).to_be_focused()
