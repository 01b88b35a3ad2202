"""The card of a customer at the moment of an agent's answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.columns import SealedJson, ref
from crm_store.models.base import Base


class CardSnapshot(Base):
    """The customer's card as it stood when an agent's words (`touchpoint_id`) were written
    (support.agents.snapshots).
    """

    __tablename__ = "card_snapshot"
    __table_args__ = (Index(None, "customer_id"),)

    touchpoint_id: Mapped[int] = mapped_column(ref("touchpoint.id"), primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    at: Mapped[datetime]
    card: Mapped[dict[str, Any]] = mapped_column(SealedJson, info={"pii": "words"})
