"""Calls to Telegram that have been decided and must still be made, in order per chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id
from crm_store.models.base import Base


class OutboxRow(Base):
    """One call. `state` is waiting, sending, sent, uncertain, failed or dropped.

    `payload` may hold negative message and thread ids: minus the id of the outbox row whose result they stand for. Of a
    sent call only its address is kept, of others after a week (crm_store.repositories.outbox_forgetting).
    `files` maps an attachment's name in the payload to a stored file's id. `repeat` says what may happen after an
    uncertain send: once (a bot's answer or notice) or never (an agent's words, an offer). `joinable` words of one topic
    may share a message. `lane` says who goes first: 0 an agent's words, 1 an answer, 2 a notice, 3 a campaign; what is
    not sent by `expires_at` is not sent at all. `continuation` names what runs with the result, in the transaction that
    marks the row sent. `epoch` is the sender's; only a later one may call the row uncertain.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "bot_id",
            "chat_id",
            "id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_outbox_sending",
            "bot_id",
            "epoch",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_outbox_lane",
            "bot_id",
            "lane",
            "id",
            "chat_id",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(None, "touchpoint_id"),
        Index(None, "chat_id", "message_id"),
    )

    id: Mapped[Id]
    bot_id: Mapped[int]
    chat_id: Mapped[int]
    method: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(info={"pii": "words"})
    files: Mapped[dict[str, Any] | None]
    touchpoint_id: Mapped[int | None]
    lane: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    repeat: Mapped[str] = mapped_column(default="once")
    joinable: Mapped[bool] = mapped_column(default=False)
    continuation: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="waiting")
    created_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    repeated: Mapped[bool] = mapped_column(default=False)
    epoch: Mapped[int | None]
    message_id: Mapped[int | None]
    error: Mapped[str | None]
