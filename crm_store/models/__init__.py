"""All tables, so that one import knows the whole schema."""

from crm_store.models.agent import Agent, AgentSession, Audit, LoginLink
from crm_store.models.base import Base
from crm_store.models.conversation import Conversation
from crm_store.models.customer import ContactPoint, Customer, Organisation
from crm_store.models.desk import ForumTopic, Schedule, Setting, StoredFile
from crm_store.models.faq import (
    FaqAnswer,
    FaqDraft,
    FaqEntryRow,
    FaqIndex,
    FaqPhrasing,
    FaqProposal,
    FaqQuestion,
    FaqRevision,
)
from crm_store.models.inbox import InboxRow
from crm_store.models.order import Order, Score
from crm_store.models.outbox import OutboxRow
from crm_store.models.ticket import Escalation, Ticket, TicketEvent
from crm_store.models.touchpoint import Touchpoint

__all__ = [
    "Agent",
    "AgentSession",
    "Audit",
    "Base",
    "ContactPoint",
    "Conversation",
    "Customer",
    "Escalation",
    "FaqAnswer",
    "FaqDraft",
    "FaqEntryRow",
    "FaqIndex",
    "FaqPhrasing",
    "FaqProposal",
    "FaqQuestion",
    "FaqRevision",
    "ForumTopic",
    "InboxRow",
    "LoginLink",
    "Order",
    "Organisation",
    "OutboxRow",
    "Schedule",
    "Score",
    "Setting",
    "StoredFile",
    "Ticket",
    "TicketEvent",
    "Touchpoint",
]
