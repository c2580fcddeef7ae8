"""Facts in: what one call does to a conversation, its clocks, breaches and place on the board."""

from __future__ import annotations

from uuid import UUID

import pytest

from omnistream_console.store import agents, board, breaches, conversations, divisions, organizations, timeline
from omnistream_console.store.conversations import Conversation
from omnistream_console.store.database import new_id, transaction
from omnistream_console.work import intake
from omnistream_console.work.intake import By
from tests.work.desk import become, clock_of, facts_of, m, open_, promise, recorded, say


def row(organization_id: UUID, id: UUID) -> Conversation:
    found = conversations.get(organization_id, id)
    assert found is not None
    return found


def revision(organization_id: UUID) -> int:
    return board.mark(organization_id, m(0))[0]


def test_a_new_conversation_stands_on_the_board_at_once(organization: UUID) -> None:
    id = open_(organization, m(0), message="Halo", contact_address="rina@example.com", subject="Pesanan")
    found = row(organization, id)
    assert (found.status, found.opened_by, found.created_at) == ("open", "customer", m(0))
    assert (found.last_message_at, found.last_message_by) == (m(0), "customer")
    assert (found.board_state, found.next_due_at, found.next_warning_at) == ("running", m(60), m(48))
    assert [clock.kind for clock in (clock_of(id), clock_of(id, "resolution"))] == ["first_response", "resolution"]
    assert [entry.kind for entry in timeline.entries(id)] == ["created", "customer_message"]


def test_one_that_an_agent_opens_with_a_message_waits_for_nobody(organization: UUID) -> None:
    id = open_(organization, m(0), opened_by="agent", message="Halo")
    assert [fact.kind for fact in facts_of(id)] == ["created", "agent_reply"]
    assert row(organization, id).next_due_at == m(240)
    say(organization, id, "customer", m(10))
    assert (clock_of(id).started_at, row(organization, id).next_due_at) == (m(10), m(70))


def test_one_dated_earlier_starts_earlier(organization: UUID) -> None:
    id = open_(organization, m(30), created_at=m(0))
    assert (clock_of(id).started_at, clock_of(id).due_at) == (m(0), m(60))
    assert facts_of(id)[0].heard_at == m(30)


def test_one_that_is_late_when_it_is_heard_of_has_its_breach_at_once(organization: UUID) -> None:
    id = open_(organization, m(70), created_at=m(0))
    (breach,) = recorded(organization, m(80))
    assert (breach.conversation_id, breach.clock, breach.breached_at, breach.detected_at) == (
        id,
        "first_response",
        m(60),
        m(70),
    )
    assert breach.growing
    assert breach.actual_secs == 4_800


def test_an_answer_stops_the_clock_and_moves_the_place_on_the_board(organization: UUID) -> None:
    id = open_(organization, m(0))
    say(organization, id, "agent", m(30))
    assert clock_of(id).state == "met"
    assert row(organization, id).next_due_at == m(240)
    assert row(organization, id).last_message_by == "agent"


@pytest.mark.parametrize("sender", ["bot", "note"])
def test_bots_and_notes_answer_nobody(organization: UUID, sender: str) -> None:
    id = open_(organization, m(0), message="Halo")
    say(organization, id, sender, m(30))
    assert clock_of(id).state == "running"
    assert row(organization, id).last_message_by == ("bot" if sender == "bot" else "customer")


def test_a_late_answer_records_the_breach_that_nobody_swept(organization: UUID) -> None:
    id = open_(organization, m(0))
    say(organization, id, "agent", m(75))
    (breach,) = recorded(organization, m(500))
    assert (breach.actual_secs, breach.over_secs, breach.growing) == (4_500, 900, False)


def test_a_customers_message_opens_a_pending_conversation_at_its_own_instant(organization: UUID) -> None:
    for status in ("pending", "resolved"):
        id = open_(organization, m(0))
        become(organization, id, status, m(10))
        say(organization, id, "customer", m(20))
        assert row(organization, id).status == "open"
        assert [(fact.kind, fact.at) for fact in facts_of(id)][-2:] == [("customer_message", m(20)), ("status", m(20))]
        assert clock_of(id, "resolution").due_at == m(250)


def test_an_agents_message_opens_nothing(organization: UUID) -> None:
    id = open_(organization, m(0))
    become(organization, id, "pending", m(10))
    say(organization, id, "agent", m(20))
    assert row(organization, id).status == "pending"


