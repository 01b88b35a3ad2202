"""The service's own rows: topics of the agents' forum, stored files, the timetable, settings and counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base, Versioned


class ForumTopic(Versioned, Base):
    """A contact point's topic in the agents' forum. Negative ids stand for outbox rows not yet sent.

    `card_message_id` is the card at its head, `card_at` when it was last shown or edited.
    """

    __tablename__ = "forum_topic"
    __table_args__ = (UniqueConstraint("chat_id", "thread_id"), Index(None, "contact_point_id", unique=True))

    id: Mapped[Id]
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    chat_id: Mapped[int]
    thread_id: Mapped[int]
    card_message_id: Mapped[int | None]
    card_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StoredFile(Base):
    """A customer's or agent's file. `path` is relative to FILES_DIR and empty until the bytes are here."""

    __tablename__ = "stored_file"
    __table_args__ = (Index(None, "telegram_unique_id"),)

    id: Mapped[Id]
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    kind: Mapped[str]
    name: Mapped[str | None] = mapped_column(info={"pii": "words"})
    mime: Mapped[str | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    path: Mapped[str | None]
    telegram_file_id: Mapped[str | None]
    telegram_unique_id: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]


class Schedule(Base):
    """Something that runs at a time: once, or again every `every_seconds`. `key` makes asking twice harmless."""

    __tablename__ = "schedule"
    __table_args__ = (Index(None, "next_run_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    job: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    next_run_at: Mapped[datetime]
    every_seconds: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]


class Setting(Versioned, Base):
    """A value the service keeps for itself: the forum's present chat id, the ticket counter, a sender's epoch."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
