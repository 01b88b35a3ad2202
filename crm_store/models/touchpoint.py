"""The ledger: one row for every contact, in or out, on any channel; never changed afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class Touchpoint(Base):
    """One contact and its outcome. The database refuses DELETE, and every UPDATE but the erasure of its
    words (`redacted_at`; see the second migration).

    `direction` is in, out or internal; `author` is customer, bot, agent or system. `channel_ref` is the channel's own
    number of an inbound message (Telegram's message id); delivery of outbound words lives in the outbox. `about_id` is
    the touchpoint that this one edits, answers or rates. `client_key` makes a web visitor's repeated post one row.
    """

    __tablename__ = "touchpoint"
    __table_args__ = (
        Index(None, "contact_point_id", "id"),
        Index(None, "contact_point_id", "channel_ref"),
        Index("uq_touchpoint_client_key", "contact_point_id", "client_key", unique=True),
        Index(None, "ticket_id"),
        Index(None, "conversation_id"),
    )

    id: Mapped[Id]
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    conversation_id: Mapped[int | None] = mapped_column(ref("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ref("ticket.id"))
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    at: Mapped[datetime]
    channel: Mapped[str]
    direction: Mapped[str]
    author: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str | None] = mapped_column(info={"pii": "words"})
    payload: Mapped[dict[str, Any] | None] = mapped_column(info={"pii": "words"})
    channel_ref: Mapped[int | None]
    about_id: Mapped[int | None]
    client_key: Mapped[str | None]
    redacted_at: Mapped[datetime | None]
