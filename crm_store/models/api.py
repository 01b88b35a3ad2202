"""Other programs that speak to the service: their keys, what they have sent already, and their links to the chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class ApiKey(Base):
    """What a program shows to be let in; only the key's hash is kept. `scopes` are what it may do, by name."""

    __tablename__ = "api_key"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A request that took effect, so that its repetition is told the same; another body under its key is refused."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "at"),)

    api_key_id: Mapped[int] = mapped_column(ref("api_key.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[str]
    status: Mapped[int]
    response: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ContactLink(Base):
    """A link that tells the chat who comes through it: for one customer, once, until it expires; only its hash is kept.

    `used_by_id` is the contact point that came.
    """

    __tablename__ = "contact_link"
    __table_args__ = (Index(None, "customer_id"),)

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_id: Mapped[int | None] = mapped_column(ref("contact_point.id"))


class ColumnMapping(Base):
    """How another department names its columns: remembered for the next file with the same header.

    `kind` is customers, orders or touchpoints; `header` is a fingerprint of the file's column names; `columns` maps
    theirs to ours.
    """

    __tablename__ = "column_mapping"

    kind: Mapped[str] = mapped_column(primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)
    columns: Mapped[dict[str, Any]]
    at: Mapped[datetime]
