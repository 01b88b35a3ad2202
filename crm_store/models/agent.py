"""Who answers customers, how they log in, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class Agent(Base):
    """A person who answers customers. `role` is agent or admin; an inactive agent can do nothing."""

    __tablename__ = "agent"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(default="agent")
    telegram_id: Mapped[int | None] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    dialog: Mapped[dict[str, Any] | None]


class LoginLink(Base):
    """A one-time way into the console; only the token's hash is kept."""

    __tablename__ = "login_link"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ref("agent.id"))
    expires_at: Mapped[datetime]
    reusable: Mapped[bool] = mapped_column(default=False)


class AgentSession(Base):
    """A logged-in browser; only the cookie's hash is kept."""

    __tablename__ = "agent_session"
    __table_args__ = (Index(None, "agent_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int] = mapped_column(ref("agent.id"))
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Audit(Base):
    """What staff and the system did to which object; append-only."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "object_kind", "object_id"),)

    id: Mapped[Id]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    action: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    data: Mapped[dict[str, Any] | None]
