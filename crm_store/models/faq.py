"""The FAQ as admins edit it: entries, phrasings, answers and every former state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_store.columns import Id, ref
from crm_store.models.base import Base, Versioned


class FaqPhrasing(Base):
    """One wording of a question; position 0 of a language is the canonical one."""

    __tablename__ = "faq_phrasing"
    __table_args__ = (UniqueConstraint("entry_id", "language", "position"),)

    id: Mapped[Id]
    entry_id: Mapped[str] = mapped_column(ref("faq_entry.id"))
    language: Mapped[str]
    position: Mapped[int]
    text: Mapped[str]


class FaqAnswer(Base):
    """The answer in one language."""

    __tablename__ = "faq_answer"

    entry_id: Mapped[str] = mapped_column(ref("faq_entry.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    text: Mapped[str]


class FaqEntryRow(Versioned, Base):
    """One question with its other wordings and answers; withdrawn entries are kept but not matched."""

    __tablename__ = "faq_entry"

    id: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(default="")
    form: Mapped[list[Any]] = mapped_column(default=list)
    variants: Mapped[list[Any]] = mapped_column(default=list)
    position: Mapped[int]
    withdrawn_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]

    phrasings: Mapped[list[FaqPhrasing]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=lambda: (FaqPhrasing.language, FaqPhrasing.position)
    )
    answers: Mapped[list[FaqAnswer]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=lambda: FaqAnswer.language
    )


class FaqRevision(Base):
    """What an entry was after a change: who, when, what. The newest id tells every process that the FAQ changed."""

    __tablename__ = "faq_revision"
    __table_args__ = (Index(None, "entry_id", "id"),)

    id: Mapped[Id]
    entry_id: Mapped[str]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    action: Mapped[str]
    snapshot: Mapped[dict[str, Any]]


class FaqDraft(Versioned, Base):
    """An entry as an admin means it to become; customers are answered by what is published until then.

    `content` has the shape of a revision's snapshot. The entry itself need not exist yet.
    """

    __tablename__ = "faq_draft"

    entry_id: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))


class FaqQuestion(Base):
    """A question that was put to the FAQ, what was decided, and what became of it.

    `decision` is answer, suggest or refuse, `entry_id` the best match; `normal` is the text as it is matched. `outcome`
    is helped, not_helped, picked, none, repeated or agent, and stays empty where nobody said; `outcome_entry_id` is the
    entry picked, `outcome_touchpoint_id` the agent's words that answered it.
    """

    __tablename__ = "faq_question"
    __table_args__ = (
        Index(None, "contact_point_id", "id"),
        Index(None, "entry_id", "outcome"),
        Index(None, "decision", "at"),
        Index(None, "outcome_entry_id", "normal"),
    )

    id: Mapped[Id]
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    touchpoint_id: Mapped[int] = mapped_column(ref("touchpoint.id"))
    at: Mapped[datetime]
    language: Mapped[str]
    text: Mapped[str | None] = mapped_column(info={"pii": "words"})
    normal: Mapped[str | None] = mapped_column(info={"pii": "words"})
    decision: Mapped[str]
    entry_id: Mapped[str | None]
    confidence: Mapped[float | None]
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]
    outcome_entry_id: Mapped[str | None]
    outcome_touchpoint_id: Mapped[int | None]


class FaqProposal(Base):
    """A customer's wording that may become an entry's phrasing, if an admin says so. `state`: open, taken, declined."""

    __tablename__ = "faq_proposal"
    __table_args__ = (UniqueConstraint("entry_id", "normal"), Index(None, "state", "id"))

    id: Mapped[Id]
    entry_id: Mapped[str]
    language: Mapped[str]
    text: Mapped[str] = mapped_column(info={"pii": "words"})
    normal: Mapped[str] = mapped_column(info={"pii": "words"})
    state: Mapped[str] = mapped_column(default="open")
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))


class FaqIndex(Base):
    """The matcher as it was trained, so that a restart need not train again; `fingerprint` tells of which FAQ."""

    __tablename__ = "faq_index"

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    built_at: Mapped[datetime]
    content: Mapped[bytes]
