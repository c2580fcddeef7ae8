"""Forms and menus with JavaScript and by keyboard: the focus, the echo of a duration, actions in place."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from omnistream_console.store.agents import ADMIN
from tests.browser.hands import NEXT_POLL, Console, badge, counters, focused, row, until
from tests.support.browser import PHONE, axe, sideways_scroll
from tests.support.web import PASSWORD, SUPERVISOR

REFUSED = r"status of (401|409|422)"


@pytest.fixture
def promise(console: Console) -> None:
    console.home.policy("Slow", first_response_time_secs=7_200, resolution_time_secs=86_400)


@pytest.mark.usefixtures("promise")
def test_the_actions_of_a_row_work_in_place(console: Console) -> None:
    ids = console.home.conversations(3, timedelta(minutes=1))
    page = console.board()
    page.evaluate("() => { window.same = true; }")
    one = row(page, ids[0])
    menu = one.locator(".row-menu")
    opener = menu.locator("summary")

    opener.click()
    menu.get_by_role("button", name="Agent of Warung Digital").click()
    expect(one.locator(".row-agent")).to_contain_text("Agent of Warung Digital")
    expect(menu).not_to_have_attribute("open", "")
    expect(opener).to_be_focused()
    assert counters(page)["unassigned"] == 2

    opener.click()
    menu.get_by_role("button", name="Take over").click()
    expect(one.locator(".row-agent")).to_contain_text("Supervisor of Warung Digital")

    opener.click()
    menu.get_by_role("button", name="Waiting for customer").click()
    expect(badge(page, ids[0], "resolution")).to_have_attribute("data-state", "paused")
    expect(one.locator(".row-agent")).to_contain_text("Waiting for customer")
    expect(opener).to_be_focused()

    opener.click()
    menu.get_by_role("button", name="Resolved").click()
    expect(one).to_have_count(0)
    assert page.evaluate("() => window.same"), "the page was never left"
    # One menu at a time; a click elsewhere and Escape close it.
    other, third = row(page, ids[1]).locator(".row-menu"), row(page, ids[2]).locator(".row-menu")
    other.locator("summary").click()
    third.locator("summary").click()
    expect(other).not_to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(third).not_to_have_attribute("open", "")
    expect(third.locator("summary")).to_be_focused()
    third.locator("summary").click()
    page.get_by_role("heading", level=1).click()
    expect(third).not_to_have_attribute("open", "")


def test_a_refusal_of_an_action_in_place_is_shown(console: Console) -> None:
    console.watch.allow(r"status of (404|422|500)")
    id = console.home.conversation(contact_name="Rani Waits")
    page = console.board()
    menu = row(page, id).locator(".row-menu")
    alerts = page.locator("#alerts")

    # What the page offers is out of date.
    menu.locator("summary").click()
    button = menu.get_by_role("button", name="Agent of Warung Digital")
    button.evaluate("button => { button.value = '00000000-0000-7000-8000-000000000000'; }")
    button.click()
    expect(alerts).to_contain_text("There is no such person.")
    expect(row(page, id).locator(".row-agent")).to_contain_text("Unassigned")
    assert not axe(page)

    # The conversation is not there (any more).
    menu.locator("summary").click()
    button = menu.get_by_role("button", name="Take over")
    button.evaluate(
        "button => { button.formAction = button.formAction.replace(/[^/]+(?=.takeover)/, "
        "'00000000-0000-7000-8000-000000000000'); }"
    )
    button.click()
    expect(alerts).to_contain_text("Not found")

    # And the server fails: no page of its own in the alert.
    page.route("**/status", lambda route: route.fulfill(status=500, content_type="text/html", body="<html>Oh</html>"))
    menu.locator("summary").click()
    menu.get_by_role("button", name="Resolved").click()
    expect(alerts).to_have_text("That did not work. Please try again.")
    expect(row(page, id)).to_be_visible()


def test_an_action_after_the_session_ended_leads_to_the_login_page(console: Console) -> None:
    console.watch.allow(r"status of (400|401)")
    id = console.home.conversation(channel="email", contact_name="Rani Waits")
    page = console.board(query="?channel=email")
    page.context.clear_cookies()
    row(page, id).locator(".row-menu > summary").click()
    row(page, id).get_by_role("button", name="Take over").click()
    page.wait_for_url(re.compile("/login"))
    page.get_by_label("E-mail").fill(console.home.people[SUPERVISOR].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(re.compile(r"/conversations\?channel=email$"))


def test_a_duration_is_read_back_as_it_is_typed(console: Console) -> None:
    console.watch.allow(REFUSED)
    page = console.open()
    page.goto("/sla-policies/new")
    field = page.get_by_label("First response within")
    hint = page.locator("#first_response_time_secs-hint")
    for typed, echo in (
        ("90m", "Read as 1h 30m"),
        ("1h 30m", "Read as 1h 30m"),
        ("2 jam 5 mnt", "Read as 2h 5m"),
        ("45", "For example 5m, 1h 30m or 2d."),
        ("soon", "For example 5m, 1h 30m or 2d."),
        ("36h", "Read as 1d 12h"),
    ):
        field.fill(typed)
        expect(hint).to_have_text(echo)
    # What the browser reads back is what the server makes of it.
    page.get_by_label("Name").fill("Gold")
    page.get_by_label("Resolution within").fill("soon")
    page.get_by_role("button", name="Create policy").click()
    bad = page.get_by_label("Resolution within")
    expect(bad).to_have_attribute("aria-invalid", "true")
    expect(bad).to_be_focused()
    expect(field).to_have_value("36h")
    expect(hint).to_have_text("Read as 1d 12h")
    assert not axe(page)
    bad.fill("3d")
    page.keyboard.press("Enter")
    expect(page.locator("[data-policy]")).to_contain_text("1d 12h")
    # In Indonesian the units are its own.
    page.goto("/sla-policies/new")
    page.get_by_role("button", name="Bahasa Indonesia").locator("visible=true").click()
    field = page.locator("#first_response_time_secs")
    field.fill("90m")
    expect(hint).to_have_text(re.compile(r"1\s?j 30\s?mnt$"))


def test_the_second_editor_sees_what_changed_and_loses_nothing(console: Console) -> None:
    console.watch.allow(REFUSED)
    policy = console.home.policy("Gold", first_response_time_secs=300, resolution_time_secs=3_600)
    url = f"/sla-policies/{policy['id']}"
    first, second = console.open(ADMIN), console.open()
    first.goto(url)
    second.goto(url)
    second.get_by_label("Description").fill("What I have been typing for a while")
    second.get_by_label("Resolution within").fill("2h")
    first.get_by_label("Resolution within").fill("3h")
    first.get_by_label("Warn at").fill("70")
    first.get_by_role("button", name="Save policy").click()
    expect(first.get_by_role("status")).to_contain_text("saved")

    second.get_by_role("button", name="Save policy").click()
    alert = second.get_by_role("alert").filter(has_text="Admin of Warung Digital changed this policy")
    expect(alert).to_be_visible()
    expect(alert.get_by_role("row", name="Resolution within")).to_contain_text("3h")
    expect(alert.get_by_role("row", name="Resolution within")).to_contain_text("2h")
    expect(alert.get_by_role("row", name="Warn at")).to_contain_text("70")
    expect(alert.get_by_role("row")).to_have_count(3)
    expect(second.get_by_label("Description")).to_have_value("What I have been typing for a while")
    expect(second.get_by_label("Resolution within")).to_have_value("2h")
    assert not axe(second)
    second.set_viewport_size({"width": PHONE, "height": 844})
    assert sideways_scroll(second) == 0
    second.get_by_role("button", name="Save policy").click()
    expect(second.get_by_role("status")).to_contain_text("saved")
    saved = console.home.api().get(f"/api/sla-policies/{policy['id']}").json
    assert saved["resolution_time_secs"] == 7_200
    assert saved["description"] == "What I have been typing for a while"


def tabbed(page: Page, most: int = 60) -> list[str]:
    """What the tab key reaches, by its words."""
    reached: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        reached.append(focused(page))
        if page.evaluate("() => document.activeElement === document.body"):
            break
    return reached


@pytest.mark.usefixtures("promise", "worker")
def test_the_board_by_keyboard(console: Console) -> None:
    ids = console.home.conversations(2, timedelta(minutes=1))
    page = console.board()
    reached = tabbed(page)
    assert reached[0] == "Skip to content"
    places = [
        next(place for place, words in enumerate(reached) if wanted in words)
        for wanted in ("Live board", "Policies", "Log out", "Filter", "New conversation", "counter-breached",
                       "Contact 1", "1h 5", "23h 5", "Actions for Contact 1", "Contact 0")
    ]  # fmt: skip
    assert places == sorted(places), reached

    # The skip link leads past the navigation.
    page.goto("/conversations")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    assert "Filter" in focused(page)

    # A badge tells by keyboard what it tells by hovering.
    it = badge(page, ids[1])
    it.focus()
    page.keyboard.press("Enter")
    tip = it.locator("xpath=..").locator(".tip")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Slow")
    expect(tip).to_contain_text("WIB")
    assert not axe(page)
    page.keyboard.press("Tab")
    assert focused(page) == "Show the figures"
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(it).to_be_focused()

    # An action, from the row's menu to its end.
    row(page, ids[1]).locator(".row-menu > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert focused(page) == "Open the conversation"
    page.keyboard.press("Tab")
    assert focused(page) == "Take over"
    page.keyboard.press("Enter")
    expect(row(page, ids[1]).locator(".row-agent")).to_contain_text("Supervisor of", timeout=NEXT_POLL)
    until(page, lambda: counters(page)["unassigned"] == 1, "the counter of the unassigned")


@pytest.mark.usefixtures("promise")
def test_hovering_tells_what_a_tap_opens(console: Console) -> None:
    id = console.home.conversation(contact_name="Rani Waits")
    page = console.board()
    it = badge(page, id)
    tip = it.locator("xpath=..").locator(".tip")
    expect(tip).to_be_hidden()
    it.hover()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Target")
    phone = console.board(width=PHONE, height=844)
    badge(phone, id).click()
    opened = badge(phone, id).locator("xpath=..").locator(".tip")
    expect(opened).to_be_visible()
    assert sideways_scroll(phone) == 0
    assert not axe(phone)
    opened.get_by_role("link", name="Show the figures").click()
    phone.wait_for_url(re.compile(f"/conversations/{id}/sla$"))


def test_the_menu_of_a_phone(console: Console) -> None:
    page = console.board(width=PHONE, height=844)
    page.locator(".side-narrow > summary").click()
    sheet = page.locator(".side-sheet")
    expect(sheet.get_by_role("link", name="Policies")).to_be_visible()
    assert not axe(page)
    assert sideways_scroll(page) == 0
    sheet.get_by_role("link", name="Policies").click()
    page.wait_for_url(re.compile("/sla-policies$"))


def test_light_and_dark_by_choice(console: Console) -> None:
    page = console.board(color_scheme="light")
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "light")
    switch = page.get_by_role("button", name="Dark mode").locator("visible=true")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.click()
    expect(html).to_have_attribute("data-bs-theme", "dark")
    expect(switch).to_have_attribute("aria-pressed", "true")
    assert not axe(page)
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "dark")
