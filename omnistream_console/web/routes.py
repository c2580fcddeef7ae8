"""Every URL in one table: page, API, method, view, and who may.

A view has one function and up to two addresses. The API's document is made from the same rows.
"""

from __future__ import annotations

from typing import Any

from ..sla.policies import SlaPolicyCreate, SlaPolicyUpdate
from . import bodies, shapes
from .identity import ADMINS, EVERYBODY, SUPERVISORS
from .routing import Api, Page, Route
from .views import board, breaches, conversations, people, policies, service, session

_BOARD_QUERY = ("status", "channel", "division_id", "agent_id", "unassigned", "sla", "sort", "limit", "cursor")
_BREACH_QUERY = ("policy_id", "clock", "channel", "division_id", "agent_id", "from", "to", "include", "limit", "cursor")
_ONE = "/sla-policies/<uuid:id>"
_CONVERSATION = "/conversations/<uuid:id>"

# A table is read line by line.
# fmt: off
ROUTES = (
    # Identity
    Route(session.home, None, Page("/", "GET", "home")),
    Route(session.setup, None, Page("/setup", "GET", "setup")),
    Route(session.set_up, None, Page("/setup", "POST", "set_up")),
    Route(session.login, None, Page("/login", "GET", "login")),
    Route(session.log_in, None, Page("/login", "POST", "log_in"),
          Api("/auth/login", "POST", "login", "Sign in with e-mail and password", "Auth", shapes.LoggedIn,
              body=bodies.Login, conflicts=True), by_password=True),
    Route(session.registration, None,
          api=Api("/auth/register", "POST", "register", "Register an organization and its first admin", "Auth",
                  shapes.LoggedIn, 201, bodies.Registration), by_password=True),
    Route(session.log_out, EVERYBODY, Page("/logout", "POST", "logout"),
          Api("/auth/logout", "POST", "logout", "End the session", "Auth", shapes.Done)),
    Route(session.me, EVERYBODY, api=Api("/auth/me", "GET", "me", "Who asks", "Auth", shapes.Profile)),
    Route(session.token, EVERYBODY,
          api=Api("/auth/token", "GET", "token", "A fresh bearer token", "Auth", shapes.Token)),
    Route(session.language, None, Page("/language", "POST", "language")),
    # The board and conversations
    Route(board.index, EVERYBODY, Page("/conversations", "GET", "board"),
          Api("/conversations", "GET", "conversations", "List conversations, by what falls due first",
              "Conversations", list[shapes.ConversationItem], query=_BOARD_QUERY)),
    Route(conversations.create, SUPERVISORS, Page("/conversations", "POST", "conversation_create"),
          Api("/conversations", "POST", "conversation_create", "Open a conversation", "Conversations",
              shapes.ConversationDetail, 201, bodies.ConversationCreate)),
    Route(conversations.new, SUPERVISORS, Page("/conversations/new", "GET", "conversation_new")),
    Route(conversations.one, EVERYBODY, Page(_CONVERSATION, "GET", "conversation"),
          Api(_CONVERSATION, "GET", "conversation", "One conversation with its timeline", "Conversations",
              shapes.ConversationDetail)),
    Route(conversations.sla, SUPERVISORS, Page(f"{_CONVERSATION}/sla", "GET", "conversation_sla"),
          Api(f"{_CONVERSATION}/sla", "GET", "getConversationSla", "Get SLA status for a conversation", "SLA",
              shapes.ConversationSla | None)),
    Route(conversations.messages_of, EVERYBODY,
          api=Api(f"{_CONVERSATION}/messages", "GET", "messages", "List its messages and notes", "Messages",
                  list[shapes.Message])),
    Route(conversations.add_message, EVERYBODY, Page(f"{_CONVERSATION}/messages", "POST", "message_create"),
          Api(f"{_CONVERSATION}/messages", "POST", "message_create", "Add a message or a note", "Messages",
              shapes.Message, 201, bodies.MessageCreate, conflicts=True)),
    Route(conversations.change_status, EVERYBODY, Page(f"{_CONVERSATION}/status", "POST", "status_change"),
          Api(f"{_CONVERSATION}/status", "PATCH", "status_change", "Change its status", "Conversations",
              shapes.ConversationDetail, body=bodies.StatusChange)),
    Route(conversations.assign, SUPERVISORS, Page(f"{_CONVERSATION}/assign", "POST", "assign"),
          Api(f"{_CONVERSATION}/assign", "PATCH", "assign", "Assign it, or take it from whoever has it",
              "Conversations", shapes.ConversationDetail, body=bodies.Assignment)),
    Route(conversations.takeover, SUPERVISORS, Page(f"{_CONVERSATION}/takeover", "POST", "takeover"),
          Api(f"{_CONVERSATION}/takeover", "POST", "takeover", "Take it over", "Conversations",
              shapes.ConversationDetail)),
    Route(conversations.transfer, SUPERVISORS, Page(f"{_CONVERSATION}/transfer", "POST", "transfer"),
          Api(f"{_CONVERSATION}/transfer", "POST", "transfer", "Transfer it to another division or channel",
              "Transfers", shapes.ConversationDetail, body=bodies.Transfer)),
    Route(conversations.transfers_of, EVERYBODY,
          api=Api(f"{_CONVERSATION}/transfers", "GET", "transfers", "List its transfers", "Transfers",
                  list[shapes.TransferItem])),
    # SLA policies
    Route(policies.index, SUPERVISORS, Page("/sla-policies", "GET", "policies"),
          Api("/sla-policies", "GET", "listSlaPolicies", "List SLA policies", "SLA", list[shapes.SlaPolicy])),
    Route(policies.create, SUPERVISORS, Page("/sla-policies", "POST", "policy_create"),
          Api("/sla-policies", "POST", "createSlaPolicy", "Create an SLA policy", "SLA", shapes.SlaPolicy, 201,
              SlaPolicyCreate, conflicts=True)),
    Route(policies.new, SUPERVISORS, Page("/sla-policies/new", "GET", "policy_new")),
    Route(policies.one, SUPERVISORS, Page(_ONE, "GET", "policy"),
          Api(_ONE, "GET", "policy", "Get an SLA policy", "SLA", shapes.SlaPolicy)),
    Route(policies.update, SUPERVISORS, Page(_ONE, "POST", "policy_update"),
          Api(_ONE, "PATCH", "updateSlaPolicy", "Update an SLA policy", "SLA", shapes.SlaPolicy,
              body=SlaPolicyUpdate, conflicts=True, versioned=True)),
    Route(policies.delete_ask, SUPERVISORS, Page(f"{_ONE}/delete", "GET", "policy_delete_ask")),
    Route(policies.delete, SUPERVISORS, Page(f"{_ONE}/delete", "POST", "policy_delete"),
          Api(_ONE, "DELETE", "deleteSlaPolicy", "Delete an SLA policy", "SLA", shapes.Deleted, conflicts=True,
              versioned=True)),
    Route(policies.policy_breaches, SUPERVISORS, Page(f"{_ONE}/breaches", "GET", "policy_breaches"),
          Api(f"{_ONE}/breaches", "GET", "listSlaBreaches", "List SLA breaches for a policy, the newest 100",
              "SLA", list[shapes.SlaBreach])),
    # Breaches
    Route(breaches.index, SUPERVISORS, Page("/breaches", "GET", "breaches"),
          Api("/breaches", "GET", "breaches", "List breaches over all policies", "SLA", list[shapes.SlaBreach],
              query=_BREACH_QUERY)),
    Route(breaches.as_csv, SUPERVISORS, Page("/breaches.csv", "GET", "breaches_csv")),
    # People
    Route(people.all_divisions, EVERYBODY, Page("/settings/divisions", "GET", "divisions"),
          Api("/divisions", "GET", "divisions", "List divisions", "Divisions", list[shapes.DivisionItem])),
    Route(people.create_division, ADMINS, Page("/settings/divisions", "POST", "division_create"),
          Api("/divisions", "POST", "division_create", "Create a division", "Divisions", shapes.DivisionItem, 201,
              bodies.DivisionCreate)),
    Route(people.all_agents, EVERYBODY, Page("/settings/agents", "GET", "agents"),
          Api("/agents", "GET", "agents", "List agents", "Agents", list[shapes.AgentItem])),
    Route(people.create_agent, ADMINS, Page("/settings/agents", "POST", "agent_create"),
          Api("/agents", "POST", "agent_create", "Create an agent", "Agents", shapes.AgentItem, 201,
              bodies.AgentCreate)),
    # For machines
    Route(service.events, SUPERVISORS,
          api=Api("/events", "POST", "events", "Take events in", "Events", shapes.Taken)),
    Route(service.health, None, api=Api("/health", "GET", "health", "Whether all is up", "Health", shapes.Health)),
    Route(service.openapi, None,
          api=Api("/openapi.json", "GET", "openapi", "This document", "Health", dict[str, Any])),
    Route(service.docs, None, api=Api("/docs", "GET", "docs", "This document, readable", "Health")),
)
# fmt: on
