"""What the bot must remember between two messages of one conversation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_store.models import Conversation
from faq.questions import same_matter
from support.forms.state import FormState

Awaiting = Literal["ticket_subject", "ticket_addition", "rating_comment"]


class Offer(BaseModel):
    """The buttons of our last message, so that typing their words works too."""

    touchpoint_id: int
    labels: list[str]


class Asked(BaseModel):
    """A question put to the FAQ (a FaqQuestion) whose outcome is still open to change.

    `entry_id` is the best match, `outcome` and `meant` what became of it, as FaqQuestion keeps them. `follows`: the
    text is no wording of the customer's, but the last topic and what they added to it.
    """

    id: int
    touchpoint_id: int
    at: datetime
    text: str
    entry_id: str | None = None
    outcome: str | None = None
    meant: str | None = None
    follows: bool = False


class Dialog(BaseModel):
    """The state of a conversation; stored as JSON with it.

    `question` is the last question in the customer's words, `question_ref` the channel's number of that message.
    `topic` is the last question that was one by itself: what a follow-up ("and to Spain?") is about.
    `answered` is the entry told for it and `also_answered` those told with it, at `answered_at`.
    `next_best` are entries not yet shown for it. `failures` counts failed answers on one matter, `failed_on`.
    `draft` are touchpoints with photos or files that wait for a ticket. `album` is the last album that was answered:
    its other photos come as messages of their own. `asked` are the questions of the last message that asked.
    `form` is the form under way: our last message asked one of its questions.
    `told` is when the stage's strategy had us offer or ask something, `not_due` what it must not yet. `left_alone`: it
    says nothing more in this conversation, because it has, or because the customer had bad news or a complaint.
    """

    model_config = ConfigDict(extra="ignore")

    greeted: bool = False
    question: str | None = None
    question_ref: int | None = None
    topic: str | None = None
    answered: str | None = None
    also_answered: list[str] = Field(default_factory=list)
    answered_at: datetime | None = None
    next_best: list[str] = Field(default_factory=list)
    failures: int = 0
    failed_on: str | None = None
    told_in_line: bool = False
    reanswered: list[int] = Field(default_factory=list)
    offer: Offer | None = None
    awaiting: Awaiting | None = None
    ticket_id: int | None = None
    draft: list[int] = Field(default_factory=list)
    album: str | None = None
    asked: list[Asked] = Field(default_factory=list)
    form: FormState | None = None
    told: dict[str, datetime] = Field(default_factory=dict)
    not_due: list[str] = Field(default_factory=list)
    left_alone: bool = False

    @classmethod
    def of(cls, conversation: Conversation) -> Dialog:
        return cls.model_validate(conversation.dialog)

    def keep(self, conversation: Conversation) -> None:
        conversation.dialog = self.model_dump(mode="json", exclude_defaults=True)

    def new_matter(self, question: str, ref: int | None) -> None:
        """Another question. What failed before is not held against it if another one was answered since and this one
        speaks of something else.
        """
        answered_since = self.answered is not None and self.question != self.failed_on
        if answered_since and not same_matter(self.failed_on or "", question):
            self.failures = 0
        self.follow_up(question, ref)
        self.topic, self.answered = question, None

    def follow_up(self, question: str, ref: int | None) -> None:
        """The same topic, asked further."""
        self.question, self.question_ref = question, ref
        self.also_answered, self.next_best = [], []

    def fail(self) -> None:
        self.failures += 1
        self.failed_on = self.question
        self.left_alone = True

    @property
    def takes_a_figure_for_a_button(self) -> bool:
        """Whether a typed 2 is the second button; amid a form's question it may well be the answer."""
        return self.form is None or self.form.stage != "asking"

    def stop_waiting(self) -> None:
        """The draft stays: it goes with whatever request comes next."""
        self.awaiting, self.ticket_id = None, None
