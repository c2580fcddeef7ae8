"""Objects as JSON: the contract's keys and those beside it. The OpenAPI document is made from these models."""

from .base import Deleted, Done, ProblemDetails, Shape, instant, present
from .conversations import (
    ConversationDetail,
    ConversationItem,
    Message,
    TimelineEntry,
    TransferItem,
    conversation,
    entry,
    message,
    transfer,
)
from .people import AgentItem, DivisionItem, LoggedIn, Profile, Token, agent, division, profile
from .service import Health, Taken
from .sla import ConversationSla, SlaBreach, SlaPolicy, breach, conversation_sla, policy, readings

__all__ = [
    "AgentItem",
    "ConversationDetail",
    "ConversationItem",
    "ConversationSla",
    "Deleted",
    "DivisionItem",
    "Done",
    "Health",
    "LoggedIn",
    "Message",
    "ProblemDetails",
    "Profile",
    "Shape",
    "SlaBreach",
    "SlaPolicy",
    "Taken",
    "TimelineEntry",
    "Token",
    "TransferItem",
    "agent",
    "breach",
    "conversation",
    "conversation_sla",
    "division",
    "entry",
    "instant",
    "message",
    "policy",
    "present",
    "profile",
    "readings",
    "transfer",
]
