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
