"""What we think of customers: the newest judgement of each, how it changed, by which rules and what was learned."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from analytics.stages import Stage
from analytics.tiers import Tier
from crm_store.columns import Coded, Id, ref
from crm_store.models.base import Base

HAS_OTHERS_FIGURES = text("brought <> 0 OR ideas <> 0")
"""Of scores: an index leads to the few of whom it holds, if it is written in these words."""


class Score(Base):
    """The newest judgement of a customer as of a day: analytics.customer_score's figures, by the same names.

    All that may be another the next night, in few bytes, because a night writes a row for each customer; what only
    their orders change is in OrderHistory. Somebody who has not ordered yet has a stage alone, awareness or
    consideration, and no tier. `rfm` (analytics.rfm.Rfm.digits) says the segment
    too. `brought` counts customers
    who came through this one and have bought, `ideas` those that an agent confirmed.
    """

    __tablename__ = "score"
    __table_args__ = (
        Index(
            "ix_score_others_figures",
            "customer_id",
            sqlite_where=HAS_OTHERS_FIGURES,
            postgresql_where=HAS_OTHERS_FIGURES,
        ),
    )

    customer_id: Mapped[int] = mapped_column(ref("customer.id"), primary_key=True, autoincrement=False)
    as_of: Mapped[date] = mapped_column(Date)
    value: Mapped[float]
    percentile: Mapped[float | None]
    spend_percentile: Mapped[float | None]
    risk: Mapped[float | None]
    tier: Mapped[str | None] = mapped_column(Coded(*Tier))
    rank: Mapped[int | None]
    stage: Mapped[str] = mapped_column(Coded(*Stage))
    at_risk: Mapped[bool]
    rfm: Mapped[int | None] = mapped_column(SmallInteger)
    brought: Mapped[int] = mapped_column(default=0)
    ideas: Mapped[int] = mapped_column(default=0)


class OrderHistory(Base):
    """A customer's orders as one line (analytics.history), counted anew when they change. Whoever has no order has no
    row. `currency` is the shop's, in which the money is.
    """

    __tablename__ = "order_history"

    customer_id: Mapped[int] = mapped_column(ref("customer.id"), primary_key=True, autoincrement=False)
    currency: Mapped[str | None]
    order_count: Mapped[int]
    order_days: Mapped[int]
    first_order: Mapped[date] = mapped_column(Date)
    last_order: Mapped[date] = mapped_column(Date)
    usual_gap_days: Mapped[float | None]
    total: Mapped[float]
    cost: Mapped[float]
    uncosted: Mapped[float]
    left_out: Mapped[int]


class ScoreChange(Base):
    """A customer moved: to another tier, stage or segment, into danger or out of it. Append-only.

    What stood before is empty at the first judgement. The newest row up to a day says where they stood then. `cause`
    is {"code", "facts"}: an order, silence, others' orders (the border moved), an agent, new rules.
    """

    __tablename__ = "score_change"
    __table_args__ = (Index(None, "customer_id", "at"), Index(None, "at"))

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(ref("customer.id"))
    at: Mapped[datetime]
    former_tier: Mapped[str | None]
    former_stage: Mapped[str | None]
    former_at_risk: Mapped[bool | None]
    former_segment: Mapped[str | None]
    tier: Mapped[str | None]
    stage: Mapped[str]
    at_risk: Mapped[bool]
    segment: Mapped[str | None]
    cause: Mapped[dict[str, Any]]


class HouseRule(Base):
    """What an admin decided on how customers are judged and served: tier limits, the policy, a strategy per stage.

    Each change is a row of its own, and the newest of a `key` holds; none is the product's own default. `agent_id` is
    none where the command line set it.
    """

    __tablename__ = "house_rule"
    __table_args__ = (Index(None, "key", "id"),)

    id: Mapped[Id]
    key: Mapped[str]
    value: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))


class ShopModel(Base):
    """What was learned of the shop's own orders, as of a day: the rates and borders by which customers are judged, and
    how far a back-test says that they can be trusted (`evaluation`).
    """

    __tablename__ = "shop_model"

    id: Mapped[Id]
    as_of: Mapped[datetime]
    model: Mapped[dict[str, Any]]
    evaluation: Mapped[dict[str, Any] | None]


class ReasonVerdict(Base):
    """An agent said that a reason beside a name was wrong. Once for each reason of an escalation."""

    __tablename__ = "reason_verdict"

    escalation_id: Mapped[int] = mapped_column(ref("escalation.id"), primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ref("agent.id"))
    at: Mapped[datetime]
