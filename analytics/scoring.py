"""Value, risk, tier and stage of every customer, from nothing but the orders.

`score` is the short way for lists of any kind. Where a million customers matter: analytics.orders.read_orders, then
analytics.shop_model.learnt, then analytics.judgement.judged, whose columns are arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics.customer_score import CustomerScore
from analytics.judgement import judged
from analytics.order_columns import ScoringInputError, read_day
from analytics.orders import OrderData, read_orders
from analytics.rfm import RfmSegment
from analytics.shop_model import learnt
from analytics.stages import Stage
from analytics.tiers import Tier, TierLimits

__all__ = ["CustomerScore", "Scores", "ScoringInputError", "score"]

LONGEST_HORIZON_DAYS = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures of CustomerScore as equally long columns, sorted by customer id: whole numbers by size, anything else
    as text. Iterating yields CustomerScore.
    """

    customer_id: list[Any]
    value: list[float]
    percentile: list[float]
    tier: list[Tier]
    rank: list[int | None]
    risk: list[float | None]
    expected_orders: list[float]
    stage: list[Stage]
    at_risk: list[bool]
    r: list[int]
    f: list[int]
    m: list[int]
    segment: list[RfmSegment]
    spend_percentile: list[float]
    order_count: list[int]
    order_days: list[int]
    first_order: list[date]
    last_order: list[date]
    days_silent: list[int]
    usual_gap_days: list[float | None]
    silence_ratio: list[float | None]
    total: list[float]
    cost: list[float]
    uncosted: list[float]
    left_out: list[int]
    decayed: list[float]

    def __len__(self) -> int:
        return len(self.customer_id)

    def __iter__(self) -> Iterator[CustomerScore]:
        columns = (getattr(self, name) for name in CustomerScore._fields)
        return map(CustomerScore._make, zip(*columns, strict=True))


def score(
    orders: OrderData, as_of: date | datetime | str, horizon_days: int, limits: TierLimits | None = None
) -> Scores:
    """Score every customer with an order by `as_of`; later orders are not looked at.

    `orders` has equally long columns as analytics.orders.read_orders wants them. `horizon_days` is the period that
    value and risk speak of; `limits` are the tiers', by default those of TierLimits. Raises ScoringInputError.
    """
    if not 0 < horizon_days <= LONGEST_HORIZON_DAYS:
        raise ScoringInputError("horizon_days", f"{horizon_days} is not above 0 and at most {LONGEST_HORIZON_DAYS:,}")
    day = read_day(as_of, "as_of")
    shop, people = learnt(read_orders(orders, day), day, horizon_days, limits or TierLimits())
    rows = list(judged(people, shop, day).rows())
    return Scores(*([getattr(row, name) for row in rows] for name in CustomerScore._fields))
