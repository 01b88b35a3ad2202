"""What the bot must remember between two messages of one conversation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_store.models import Conversation

Awaiting = Literal["ticket_subject", "ticket_addition", "rating_comment"]


class Offer(BaseModel):
    """The buttons of our last message, so that typing their words works too."""

    touchpoint_id: int
    labels: list[str]


class Dialog(BaseModel):
    """The state of a conversation; stored as JSON with it.

    `question` is the last question in the customer's words, `question_ref` the channel's number of that message.
    `next_best` are entries not yet shown for it. `failures` counts failed answers on one matter.
    `draft` are touchpoints with photos or files that wait for a ticket. `album` is the last album that was answered:
    its other photos come as messages of their own.
    """

    model_config = ConfigDict(extra="ignore")

    greeted: bool = False
    question: str | None = None
    question_ref: int | None = None
    answered: str | None = None
    next_best: list[str] = Field(default_factory=list)
    failures: int = 0
    told_in_line: bool = False
    reanswered: list[int] = Field(default_factory=list)
    offer: Offer | None = None
    awaiting: Awaiting | None = None
    ticket_id: int | None = None
    draft: list[int] = Field(default_factory=list)
    album: str | None = None

    @classmethod
    def of(cls, conversation: Conversation) -> Dialog:
        return cls.model_validate(conversation.dialog)

    def keep(self, conversation: Conversation) -> None:
        conversation.dialog = self.model_dump(exclude_defaults=True)

    def new_matter(self, question: str, ref: int | None) -> None:
        """Another question: what failed before is no longer held against the answers to come."""
        self.question, self.question_ref = question, ref
        self.answered, self.next_best = None, []

    def stop_waiting(self) -> None:
        """The draft stays: it goes with whatever request comes next."""
        self.awaiting, self.ticket_id = None, None
