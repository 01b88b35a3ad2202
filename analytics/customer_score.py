"""All that is known of one customer's worth and risk."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from analytics.history import History
from analytics.rfm import RfmSegment
from analytics.stages import Stage
from analytics.tiers import Tier


class CustomerScore(NamedTuple):
    """One customer's figures. Money in the shop's currency, percentiles 0..100, `risk` 0..1.

    `value` is what they are worth in the horizon, `risk` the probability that they do not order in it. `risk`,
    `usual_gap_days` and `silence_ratio` are None with too little history: fewer than two order days. `rank` is the
    place within the tier, from 1, and None if only this customer was judged. From `order_count` on all is counted on
    the rows; `cost`, `uncosted`, `left_out` and `decayed` are those of analytics.history.History. With `left_out` above
    zero the value lacks orders in other currencies.
    """

    customer_id: Any
    value: float
    percentile: float
    tier: Tier
    rank: int | None
    risk: float | None
    expected_orders: float
    stage: Stage
    at_risk: bool
    r: int
    f: int
    m: int
    segment: RfmSegment
    spend_percentile: float
    order_count: int
    order_days: int
    first_order: date
    last_order: date
    days_silent: int
    usual_gap_days: float | None
    silence_ratio: float | None
    total: float
    cost: float
    uncosted: float
    left_out: int
    decayed: float

    @property
    def history(self) -> History:
        """What the next order is added to."""
        return History(
            customer_id=self.customer_id,
            orders=self.order_count,
            days=self.order_days,
            first=self.first_order,
            last=self.last_order,
            total=self.total,
            cost=self.cost,
            uncosted=self.uncosted,
            left_out=self.left_out,
            decayed=self.decayed,
        )
