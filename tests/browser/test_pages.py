"""Every page, wide and narrow, light and dark, in both languages: axe finds nothing, nothing scrolls sideways, the
console is silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Page, expect

from omnistream_console import create_app
from omnistream_console.config import Settings
from omnistream_console.store.agents import ADMIN, AGENT, SUPERVISOR
from omnistream_console.store.database import db
from omnistream_console.web.tongue import TRANSLATIONS
from tests.browser.hands import Console, shoot
from tests.support import server
from tests.support.browser import DESKTOP, PHONE, Watch, axe, sideways_scroll
from tests.support.web import House, house

LANGUAGES = {"en": "en-GB", "id": "id-ID"}
WIDE, NARROW = (DESKTOP, 900), (PHONE, 844)
# Every page in English in all four; in Indonesian, whose words differ and whose markup does not, in the two extremes.
LOOKS = {
    "en": [(WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")],
    "id": [(WIDE, "light"), (NARROW, "dark")],
}
# Every piece of text that the page shows or reads out.
TEXTS = """() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode.textContent.trim());
    for (const one of document.querySelectorAll('[aria-label]')) texts.push(one.getAttribute('aria-label'));
    return [...new Set(texts)];
}"""
# A name that nobody would make room for.
LONG = "Raden Ayu Kusumaningrat Wijayaningsih Sastrodiharjo Rembulan Cahaya Matahari"


@dataclass(frozen=True)
class Town:
    """An organization with something of everything, and one where nothing has happened yet."""

    full: House
    bare: House
    url: str
    conversation: str
    unjudged: str
    policy: str
    default: str
    deleted: str


@dataclass(frozen=True)
class Visit:
    """A page: who sees it, and where it is."""

    name: str
    url: Callable[[Town], str]
    role: str | None = SUPERVISOR
    bare: bool = False
    status: int = 200
    speaks: bool = True  # False: what it shows is the document of the API, which is in English


VISITS = (
    Visit("login", lambda town: "/login", role=None),
    Visit("board", lambda town: "/conversations"),
    Visit("board-empty", lambda town: "/conversations", bare=True),
    Visit("board-filtered", lambda town: f"/conversations?channel=email&sla=breached&division_id={town.full.support}"),
    Visit("board-no-match", lambda town: "/conversations?channel=instagram&sla=paused"),
    Visit("board-newest", lambda town: "/conversations?sort=-created_at"),
    Visit("board-ended", lambda town: "/conversations?status=resolved"),
    Visit("conversation", lambda town: f"/conversations/{town.conversation}"),
    Visit("conversation-without-policy", lambda town: f"/conversations/{town.unjudged}"),
    Visit("conversation-new", lambda town: "/conversations/new"),
    Visit("conversation-sla", lambda town: f"/conversations/{town.conversation}/sla"),
    Visit("conversation-sla-none", lambda town: f"/conversations/{town.unjudged}/sla"),
    Visit("policies", lambda town: "/sla-policies"),
    Visit("policies-empty", lambda town: "/sla-policies", bare=True),
    Visit("policy-new", lambda town: "/sla-policies/new"),
    Visit("policy-edit", lambda town: f"/sla-policies/{town.policy}"),
    Visit("policy-delete", lambda town: f"/sla-policies/{town.policy}/delete"),
    Visit("policy-breaches", lambda town: f"/sla-policies/{town.policy}/breaches"),
    Visit("policy-breaches-deleted", lambda town: f"/sla-policies/{town.deleted}/breaches"),
    Visit("breaches", lambda town: "/breaches"),
    Visit("breaches-empty", lambda town: "/breaches", bare=True),
    Visit("breaches-no-match", lambda town: "/breaches?channel=instagram&include=retracted"),
    Visit("divisions", lambda town: "/settings/divisions"),
    Visit("people", lambda town: "/settings/agents", role=ADMIN),
    Visit("people-supervisor", lambda town: "/settings/agents"),
    Visit("agent", lambda town: "/conversations", role=AGENT, status=403),
    Visit("not-found", lambda town: "/nowhere", status=404),
    Visit("bad-query", lambda town: "/conversations?sla=purple", status=422),
    Visit("api-docs", lambda town: "/api/docs", role=None, speaks=False),
)


@pytest.fixture(scope="module")
def town(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    path = folder / "console.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    app = create_app(
        Settings(
            instance_path=folder,
            database_url=f"sqlite:///{path}",
            secret_key="a key for tests, known to everybody",
            testing=True,
        )
    )
    with server.served(app) as url:
        yield furnished(house(app), house(app, "Toko Sebelah"), url)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def furnished(full: House, bare: House, url: str) -> Town:
    """Rows in every state: on track, at risk, overdue, paused, met, met late, ended, without a policy."""
    api = full.api()
    mail = full.policy("Mail", channel="email", first_response_time_secs=3_600, resolution_time_secs=86_400)
    full.policy(
        "WhatsApp for support, promised in the contract",
        channel="whatsapp",
        division_id=str(full.support),
        priority=10,
        first_response_time_secs=600,
        resolution_time_secs=7_200,
        description="What the customers of the support contract have been promised, weekends included.",
    )
    default = full.policy("Chat of the shop", channel="webchat", first_response_time_secs=120, is_default=True)
    full.policy("Season", is_active=False, priority=200, channel="instagram")
    gone = full.policy("Tried and dropped", channel="messenger", first_response_time_secs=60)

    def opened(minutes: float, **fields: Any) -> str:
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        return full.conversation(created_at=at.isoformat(), **fields)

    def said(id: str, sender: str, minutes: float, body: str = "Good morning") -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        answer = api.post(f"/api/conversations/{id}/messages", {"sender": sender, "body": body, "at": at.isoformat()})
        assert answer.status_code == 201, answer.text

    support, sales = str(full.support), str(full.sales)
    opened(20, channel="email", division_id=sales, contact_name="Kirana Awan", subject="Where is my parcel?")
    opened(50, channel="email", division_id=support, contact_name="Damar Jati")
    late = opened(200, channel="email", division_id=support, contact_name=LONG, subject=f"{LONG} {LONG}")
    said(late, "customer", 190, "Is anybody there?")
    talk = opened(
        90, channel="whatsapp", division_id=support, contact_name="Rani Waits", contact_address="+62 000-0555"
    )
    said(talk, "bot", 89.9, "Thank you, we will be with you.")
    said(talk, "agent", 30, "Sorry for the wait.\n\nWhat is the number of your order?")
    said(talk, "note", 29, "Third time this week. " * 20)
    api.patch(f"/api/conversations/{talk}/assign", {"agent_id": str(full.people[AGENT].id)})
    paused = opened(40, channel="whatsapp", division_id=support, contact_name="Budi Pauses")
    said(paused, "agent", 35)
    api.patch(f"/api/conversations/{paused}/status", {"status": "pending"})
    ended = opened(300, channel="email", contact_name="Sari Done")
    said(ended, "agent", 290)
    api.patch(f"/api/conversations/{ended}/status", {"status": "resolved"})
    unjudged = opened(10, channel="instagram", contact_name="Ayu Nobody", opened_by="agent")
    opened(30, channel="messenger", contact_name="Galuh Late")
    full.sweep()
    assert api.delete(f"/api/sla-policies/{gone['id']}").status_code == 200
    full.sweep()
    return Town(full, bare, url, talk, unjudged, mail["id"], default["id"], gone["id"])


@pytest.fixture
def live_server(town: Town) -> str:
    """The town's own server, for all tests of this file."""
    return town.url


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
def test_a_page(town: Town, watch: Watch, visit: Visit, language: str) -> None:
    if visit.status >= 400:
        watch.allow(rf"status of {visit.status}")
    page = Console(town.bare if visit.bare else town.full, watch, town.url).open(visit.role, locale=LANGUAGES[language])
    answer = page.goto(visit.url(town))
    assert answer is not None
    assert answer.status == visit.status
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.title().endswith("· OmniStream Console")
    found = look(page, visit.name, language)
    if language != "en" and visit.speaks:
        found += [f"in English: {said}" for said in page.evaluate(TEXTS) if said in in_english(language)]
    assert not found, "\n".join(found)


@cache
def in_english(language: str) -> set[str]:
    """The texts of the catalogue that read otherwise in this language."""
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {
            one.id
            for one in read_po(file, locale=language)
            if isinstance(one.id, str) and one.id and one.string and one.string != one.id
        }


def look(page: Page, name: str, language: str) -> list[str]:
    """What is wrong with the page in any size and colour."""
    found = []
    for (width, height), scheme in LOOKS[language]:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        found += [f"{width} {scheme}: {said}" for said in axe(page)]
        shoot(page, f"{name}-{language}-{width}-{scheme}", full_page=True)
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        if scrolls := sideways_scroll(page):
            found.append(f"{width}: {scrolls} pixels wider than the window")
    return found
