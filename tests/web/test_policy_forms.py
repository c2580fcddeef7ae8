"""Policies by form, without JavaScript: what is typed, what is kept, and the second of two editors."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.web import FRAGMENT, JSON, Browser, House

TYPED = {
    "name": "Sales on WhatsApp",
    "description": "Those who want to buy",
    "channel": "whatsapp",
    "division_id": "",
    "first_response_time_secs": "1h 30m",
    "resolution_time_secs": "2d",
    "warning_threshold_pct": "75",
    "priority": "-5",
    "is_active": ["", "y"],
    "is_default": "",
}


def shown(page: TestResponse) -> dict[str, str]:
    """What the form of a page holds, as a browser would send it."""
    values: dict[str, str] = {}
    form = page.text[page.text.index("<form") :] if "<form" in page.text else ""
    for tag in re.findall(r"<input [^>]*>", form):
        given = {key: unescape(value) for key, value in re.findall(r'(\w[\w-]*)="([^"]*)"', tag)}
        if given.get("type") == "checkbox" and not re.search(r"\schecked\b", tag):
            continue
        if "name" in given:
            values[given["name"]] = given.get("value", "")
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        values[name] = unescape(text).strip()
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        values[name] = chosen[1] if chosen else ""
    return values


def policies(home: House) -> list[Any]:
    return home.api().get("/api/sla-policies").json or []


def test_a_policy_is_typed_and_changed(browser: Browser, home: House) -> None:
    empty = shown(browser.get("/sla-policies/new"))
    assert empty["first_response_time_secs"] == "5m"
    assert empty["resolution_time_secs"] == "1h"
    assert empty["is_active"] == "y"
    made = browser.submit("/sla-policies", {**TYPED, "division_id": str(home.sales)})
    assert (made.status_code, made.headers["Location"]) == (303, "/sla-policies")
    listed = browser.get("/sla-policies")
    assert "Sales on WhatsApp" in listed.text
    assert "created" in listed.text  # the flash says so
    (policy,) = policies(home)
    assert policy["first_response_time_secs"] == 5400
    assert policy["resolution_time_secs"] == 172_800
    assert policy["division_id"] == str(home.sales)
    assert (policy["priority"], policy["is_active"], policy["is_default"]) == (-5, True, False)
    url = f"/sla-policies/{policy['id']}"
    form = shown(browser.get(url))
    assert form["first_response_time_secs"] == "1h 30m"
    assert form["division_id"] == str(home.sales)
    form |= {"description": "", "channel": "", "division_id": "", "is_default": "y"}
    assert browser.submit(url, form).status_code == 303
    (policy,) = policies(home)
    assert not {"description", "channel", "division_id"} & set(policy)
    assert policy["is_default"] is True


def test_a_box_without_its_tick_says_no(browser: Browser, home: House) -> None:
    browser.submit("/sla-policies", {**TYPED, "is_active": ""})
    assert policies(home)[0]["is_active"] is False
    browser.submit("/sla-policies", {"name": "Boxes left out", "first_response_time_secs": "5m"})
    assert [policy["is_active"] for policy in policies(home)] == [True, False]


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("5m", 300), ("1h 30m", 5400), ("2d", 172_800), ("90s", 90), ("1h30m", 5400), (" 2 JAM 5 menit ", 7500)],
)
def test_durations_as_people_type_them(browser: Browser, home: House, typed: str, seconds: int) -> None:
    assert browser.submit("/sla-policies", {**TYPED, "first_response_time_secs": typed}).status_code == 303
    assert policies(home)[0]["first_response_time_secs"] == seconds


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("300", ["300m for minutes", "300s for seconds"]),
        ("soon", ["1h 30m"]),
        ("1.5h", ["1h 30m"]),
        ("30m 1h", ["1h 30m"]),
        ("-5m", ["1h 30m"]),
        ("0s", ["At least 1"]),
        ("3651d", ["ten years"]),
        ("9" * 40, ["1h 30m"]),
        ("", ["required"]),
    ],
)
def test_durations_that_nobody_can_read(browser: Browser, home: House, typed: str, said: list[str]) -> None:
    answer = browser.submit("/sla-policies", {**TYPED, "first_response_time_secs": typed})
    assert answer.status_code == 422
    for words in said:
        assert words in answer.text
    assert shown(answer)["first_response_time_secs"] == typed
    assert policies(home) == []


def test_everything_typed_is_kept_when_something_is_refused(browser: Browser, home: House) -> None:
    typed = {
        **TYPED,
        "name": '<b>"Quoted" & bold</b>',
        "description": "line one\nline two </textarea>",
        "division_id": str(home.sales),
        "warning_threshold_pct": "eighty",
        "is_active": "",
        "is_default": ["", "y"],
    }
    answer = browser.submit("/sla-policies", typed)
    assert answer.status_code == 422
    kept = shown(answer)
    for field in ("name", "channel", "division_id", "first_response_time_secs", "warning_threshold_pct", "priority"):
        assert kept[field] == typed[field], field
    assert kept["description"].replace("\r\n", "\n") == typed["description"]
    assert kept["is_default"] == "y"  # and not what the hidden field before it says
    assert kept["is_active"] == ""
    assert "<b>" not in answer.text
    fragment = browser.submit("/sla-policies", typed, FRAGMENT)
    assert fragment.status_code == 422
    assert shown(fragment)["name"] == typed["name"]
    assert "<html" not in fragment.text


def test_a_name_that_is_taken(browser: Browser, home: House) -> None:
    home.policy("Sales on WhatsApp")
    answer = browser.submit("/sla-policies", TYPED)
    assert answer.status_code == 422
    assert "Another one has this name already." in answer.text


def test_what_the_default_refuses(browser: Browser, home: House) -> None:
    policy = home.policy("Default", is_default=True)
    url = f"/sla-policies/{policy['id']}"
    form = shown(browser.get(url)) | {"is_active": "", "description": "typed already"}
    refused = browser.submit(url, form)
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert shown(refused)["description"] == "typed already"
    asked = browser.get(f"{url}/delete")
    assert asked.status_code == 200
    gone = browser.submit(f"{url}/delete", {})
    assert gone.status_code == 409
    assert "default policy cannot be deleted" in gone.text
    alert = browser.submit(f"{url}/delete", {}, FRAGMENT)
    assert (alert.status_code, "<html" in alert.text) == (409, False)
    assert policies(home) == [policy]


def test_deleting_asks_first_and_says_what_it_would_do(browser: Browser, home: House) -> None:
    policy = home.policy("Doomed")
    home.conversation(message="halo")
    home.conversation(message="halo")
    url = f"/sla-policies/{policy['id']}/delete"
    assert "It governs 2 open conversations." in browser.get(url).text
    assert policies(home) == [policy]
    done = browser.submit(url, {})
    assert (done.status_code, done.headers["Location"]) == (303, "/sla-policies")
    assert policies(home) == []


# Two editors


def test_the_second_of_two_editors_loses_nothing(home: House) -> None:
    policy = home.policy("Shared", description="as it was", priority=1)
    url = f"/sla-policies/{policy['id']}"
    first, second = home.browser("admin"), home.browser("supervisor")
    theirs, mine = shown(first.get(url)), shown(second.get(url))
    assert theirs["version"] == mine["version"] == "1"
    assert first.submit(url, theirs | {"priority": "7", "resolution_time_secs": "3h"}).status_code == 303
    mine |= {"name": "Shared by us", "description": "mine", "priority": "9"}
    told = second.submit(url, mine)
    assert told.status_code == 409
    assert home.people["admin"].name in told.text
    compared = re.findall(r'<th scope="row">([^<]*)</th>\s*<td>([^<]*)</td>\s*<td>([^<]*)</td>', told.text)
    assert compared == [("Resolution within", "3h", "1h"), ("Priority", "7", "9")]
    kept = shown(told)
    assert kept["version"] == "2"
    for field, value in mine.items():
        if field not in ("version", "csrf_token"):
            assert kept[field] == value, field
    (stands,) = policies(home)
    assert (stands["name"], stands["priority"]) == ("Shared", 7)
    assert second.submit(url, kept).status_code == 303
    (stands,) = policies(home)
    assert (stands["name"], stands["priority"], stands["resolution_time_secs"]) == ("Shared by us", 9, 3600)


def test_the_second_editor_in_other_representations(home: House) -> None:
    policy = home.policy("Shared")
    url = f"/sla-policies/{policy['id']}"
    browser = home.browser()
    form = shown(browser.get(url))
    home.api().patch(f"/api{url}", {"priority": 3})
    fragment = browser.submit(url, form, FRAGMENT)
    assert (fragment.status_code, "<html" in fragment.text) == (409, False)
    assert 'role="alert"' in fragment.text
    assert browser.submit(url, form, JSON).status_code in (409, 412)
    assert policies(home)[0]["priority"] == 3


def test_a_form_without_a_version_overrules(browser: Browser, home: House) -> None:
    policy = home.policy("Shared")
    url = f"/sla-policies/{policy['id']}"
    assert browser.submit(url, {"priority": "4"}).status_code == 303
    assert policies(home)[0] | {"updated_at": ""} == policy | {"priority": 4, "updated_at": ""}


@pytest.mark.parametrize("version", ["0", "x", "99999999999999999999", "-1", "２"])
def test_a_version_that_is_none(browser: Browser, home: House, version: str) -> None:
    policy = home.policy("Shared")
    answer = browser.submit(f"/sla-policies/{policy['id']}", {"priority": "4", "version": version})
    assert answer.status_code == 409
    assert policies(home) == [policy]
