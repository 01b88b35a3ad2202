"""What customers bought."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class Order(Base):
    """One order from the shop's own system; `external_id` is its number there.

    The index has all that judging a customer reads, so that no row is looked up for it.
    """

    __tablename__ = "customer_order"
    __table_args__ = (Index(None, "customer_id", "date", "currency", "amount", "cost"),)

    id: Mapped[Id]
    external_id: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    date: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    currency: Mapped[str | None]
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    product: Mapped[str | None]
    category: Mapped[str | None]
    source: Mapped[str | None]
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
