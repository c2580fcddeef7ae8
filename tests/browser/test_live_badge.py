"""The badge in a real browser: a clock crosses its instants on a board that nobody touches."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import NEXT_POLL, Console, badge, counters, focused, poll_now, row, shoot, until

# Seconds enough to see the clock on track first, also where the machine does other things.
TARGET, WARNING_PCT = 12, 50

STANDS = """() => ({
    focus: document.activeElement.textContent.trim(),
    scroll: window.scrollY,
    open: document.querySelector('.filter-box').open,
    chosen: document.querySelector('#filter-channel').value,
})"""


@pytest.fixture
def promises(console: Console) -> None:
    """A fast promise for one channel, and one of hours for another."""
    console.home.policy("Fast", channel="webchat", first_response_time_secs=TARGET, warning_threshold_pct=WARNING_PCT)
    console.home.policy("Slow", channel="email", first_response_time_secs=7_200, resolution_time_secs=86_400)


# Everything that a badge has shown, second by second.
RECORD = """badge => {
    window.seen = [];
    const note = () => window.seen.push([badge.dataset.status, badge.textContent, Date.now() / 1000]);
    new MutationObserver(note).observe(badge, {subtree: true, childList: true, characterData: true});
}"""


def check_countdown(seen: list[tuple[str, str, float]], at: dict[str, datetime]) -> None:
    """The words run with the clock, and change their sentence with the status, at the instants that the server says."""
    order = ["ok", "warning", "breached"]
    left = [int(words.split("s ")[0]) * (-1 if "overdue" in words else 1) for _, words, _ in seen]
    assert left == sorted(left, reverse=True), seen
    assert len(set(left)) >= TARGET - 4, f"it ticks: {seen}"
    assert [status for status, _, _ in seen] == sorted((status for status, _, _ in seen), key=order.index)
    for status, instant in at.items():
        crossed = next(when for shown, _, when in seen if shown == status)
        assert -0.1 < crossed - instant.timestamp() < 3, (status, seen)


def instants(console: Console, conversation: str) -> dict[str, datetime]:
    """What the API says of the first response."""
    answer = console.home.api().get(f"/api/conversations/{conversation}").json
    opened = datetime.fromisoformat(answer["created_at"])
    return {
        "warning": opened + timedelta(seconds=TARGET * WARNING_PCT / 100),
        "breached": opened + timedelta(seconds=TARGET),
    }


def colour(page: Page, conversation: str) -> str:
    return str(badge(page, conversation).evaluate("element => getComputedStyle(element).backgroundColor"))


@pytest.mark.usefixtures("promises", "worker")
def test_a_clock_crosses_warning_and_due_before_ones_eyes(console: Console) -> None:
    slow = console.home.conversations(30, timedelta(minutes=1))
    page = console.board()  # once, so that what follows comes from the browser's cache
    fast = console.home.conversation(channel="webchat", contact_name="Rani Waits")
    page.goto("/conversations")
    it = badge(page, fast)
    expect(it).to_have_attribute("data-status", "ok")
    expect(it).to_have_attribute("data-state", "running")
    expect(it).to_have_class("sla-badge tone-ok")
    assert counters(page) == {"breached": 0, "warning": 0, "ok": 31, "paused": 0, "none": 0, "unassigned": 31}
    colours = [colour(page, fast)]
    it.evaluate(RECORD)

    # The reader's state: an open box, a choice in it that is not sent, a scrolled page, a link that has the focus.
    page.locator(".filter-box > summary").click()
    page.locator("#filter-channel").select_option("email")
    page.mouse.wheel(0, 300)
    until(page, lambda: page.evaluate("window.scrollY") == 300, "the page is scrolled")
    row(page, slow[8]).get_by_role("link", name="Contact 8").evaluate("link => link.focus({preventScroll: true})")
    stands = page.evaluate(STANDS)
    assert stands == {"focus": "Contact 8", "scroll": 300, "open": True, "chosen": "email"}

    # From here on nobody touches the page.
    at = instants(console, fast)
    expect(it).to_have_attribute("data-status", "warning", timeout=TARGET * 1000)
    expect(it).to_have_class("sla-badge tone-warning")
    expect(it).to_have_text(re.compile(r"^[1-6]s left$"))
    colours.append(colour(page, fast))
    until(page, lambda: counters(page)["warning"] == 1, "the counter of those at risk")
    assert counters(page)["ok"] == 30

    expect(it).to_have_attribute("data-status", "breached", timeout=TARGET * 1000)
    expect(it).to_have_attribute("data-state", "running")
    expect(it).to_have_class("sla-badge tone-breached")
    expect(it).to_have_text(re.compile(r"^\ds overdue$"))
    colours.append(colour(page, fast))
    until(page, lambda: counters(page)["breached"] == 1, "the counter of breaches")
    assert counters(page) == {"breached": 1, "warning": 0, "ok": 30, "paused": 0, "none": 0, "unassigned": 31}
    assert len(set(colours)) == 3, f"every status has its own colour: {colours}"
    assert page.evaluate(STANDS) == stands
    check_countdown(page.evaluate("window.seen"), at)
    # The row stays where it is as long as the reader is at the list, and then goes up to the overdue ones.
    expect(page.locator("#rows-overdue").locator(f"#row-{fast}")).to_be_attached(timeout=NEXT_POLL + 8_000)
    after = page.evaluate(STANDS)
    assert after | {"scroll": 0} == stands | {"scroll": 0}
    shoot(page, "live-badge")

    # Somebody else answers, through the API.
    answered = console.home.api().post(
        f"/api/conversations/{fast}/messages", {"sender": "agent", "body": "Here I am, sorry for the wait."}
    )
    assert answered.status_code == 201
    expect(it).to_have_attribute("data-state", "met_late", timeout=NEXT_POLL)
    expect(it).to_contain_text("Met late by")
    until(page, lambda: counters(page)["breached"] == 0, "the counter of breaches")
    assert page.evaluate(STANDS) == after

    # The breach is on record, at the second at which it fell due.
    page.goto("/breaches")
    entry = page.locator("[data-breach]")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Rani Waits")
    entry.get_by_role("link", name="Rani Waits").click()
    page.wait_for_url(f"**/conversations/{fast}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rani Waits")
    (breach,) = console.home.api().get("/api/breaches").json
    assert breach["conversation_id"] == fast
    assert datetime.fromisoformat(breach["breached_at"]) == at["breached"]
    took = datetime.fromisoformat(breach["detected_at"]) - datetime.fromisoformat(breach["breached_at"])
    assert timedelta(0) <= took < timedelta(seconds=2)


@pytest.mark.usefixtures("promises", "worker")
def test_an_answer_in_time_turns_the_badge_to_met(console: Console) -> None:
    waiting = console.home.conversation(channel="email", contact_name="Rani Waits")
    page = console.board()
    it = badge(page, waiting)
    expect(it).to_have_text("1h 59m left")
    console.home.api().post(f"/api/conversations/{waiting}/messages", {"sender": "agent", "body": "Good morning!"})
    assert poll_now(page).status == 200
    expect(it).to_have_attribute("data-state", "met")
    expect(it).to_have_attribute("data-status", "ok")
    expect(it).to_have_class("sla-badge tone-met")
    expect(it).to_contain_text("Met in")
    # And a clock that stands still while the customer is waited for.
    console.home.api().patch(f"/api/conversations/{waiting}/status", {"status": "pending"})
    poll_now(page)
    resolution = badge(page, waiting, "resolution")
    expect(resolution).to_have_attribute("data-state", "paused")
    expect(resolution).to_have_text("Paused: waiting for customer")
    until(page, lambda: counters(page)["paused"] == 1, "the counter of the paused")


@pytest.mark.usefixtures("promises", "worker")
def test_what_one_types_on_a_conversations_page_stays_while_its_clocks_go_on(console: Console) -> None:
    page = console.open()
    page.goto("/conversations/new")  # once, so that what follows comes from the browser's cache
    fast = console.home.conversation(channel="webchat", contact_name="Rani Waits")
    page.goto(f"/conversations/{fast}")
    it = page.locator('#clocks [data-clock="first_response"]')
    expect(it).to_have_attribute("data-status", "ok")
    it.click()
    details = page.locator("#clock-first_response details")
    expect(details).to_have_attribute("open", "")
    page.get_by_label("Message").focus()
    page.keyboard.type("Dear Ra")
    expect(it).to_have_attribute("data-status", "breached", timeout=2 * TARGET * 1000)
    # The poll that follows the crossing brings what only the server knows.
    expect(details.locator(".tip")).to_contain_text("Breached", timeout=NEXT_POLL)
    expect(details).to_have_attribute("open", "")
    assert focused(page) == "body"
    page.keyboard.type("ni,")
    expect(page.get_by_label("Message")).to_have_value("Dear Rani,")
