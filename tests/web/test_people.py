"""Who may what: roles, several organizations, and the first of them."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask
from sqlalchemy import update

from omnistream_console.store.agents import AgentRow
from omnistream_console.store.database import transaction
from tests.support.web import JSON, PASSWORD, Browser, Consumer, House, house, login

ME = "/api/auth/me"


def test_the_same_address_in_two_organizations_asks_which(home: House, stranger: House) -> None:
    for of in (home, stranger):
        made = {"email": "dewi@x.example", "name": "Dewi", "role": "supervisor", "password": PASSWORD}
        assert of.api("admin").post("/api/agents", made).status_code == 201
    asked = login(Consumer(home.app, None), "dewi@x.example")
    assert (asked.status_code, asked.mimetype) == (409, "application/problem+json")
    assert asked.json is not None
    assert home.name in asked.json["detail"]
    chosen = login(Consumer(home.app, None), "dewi@x.example", organization=str(stranger.id))
    assert chosen.json is not None
    assert chosen.json["agent"]["organization_name"] == stranger.name
    assert login(Consumer(home.app, None), "dewi@x.example", organization=str(uuid4())).status_code == 401

    browser = Browser(home.app)
    page = browser.sign_in("dewi@x.example")
    assert page.status_code == 409
    assert f'value="{home.id}"' in page.text
    assert stranger.name in page.text
    assert browser.sign_in("dewi@x.example", organization=str(home.id)).status_code == 303
    me = browser.get(ME, JSON).json
    assert me is not None
    assert me["organization_name"] == home.name


def test_different_passwords_in_two_organizations_need_no_question(home: House, stranger: House) -> None:
    for of, password in ((home, "the first password"), (stranger, "the second password")):
        made = {"email": "dewi@x.example", "name": "Dewi", "role": "supervisor", "password": password}
        of.api("admin").post("/api/agents", made)
    answer = login(Consumer(home.app, None), "dewi@x.example", "the second password")
    assert answer.json is not None
    assert answer.json["agent"]["organization_name"] == stranger.name


def test_an_agent_in_the_console_sees_one_friendly_page(home: House) -> None:
    browser = home.browser("agent")
    for path in ("/conversations", "/sla-policies", "/breaches", "/settings/agents", f"/conversations/{uuid4()}"):
        page = browser.get(path)
        assert page.status_code == 403
        assert "This console is for supervisors" in page.text
    assert browser.submit("/logout", {}).status_code == 303
    assert browser.get("/conversations").status_code == 303


def test_an_agent_by_api_has_the_own_divisions(home: House) -> None:
    home.policy()
    mine = home.conversation(division_id=str(home.support), message="halo")
    others = [home.conversation(division_id=str(home.sales)), home.conversation()]
    agent = home.api("agent")
    (listed,) = agent.get("/api/conversations").json or []
    assert listed["id"] == mine
    assert not {"sla", "sla_status", "due_at"} & set(listed)
    detail = agent.get(f"/api/conversations/{mine}").json
    assert detail is not None
    assert not {"sla", "sla_status", "due_at"} & set(detail)
    url = f"/api/conversations/{mine}"
    assert agent.post(f"{url}/messages", {"sender": "agent", "body": "Halo!"}).status_code == 201
    assert agent.patch(f"{url}/status", {"status": "resolved"}).status_code == 200
    assert len(agent.get(f"{url}/messages").json or []) == 2
    for id in others:
        for call in (
            agent.get(f"/api/conversations/{id}"),
            agent.get(f"/api/conversations/{id}/messages"),
            agent.get(f"/api/conversations/{id}/transfers"),
            agent.post(f"/api/conversations/{id}/messages", {"sender": "agent", "body": "Halo!"}),
            agent.patch(f"/api/conversations/{id}/status", {"status": "closed"}),
        ):
            assert call.status_code == 404


def test_an_agent_gets_403_for_all_of_sla(home: House) -> None:
    policy = home.policy()
    mine = home.conversation(division_id=str(home.support))
    agent = home.api("agent")
    for method, path in (
        ("GET", "/api/sla-policies"),
        ("POST", "/api/sla-policies"),
        ("GET", f"/api/sla-policies/{policy['id']}"),
        ("PATCH", f"/api/sla-policies/{policy['id']}"),
        ("DELETE", f"/api/sla-policies/{policy['id']}"),
        ("GET", f"/api/sla-policies/{policy['id']}/breaches"),
        ("GET", "/api/breaches"),
        ("GET", f"/api/conversations/{mine}/sla"),
        ("POST", "/api/events"),
        ("POST", f"/api/conversations/{mine}/takeover"),
    ):
        assert agent.open(method, path).status_code == 403, path


def test_setting_up(app_sqlite: Flask) -> None:
    browser = Browser(app_sqlite)
    assert browser.get("/").headers["Location"] == "/setup"
    assert browser.get("/login").headers["Location"] == "/setup"
    assert browser.get("/conversations", follow_redirects=True).request.path == "/setup"
    wrong = {"organization": "", "timezone": "Mars/Olympus", "name": "Sari", "email": "no", "password": "short"}
    refused = browser.submit("/setup", wrong)
    assert refused.status_code == 422
    assert "Sari" in refused.text
    assert 'value="short"' not in refused.text
    right = {
        "organization": "Warung",
        "timezone": "Asia/Jakarta",
        "name": "Sari",
        "email": "sari@x.example",
        "password": PASSWORD,
    }
    done = browser.submit("/setup", right)
    assert (done.status_code, done.headers["Location"]) == (303, "/conversations")
    browser.forget_token()
    assert browser.get("/").headers["Location"] == "/conversations"
    assert browser.get("/conversations").status_code == 200
    for method in ("GET", "POST"):
        assert browser.open("/setup", method=method, data={"csrf_token": browser.token()}).status_code == 404
    me = browser.get(ME, JSON).json
    assert me is not None
    assert (me["role"], me["timezone"]) == ("admin", "Asia/Jakarta")


def test_registering_by_api(home: House) -> None:
    body = {"organization": "Baru", "timezone": "UTC", "name": "S", "email": "s@x.example", "password": PASSWORD}
    answer = Consumer(home.app, None).post("/api/auth/register", body)
    assert answer.status_code == 201
    assert answer.json is not None
    assert Consumer(home.app, answer.json["token"]).get("/api/agents").json[0]["email"] == "s@x.example"
    again = Consumer(home.app, None).post("/api/auth/register", {**body, "organization": " BARU "})
    assert again.status_code == 422
    assert again.json is not None
    assert set(again.json["errors"]) == {"organization"}


def test_roles_are_read_anew_on_every_request(home: House) -> None:
    consumer = home.api("supervisor")
    assert consumer.get("/api/sla-policies").status_code == 200
    with home.app.app_context(), transaction() as database:
        database.execute(update(AgentRow).where(AgentRow.id == home.people["supervisor"].id).values(role="agent"))
    assert consumer.get("/api/sla-policies").status_code == 403


def test_two_houses_share_nothing(home: House) -> None:
    other = house(home.app, "Toko Sebelah")
    home.policy("Ours")
    home.conversation()
    for path in ("/api/sla-policies", "/api/conversations", "/api/breaches"):
        assert other.api("admin").get(path).json == []
    assert {agent["email"] for agent in other.api().get("/api/agents").json or []} == {
        person.email for person in other.people.values()
    }
