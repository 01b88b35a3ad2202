"""Who we serve, where they can be reached, and whom they belong to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm_store.columns import Encrypted, Id, ref
from crm_store.models.base import Base, Versioned

_IS_ERASED, _WAS_BROUGHT = text("erased_at IS NOT NULL"), text("referrer IS NOT NULL")


class Organisation(Base):
    """A company account whose people are customers."""

    __tablename__ = "organisation"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Customer(Versioned, Base):
    """A person or an organisation that we serve.

    `merged_into_id` is the customer that this record became part of (crm_store.models.merge); such a record has no
    contact points, tickets or orders of its own. `erased_at` marks a tombstone: everything personal is gone.
    `referrer` is what an import calls whoever brought them, `referred_by_id` whose referral link they opened.
    `manager_id` is the agent who looks after them.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(None, "phone_hash"),
        Index(None, "email_hash"),
        Index(None, "organisation_id"),
        Index(None, "merged_into_id"),
        Index(None, "referred_by_id"),
        Index(None, "manager_id"),
        Index(None, "referrer", sqlite_where=_WAS_BROUGHT, postgresql_where=_WAS_BROUGHT),
        Index(None, "erased_at", sqlite_where=_IS_ERASED, postgresql_where=_IS_ERASED),
    )

    id: Mapped[Id]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(info={"pii": "name"})
    phone: Mapped[str | None] = mapped_column(Encrypted, info={"pii": "phone"})
    phone_hash: Mapped[str | None] = mapped_column(info={"pii": "phone"})
    email: Mapped[str | None] = mapped_column(Encrypted, info={"pii": "email"})
    email_hash: Mapped[str | None] = mapped_column(info={"pii": "email"})
    language: Mapped[str | None]
    organisation_id: Mapped[int | None] = mapped_column(ref("organisation.id"))
    source: Mapped[str | None]
    referrer: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"pii": "attributes"})
    created_at: Mapped[datetime]
    referred_by_id: Mapped[int | None] = mapped_column(ref("customer.id"))
    manager_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ref("customer.id"))
    erased_at: Mapped[datetime | None]

    organisation: Mapped[Organisation | None] = relationship(lazy="raise")


class ContactPoint(Versioned, Base):
    """A customer's identity on one channel.

    `address` is the channel's own name for the person: a Telegram user id, a web visitor's id, a phone hash, an e-mail
    hash. `state` is active, blocked or deactivated. `chat_id` is where Telegram messages to this person go.
    """

    __tablename__ = "contact_point"
    __table_args__ = (UniqueConstraint("channel", "address"), Index(None, "customer_id"))

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    channel: Mapped[str]
    address: Mapped[str] = mapped_column(info={"pii": "address"})
    chat_id: Mapped[int | None]
    display_name: Mapped[str | None] = mapped_column(info={"pii": "name"})
    username: Mapped[str | None] = mapped_column(info={"pii": "username"})
    client_language: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="active")
    state_changed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    customer: Mapped[Customer] = relationship(lazy="raise")
