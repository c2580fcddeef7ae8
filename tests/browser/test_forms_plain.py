"""Every form without JavaScript: what is refused stands beside its field, and what was typed stays."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from omnistream_console.store.agents import ADMIN
from tests.browser.hands import Console, badge, row
from tests.support.browser import Watch
from tests.support.web import PASSWORD, SUPERVISOR


@pytest.fixture
def page(console: Console) -> Page:
    """A browser without JavaScript in which the supervisor has signed in."""
    console.watch.allow(r"status of (401|409|422)")
    return console.open(java_script=False)


def check_refused(field: Locator, said: str | re.Pattern[str], typed: str) -> None:
    """The field keeps what was typed and is tied to the sentence that says what is wrong."""
    expect(field).to_have_value(typed)
    expect(field).to_have_attribute("aria-invalid", "true")
    error = f"{field.get_attribute('id')}-error"
    assert error in (field.get_attribute("aria-describedby") or "").split()
    expect(field.page.locator(f"#{error}")).to_have_text(said)


def fine(page: Page, label: str) -> None:
    expect(page.get_by_label(label)).not_to_have_attribute("aria-invalid", "true")


def test_setup(app_sqlite: Flask, watch: Watch) -> None:
    watch.allow("status of 422")
    page = watch.open(java_script=False)
    page.goto("/")
    expect(page).to_have_url(re.compile("/setup$"))
    page.get_by_label("Name of the organization").fill("Warung Digital")
    page.get_by_label("Time zone").select_option("Asia/Makassar")
    mine = page.locator("form", has=page.get_by_role("button", name="Create organization"))
    mine.get_by_label("Your name").fill("Sari")
    mine.get_by_label("E-mail").fill("sari at warung")
    mine.get_by_label("Password").fill("short")
    mine.get_by_role("button", name="Create organization").click()
    check_refused(mine.get_by_label("E-mail"), "That is no e-mail address.", "sari at warung")
    check_refused(mine.get_by_label("Password"), "A password has at least 10 characters.", "")
    expect(page.get_by_role("alert")).to_contain_text("Nothing has been saved yet")
    expect(page.get_by_label("Name of the organization")).to_have_value("Warung Digital")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Makassar")
    mine.get_by_label("E-mail").fill("sari@warung.example")
    mine.get_by_label("Password").fill(PASSWORD)
    mine.get_by_role("button", name="Create organization").click()
    expect(page).to_have_url(re.compile("/conversations$"))
    expect(page.get_by_role("heading", name="No conversations yet")).to_be_visible()
    expect(page.locator(".page-sub")).to_contain_text("WITA")


def test_login_and_logout(console: Console) -> None:
    console.watch.allow(r"status of (401|422)")
    page = console.open(None, java_script=False)
    page.goto("/breaches")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_role("button", name="Log in").click()
    check_refused(page.get_by_label("E-mail"), "This field is required.", "")
    page.get_by_label("E-mail").fill(console.home.people[SUPERVISOR].email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("The address or the password is wrong.")
    expect(page.get_by_label("E-mail")).to_have_value(console.home.people[SUPERVISOR].email)
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/breaches$"))
    expect(page.get_by_role("status")).to_contain_text("Good to see you")
    page.get_by_role("button", name="Log out").locator("visible=true").click()
    expect(page).to_have_url(re.compile("/login$"))
    expect(page.get_by_role("status")).to_have_text("Signed out.")
    page.goto("/breaches")
    expect(page).to_have_url(re.compile("/login"))


def test_a_policy_from_its_creation_to_its_end(page: Page, console: Console) -> None:
    page.goto("/sla-policies")
    page.get_by_role("link", name="New policy").first.click()
    page.get_by_label("Name").fill("Gold")
    page.get_by_label("Description").fill("For those who wait\nleast.")
    page.get_by_label("Channel").fill("whatsapp")
    page.get_by_label("Division").select_option(label="Support")
    page.get_by_label("First response within").fill("5")
    page.get_by_label("Resolution within").fill("soon")
    page.get_by_label("Warn at").fill("180")
    page.get_by_label("Active").uncheck()
    page.get_by_role("button", name="Create policy").click()
    # A number of what? Not guessed, not lost.
    check_refused(page.get_by_label("First response within"), re.compile("5 of what"), "5")
    check_refused(page.get_by_label("Resolution within"), re.compile("Type a duration such as"), "soon")
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(2)
    fine(page, "Name")
    expect(page.get_by_label("Name")).to_have_value("Gold")
    expect(page.get_by_label("Description")).to_have_value("For those who wait\nleast.")
    expect(page.get_by_label("Channel")).to_have_value("whatsapp")
    expect(page.get_by_label("Division")).to_have_value(str(console.home.support))
    expect(page.get_by_label("Active")).not_to_be_checked()
    page.get_by_label("First response within").fill("5m")
    page.get_by_label("Resolution within").fill("1h 30m")
    page.get_by_role("button", name="Create policy").click()
    check_refused(page.get_by_label("Warn at"), re.compile("At most 100"), "180")
    page.get_by_label("Warn at").fill("75")
    page.get_by_label("Active").check()
    page.get_by_role("button", name="Create policy").click()

    expect(page).to_have_url(re.compile("/sla-policies$"))
    expect(page.get_by_role("status")).to_contain_text("Policy “Gold” created.")
    line = page.locator("[data-policy]")
    expect(line).to_contain_text("WhatsApp in Support")
    expect(line).to_contain_text("1h 30m")

    line.get_by_role("link", name="Edit Gold").click()
    expect(page.get_by_label("Resolution within")).to_have_value("1h 30m")
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save policy").click()
    check_refused(page.get_by_label("Name"), "This field is required.", "")
    page.get_by_label("Name").fill("Platinum")
    page.get_by_label("Channel").fill("")
    page.get_by_label("Division").select_option("")
    page.get_by_role("button", name="Save policy").click()
    expect(page.get_by_role("status")).to_contain_text("Policy “Platinum” saved.")
    expect(line).to_contain_text("All conversations")

    console.home.conversation()
    line.get_by_role("link", name="Edit Platinum").click()
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("main")).to_contain_text("It governs 1 open conversation.")
    page.get_by_role("link", name="Keep it").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete policy").click()
    expect(page.get_by_role("status")).to_contain_text("Policy “Platinum” deleted.")
    expect(page.get_by_role("heading", name="No policies yet")).to_be_visible()


def test_the_default_policy_is_not_deleted(page: Page, console: Console) -> None:
    policy = console.home.policy(is_default=True)
    page.goto(f"/sla-policies/{policy['id']}/delete")
    page.get_by_role("button", name="Delete policy").click()
    expect(page.get_by_role("alert").filter(has_text="The default policy cannot be deleted")).to_be_visible()
    page.goto("/sla-policies")
    expect(page.locator("[data-policy]")).to_have_count(1)


def test_a_conversation_from_its_opening_to_its_end(page: Page, console: Console) -> None:
    console.home.policy(first_response_time_secs=600, resolution_time_secs=7_200)
    page.goto("/conversations")
    page.get_by_role("link", name="New conversation").first.click()
    page.get_by_label("Channel").select_option("instagram")
    page.get_by_label("Subject").fill("Where is it?")
    page.get_by_label("First message").fill("Three weeks now!")
    page.get_by_role("button", name="Open conversation").click()
    check_refused(page.get_by_label("Name"), "This field is required.", "")
    expect(page.get_by_label("Subject")).to_have_value("Where is it?")
    expect(page.get_by_label("First message")).to_have_value("Three weeks now!")
    expect(page.get_by_label("Channel")).to_have_value("instagram")
    page.get_by_label("Name").fill("Rani Waits")
    page.get_by_role("button", name="Open conversation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Rani Waits")
    expect(page.get_by_role("status").first).to_have_text("Conversation opened.")
    clock = page.locator('#clocks [data-clock="first_response"]')
    expect(clock).to_have_attribute("data-state", "running")
    timeline = page.locator("#timeline")

    message = page.locator("form#message")
    message.get_by_role("button").click()
    check_refused(message.get_by_label("Message"), "This field is required.", "")
    message.get_by_label("Message").fill("On its way <b>now</b>")
    message.get_by_role("button").click()
    expect(timeline).to_contain_text("On its way <b>now</b>")
    expect(timeline).to_contain_text("Supervisor of Warung Digital replied")
    expect(clock).to_have_attribute("data-state", "met")

    moves = page.locator("#change")
    moves.get_by_label("Agent").select_option(label="Agent of Warung Digital")
    moves.get_by_role("button", name="Assign").click()
    expect(page.get_by_role("status").first).to_have_text("Assigned.")
    expect(timeline).to_contain_text("assigned it to Agent of Warung Digital")
    page.get_by_role("button", name="Take over").click()
    expect(timeline).to_contain_text("took it over")

    moves.get_by_role("button", name="Transfer").click()
    check_refused(moves.get_by_label("To the division"), "A division or a channel is wanted.", "")
    moves.get_by_label("To the division").select_option(label="Sales")
    moves.get_by_label("Note for the colleagues").fill("Yours")
    moves.get_by_role("button", name="Transfer").click()
    expect(timeline).to_contain_text("transferred it to Sales")

    moves.get_by_label("Status").select_option("resolved")
    moves.get_by_role("button", name="Set Status").click()
    expect(page.get_by_role("status").first).to_have_text("Status changed.")
    expect(page.locator('#clocks [data-clock="resolution"]')).to_have_attribute("data-state", "met")
    moves.get_by_label("Status").select_option("closed")
    moves.get_by_role("button", name="Set Status").click()
    message.get_by_label("From").select_option("customer")
    message.get_by_label("Message").fill("One more thing")
    message.get_by_role("button").click()
    expect(page.get_by_role("alert").filter(has_text="This conversation is closed.")).to_be_visible()
    expect(message.get_by_label("Message")).to_have_value("One more thing")


def test_the_actions_of_a_row(page: Page, console: Console) -> None:
    id = console.home.conversation(channel="email", contact_name="Rani Waits")
    page.goto("/conversations?channel=email")
    one = row(page, id)
    one.locator(".row-menu > summary").click()
    one.get_by_role("button", name="Take over").click()
    # Back on the board, as it was filtered.
    expect(page).to_have_url(re.compile(r"/conversations\?channel=email$"))
    expect(one.locator(".row-agent")).to_contain_text("Supervisor of Warung Digital")
    one.locator(".row-menu > summary").click()
    one.get_by_role("button", name="Nobody").click()
    expect(one.locator(".row-agent")).to_contain_text("Unassigned")
    one.locator(".row-menu > summary").click()
    one.get_by_role("button", name="Agent of Warung Digital").click()
    expect(one.locator(".row-agent")).to_contain_text("Agent of Warung Digital")
    one.locator(".row-menu > summary").click()
    one.get_by_role("button", name="Waiting for customer").click()
    expect(one.locator(".row-agent")).to_contain_text("Waiting for customer")
    expect(badge(page, id, "none").first).to_have_text("No policy")
    # The details of a badge and the filters open without a script as well.
    page.locator(".filter-box > summary").click()
    page.get_by_label("Status").select_option("open")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"status=open"))
    expect(page.get_by_role("heading", name="Nothing matches these filters")).to_be_visible()
    page.get_by_role("link", name="Status: Open").click()
    expect(one).to_be_visible()


def test_divisions_and_people(console: Console) -> None:
    console.watch.allow("status of 422")
    page = console.open(ADMIN, java_script=False)
    page.goto("/settings/divisions")
    page.get_by_label("Name").fill("sales")
    page.get_by_role("button", name="Add division").click()
    check_refused(page.get_by_label("Name"), "Another one has this name already.", "sales")
    page.get_by_label("Name").fill("Returns")
    page.get_by_role("button", name="Add division").click()
    expect(page.get_by_role("link", name="Returns")).to_be_visible()
    page.goto("/settings/agents")
    page.get_by_label("Name").fill("Tirta")
    page.get_by_label("E-mail").fill(console.home.people[SUPERVISOR].email)
    page.get_by_label("Divisions").select_option(label=["Returns", "Sales"])
    page.get_by_role("button", name="Add person").click()
    check_refused(page.get_by_label("E-mail"), "This address is known already.", console.home.people[SUPERVISOR].email)
    expect(page.get_by_label("Divisions")).to_have_values([re.compile("-"), re.compile("-")])
    page.get_by_label("E-mail").fill("tirta@warung.example")
    page.get_by_role("button", name="Add person").click()
    expect(page.get_by_role("row", name="Tirta")).to_contain_text("Returns, Sales")


def test_the_language(page: Page, console: Console) -> None:
    page.goto("/breaches?clock=resolution")
    page.get_by_role("button", name="Bahasa Indonesia").locator("visible=true").click()
    expect(page).to_have_url(re.compile(r"/breaches\?clock=resolution$"))
    expect(page.locator("html")).to_have_attribute("lang", "id")
    # It is the person's own, in every browser.
    other = console.open(java_script=False)
    other.goto("/breaches")
    expect(other.locator("html")).to_have_attribute("lang", "id")
    other.get_by_role("button", name="English").locator("visible=true").click()
    expect(other.locator("html")).to_have_attribute("lang", "en")