def test_a_customers_message_to_a_closed_conversation_is_refused_and_nothing_stays_of_it(organization: UUID) -> None:
    id = open_(organization, m(0))
    become(organization, id, "closed", m(10))
    before = facts_of(id)
    with pytest.raises(intake.Closed):
        say(organization, id, "customer", m(20))
    assert facts_of(id) == before
    say(organization, id, "note", m(21))


def test_the_same_status_again_is_no_fact(organization: UUID) -> None:
    id = open_(organization, m(0))
    before = revision(organization)
    become(organization, id, "open", m(10))
    assert len(facts_of(id)) == 1
    assert revision(organization) == before


def test_ended_it_leaves_the_board_and_reopened_it_is_back(organization: UUID) -> None:
    id = open_(organization, m(0))
    become(organization, id, "resolved", m(10))
    assert (row(organization, id).board_state, row(organization, id).next_due_at) == (None, None)
    become(organization, id, "open", m(30))
    assert (row(organization, id).board_state, row(organization, id).next_due_at) == ("running", m(80))


def test_a_reply_heard_late_retracts_and_an_older_message_is_not_the_last(organization: UUID) -> None:
    id = open_(organization, m(70), created_at=m(0), message="Halo")
    say(organization, id, "note", m(71))
    say(organization, id, "agent", m(50), heard=m(80))
    say(organization, id, "customer", m(40), heard=m(81))
    assert recorded(organization, m(90)) == []
    (kept,) = recorded(organization, m(90), breaches.Filters(retracted=True))
    assert (kept.retracted_at, kept.actual_secs) == (m(80), 3_000)
    assert (row(organization, id).last_message_at, row(organization, id).last_message_by) == (m(50), "agent")


def test_a_transfer_matches_policies_again(organization: UUID) -> None:
    with transaction():
        team = divisions.create(organization, "VIP", m(0)).id
    promise(organization, "VIP", m(0), division_id=str(team), first_response_time_secs=1_200)
    id = open_(organization, m(1))
    with transaction():
        intake.transfer(organization, id, team, "whatsapp", "Tolong", By(m(5)))
    found = row(organization, id)
    assert (found.division_name, found.channel, found.next_due_at) == ("VIP", "whatsapp", m(21))
    assert clock_of(id).policy_name == "VIP"


def test_an_assignment_is_a_fact_and_moves_no_clock(organization: UUID) -> None:
    with transaction():
        agent = agents.create(organization, email="a@example.com", name="Ayu", role="agent", now=m(0)).id
    id = open_(organization, m(0))
    before, seen = clock_of(id), revision(organization)
    for _ in range(2):
        with transaction():
            intake.assign(organization, id, agent, By(m(5)))
    assert row(organization, id).agent_name == "Ayu"
    assert clock_of(id) == before
    assert [fact.kind for fact in facts_of(id)].count("assignment") == 1
    assert revision(organization) == seen + 1
    with transaction():
        intake.assign(organization, id, None, By(m(6)))
    assert row(organization, id).agent_name is None


def test_what_is_not_there_or_not_ours_is_missing(organization: UUID) -> None:
    with transaction():
        stranger = organizations.create("Elsewhere", "UTC", m(0)).id
    id = open_(organization, m(0))
    for who, which in ((organization, new_id()), (stranger, id)):
        calls = (
            lambda who=who, which=which: intake.add_message(who, which, "agent", "x", By(m(1))),
            lambda who=who, which=which: intake.change_status(who, which, "closed", By(m(1))),
            lambda who=who, which=which: intake.assign(who, which, None, By(m(1))),
            lambda who=who, which=which: intake.transfer(who, which, None, "sms", None, By(m(1))),
        )
        for call in calls:
            with pytest.raises(intake.Missing), transaction():
                call()
    assert len(facts_of(id)) == 1


def test_every_fact_tells_the_board(organization: UUID) -> None:
    seen = [revision(organization)]
    id = open_(organization, m(0))
    for told in (
        lambda: say(organization, id, "customer", m(1)),
        lambda: say(organization, id, "note", m(2)),
        lambda: become(organization, id, "pending", m(3)),
    ):
        told()
        seen.append(revision(organization))
    assert seen == sorted(set(seen))
