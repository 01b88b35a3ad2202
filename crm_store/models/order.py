"""What customers bought, and what we think of them for it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import Id, ref
from crm_store.models.base import Base


class Order(Base):
    """One order from the shop's own system; `external_id` is its number there."""

    __tablename__ = "customer_order"
    __table_args__ = (Index(None, "customer_id", "date"),)

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


class Score(Base):
    """The newest judgement of a customer: analytics.scoring's figures, as of a day."""

    __tablename__ = "score"

    customer_id: Mapped[int] = mapped_column(ref("customer.id"), primary_key=True, autoincrement=False)
    as_of: Mapped[datetime]
    value: Mapped[float]
    currency: Mapped[str | None]
    percentile: Mapped[float]
    risk: Mapped[float | None]
    tier: Mapped[str]
    stage: Mapped[str]
    at_risk: Mapped[bool]
    order_count: Mapped[int]
    last_order: Mapped[date] = mapped_column(Date)
    days_silent: Mapped[int]
    usual_gap_days: Mapped[float | None]
