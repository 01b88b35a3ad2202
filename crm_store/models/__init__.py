"""All tables, so that one import knows the whole schema."""

from crm_store.models.agent import Agent, AgentSession, Audit, LoginLink
from crm_store.models.api import ApiKey, ColumnMapping, ContactLink, IdempotencyKey
from crm_store.models.base import Base
from crm_store.models.conversation import Conversation
from crm_store.models.customer import ContactPoint, Customer, Organisation
from crm_store.models.desk import ForumTopic, Schedule, Setting, StoredFile
from crm_store.models.fact import Consent, Fact
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
from crm_store.models.judgement import HouseRule, OrderHistory, ReasonVerdict, Score, ScoreChange, ShopModel
from crm_store.models.merge import DuplicateRefusal, Merge, MergedRow
from crm_store.models.order import Order
from crm_store.models.outbox import OutboxRow
from crm_store.models.process import Process
from crm_store.models.search import SearchEntry
from crm_store.models.snapshot import CardSnapshot
from crm_store.models.ticket import Escalation, Ticket, TicketEvent
from crm_store.models.touchpoint import Touchpoint

__all__ = [
    "Agent",
    "AgentSession",
    "ApiKey",
    "Audit",
    "Base",
    "CardSnapshot",
    "ColumnMapping",
    "Consent",
    "ContactLink",
    "ContactPoint",
    "Conversation",
    "Customer",
    "DuplicateRefusal",
    "Escalation",
    "Fact",
    "FaqAnswer",
    "FaqDraft",
    "FaqEntryRow",
    "FaqIndex",
    "FaqPhrasing",
    "FaqProposal",
    "FaqQuestion",
    "FaqRevision",
    "ForumTopic",
    "HouseRule",
    "IdempotencyKey",
    "InboxRow",
    "LoginLink",
    "Merge",
    "MergedRow",
    "Order",
    "OrderHistory",
    "Organisation",
    "OutboxRow",
    "Process",
    "ReasonVerdict",
    "Schedule",
    "Score",
    "ScoreChange",
    "SearchEntry",
    "Setting",
    "ShopModel",
    "StoredFile",
    "Ticket",
    "TicketEvent",
    "Touchpoint",
]
