"""What was learned of a customer in conversation, and what they agreed to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Encrypted, Id, ref
from crm_store.models.base import Base, Versioned


class Fact(Versioned, Base):
    """A preference, promise or constraint. `kind` is preference, promise, constraint, idea, feedback, language, channel
    or quiet_hours.

    `text` is what an agent reads; `value` is the same for programs, where the kind has a form for it. `state` is
    proposed, confirmed, declined or withdrawn; only an agent confirms. `source_id` is the touchpoint it was heard in,
    `agent_id` who noted it, none where a rule proposed it. A promise has a `due_at` and, once kept, a `kept_at`.
    """

    __tablename__ = "fact"
    __table_args__ = (Index(None, "customer_id", "state"), Index(None, "source_id"), Index(None, "due_at"))

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Encrypted, info={"pii": "words"})
    value: Mapped[dict[str, Any] | None] = mapped_column(info={"pii": "words"})
    rule: Mapped[str | None]
    source_id: Mapped[int | None] = mapped_column(ref("touchpoint.id"))
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    state: Mapped[str] = mapped_column(default="proposed")
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    due_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]


class Consent(Base):
    """A customer agreed to something, or took it back; never changed afterwards, the newest of a purpose counts.

    `purpose` is marketing, memory or another that the shop names; `source` is chat, import, api or agent.
    """

    __tablename__ = "consent"
    __table_args__ = (Index(None, "customer_id", "purpose", "id"),)

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    purpose: Mapped[str]
    given: Mapped[bool]
    at: Mapped[datetime]
    source: Mapped[str]
    touchpoint_id: Mapped[int | None] = mapped_column(ref("touchpoint.id"))
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
