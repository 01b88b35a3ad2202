"""Everything a message needs to know about who wrote it, read in one go."""

from __future__ import annotations

from dataclasses import dataclass

from crm_store.models import ContactPoint, Conversation, Customer, Escalation, Score


@dataclass(slots=True)
class Person:
    """A contact point with its customer and what is under way: rows of one unit, shared by all who ask in it."""

    contact: ContactPoint
    customer: Customer
    conversation: Conversation | None = None
    score: Score | None = None
    escalation: Escalation | None = None

    @property
    def name(self) -> str:
        return self.customer.name

    @property
    def is_known(self) -> bool:
        """Whether the shop knew this person before they wrote."""
        return self.customer.external_id is not None

    @property
    def is_held(self) -> bool:
        """Whether an agent holds the chat, so that the bot is silent."""
        return self.escalation is not None and self.escalation.state == "claimed"
