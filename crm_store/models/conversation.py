"""A run of touchpoints on one channel, and what the bot must remember until it ends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class Conversation(Base):
    """Ends at resolution or after 12 h of silence; a contact point has one that has not ended at the most.

    Changed by nearly every message, so its version is checked for a whole batch at once (crm_store.hot_rows).
    `dialog` is what the bot must remember: support.talk.dialog.Dialog as JSON.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index(
            "uq_conversation_open",
            "contact_point_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "contact_point_id", "started_at"),
        Index(None, "last_at"),
    )

    id: Mapped[Id]
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    language: Mapped[str]
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    dialog: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"pii": "words"})
