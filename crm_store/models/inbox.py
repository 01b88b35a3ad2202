"""Accepted updates, raw, from the moment they are confirmed to the channel until they have taken effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id
from crm_store.models.base import Base


class InboxRow(Base):
    """One update as it came. `state` is waiting, done or failed; `lease` is the token of the process that works on it.

    `attempts` counts the processes that ended with it in their hands, so a killer shows itself. `chat_id` is what the
    update is ordered by; 0 where it has no chat.
    """

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("bot_id", "update_id"),
        Index(
            "ix_inbox_waiting",
            "chat_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_inbox_leased",  # a chat has one worker, even if updates are committed out of the order of their ids
            "chat_id",
            unique=True,
            sqlite_where=text("state = 'waiting' AND lease IS NOT NULL"),
            postgresql_where=text("state = 'waiting' AND lease IS NOT NULL"),
        ),
        Index(
            "ix_inbox_begun",
            "id",
            sqlite_where=text("state = 'waiting' AND attempts > 0"),
            postgresql_where=text("state = 'waiting' AND attempts > 0"),
        ),
        Index(None, "state", "received_at"),
    )

    id: Mapped[Id]
    bot_id: Mapped[int]
    update_id: Mapped[int]
    chat_id: Mapped[int]
    received_at: Mapped[datetime]
    body: Mapped[str] = mapped_column(info={"pii": "words"})
    state: Mapped[str] = mapped_column(default="waiting")
    lease: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
