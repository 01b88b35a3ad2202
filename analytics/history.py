"""One customer's orders as a line that the next order changes, without a look at the orders before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp
from typing import Any

from analytics.order_columns import MOST_MONEY, NO_MONEY, ScoringInputError


@dataclass(frozen=True, slots=True)
class NewOrder:
    """`amount` below zero is a refund; `cost` None is unknown; `is_ours`: its money is in the shop's currency."""

    day: date
    amount: float
    cost: float | None = None
    is_ours: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """`orders` counts all but refunds, `days` the days on which they ordered; `first` and `last` are such days, None
    before the first. `total` is the money of all orders and refunds, `cost` what the goods cost, as far as that is
    known, `uncosted` the part of the total without a known cost; money in a currency other than the shop's is in none
    of the three, and `left_out` counts such orders and refunds. `decayed` is the sum over all order days of
    e^(−days before the last ÷ the shop's decay time).
    """

    customer_id: Any
    orders: int = 0
    days: int = 0
    first: date | None = None
    last: date | None = None
    total: float = 0.0
    cost: float = 0.0
    uncosted: float = 0.0
    left_out: int = 0
    decayed: float = 0.0

    def with_order(self, order: NewOrder, decay_days: float, *, is_order_day: bool) -> History:
        """After this order, which may be older than others, or after this refund: the same as from all rows.

        Nothing in the product calls it. There a customer is judged again from all their own rows, because a job that
        runs twice must not count an order twice; this says what one order costs where that cannot happen
        (benchmarks/insight_speed.py).

        `is_order_day`: whether the customer has an order on that day already. It is asked of the rows only if the day
        lies between `first` and `last`; else it is known, and what is passed does not matter. Raises ScoringInputError.
        """
        for field, figure in (("amount", order.amount), ("cost", order.cost)):
            if figure is not None and not abs(figure) <= MOST_MONEY:
                raise ScoringInputError(field, f"{figure!r} {NO_MONEY}")
        bought = order.amount >= 0
        new_day = bought and not self._knows(order.day, is_order_day=is_order_day)
        return History(
            customer_id=self.customer_id,
            orders=self.orders + bought,
            days=self.days + new_day,
            first=min(self.first or order.day, order.day) if bought else self.first,
            last=max(self.last or order.day, order.day) if bought else self.last,
            total=_sum(self.total, order.amount) if order.is_ours else self.total,
            cost=_sum(self.cost, order.cost or 0.0) if order.is_ours else self.cost,
            uncosted=_sum(self.uncosted, order.amount) if order.is_ours and order.cost is None else self.uncosted,
            left_out=self.left_out + (not order.is_ours),
            decayed=self._decayed_with(order.day, decay_days) if new_day else self.decayed,
        )

    def _knows(self, day: date, *, is_order_day: bool) -> bool:
        if self.first is None or self.last is None or not self.first <= day <= self.last:
            return False
        return is_order_day or day in (self.first, self.last)

    def _decayed_with(self, day: date, decay_days: float) -> float:
        ahead = (day - (self.last or day)).days
        if ahead > 0:
            return self.decayed * exp(-ahead / decay_days) + 1
        return self.decayed + exp(ahead / decay_days)


def _sum(money: float, more: float) -> float:
    """In whole cents, as analytics.histories sums."""
    return (round(100 * money) + round(100 * more)) / 100
