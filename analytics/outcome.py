"""What became of customers after a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.hindsight import Flags
from analytics.order_days import OrderDays
from analytics.orders import Orders
from analytics.purchases import Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """A line for each customer known by a day: the money they spent after it, and whether no order followed."""

    spent: Floats
    silent: Flags


def followed(orders: Orders, day: int) -> Outcome:
    """Of each customer who had ordered by that day, sorted as analytics.histories does: what they spent afterwards in
    the shop's currency, and who did not order at all."""
    known = OrderDays.of(orders.until(day))
    people = known.who[known.starts()]
    place = np.full(len(orders.ids), -1)
    place[people] = np.arange(len(people))
    later = (orders.day > day) & (place[orders.who] >= 0)
    who, amount = place[orders.who[later]], orders.amount[later]
    spent = np.bincount(who, amount * orders.ours[later], len(people)).astype(np.float64)
    return Outcome(spent, np.bincount(who[amount >= 0], minlength=len(people)) == 0)
