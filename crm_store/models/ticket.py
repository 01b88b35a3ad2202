"""Numbered requests, their history, and the escalations that put them before a human."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base, Versioned


class Ticket(Versioned, Base):
    """A numbered request. `status` is new, open, waiting, resolved or closed; `due_at` is the promised first answer.

    `details` is what a form asked: slot → what was asked and answered (see support.ticket_details).
    """

    __tablename__ = "ticket"
    __table_args__ = (Index(None, "customer_id", "status"), Index(None, "status", "resolved_at"))

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    order_id: Mapped[int | None] = mapped_column(ref("customer_order.id"))
    subject: Mapped[str] = mapped_column(info={"pii": "words"})
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"pii": "words"})
    language: Mapped[str]
    status: Mapped[str] = mapped_column(default="new")
    priority: Mapped[str] = mapped_column(default="normal")
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    rating: Mapped[int | None]
    rating_asked_at: Mapped[datetime | None]


class TicketEvent(Base):
    """One thing that happened to a ticket: who, when, what."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index(None, "ticket_id", "id"),)

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ref("ticket.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    author: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    data: Mapped[dict[str, Any] | None] = mapped_column(info={"pii": "words"})


class Escalation(Versioned, Base):
    """The decision that a human must take over; belongs to a ticket, at most one that has not ended for each.

    `reasons` is a list of {"code", "weight", "facts"}, with "at" where one came later than the opening.
    `value_percentile` (0..100), `risk` (0..1) and `urgent` are the priority's facts as known at the time. `state` is
    waiting, claimed or resolved.
    """

    __tablename__ = "escalation"
    __table_args__ = (
        Index(
            "uq_escalation_open",
            "contact_point_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_escalation_queue",
            "state",
            "opened_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "ticket_id"),
        Index(None, "customer_id"),
        Index(None, "claimed_at"),
        Index(None, "opened_at"),
    )

    id: Mapped[Id]
    ticket_id: Mapped[int] = mapped_column(ref("ticket.id"))
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    contact_point_id: Mapped[int] = mapped_column(ref("contact_point.id"))
    reasons: Mapped[list[Any]]
    value_percentile: Mapped[float] = mapped_column(default=0.0)
    risk: Mapped[float] = mapped_column(default=0.0)
    urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="waiting")
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    opened_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    place_told: Mapped[int | None]
