"""Every customer's orders as one line: what all figures are computed from."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.order_days import OrderDays
from analytics.orders import Orders


@dataclass(frozen=True, slots=True)
class Histories:
    """Equally long columns, a line for each customer who has ordered; see analytics.history.History for each.

    Money is summed in whole cents, which floats hold exactly up to 90 trillion: so the order of rows does not matter.
    """

    customer_id: NDArray[Any]
    orders: NDArray[np.int64]
    days: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    total: NDArray[np.float64]
    cost: NDArray[np.float64]
    uncosted: NDArray[np.float64]
    left_out: NDArray[np.int64]
    decayed: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.customer_id)

    def chosen(self, which: NDArray[Any]) -> Histories:
        return Histories(*(getattr(self, field.name)[which] for field in fields(self)))


def histories(orders: Orders, days: OrderDays, decay_days: float) -> Histories:
    """The customers with an order, in the order of `orders.ids`; whoever has only refunds has no history."""
    starts = days.starts()
    ends = np.append(starts, len(days.who))[1:]
    people = days.who[starts]
    ours, known = orders.ours, ~np.isnan(orders.cost)

    def counted(which: NDArray[np.bool_]) -> NDArray[np.int64]:
        return np.bincount(orders.who[which], minlength=len(orders.ids))[people]

    def summed(money: NDArray[np.float64], which: NDArray[np.bool_]) -> NDArray[np.float64]:
        cents = money * 100
        np.rint(cents, out=cents)
        cents[~which] = 0
        sums = np.bincount(orders.who, cents, len(orders.ids)).astype(np.float64, copy=False)
        sums /= 100
        return sums[people]

    return Histories(
        customer_id=orders.ids[people],
        orders=counted(orders.amount >= 0),
        days=ends - starts,
        first=days.day[starts],
        last=days.day[ends - 1],
        total=summed(orders.amount, ours),
        cost=summed(orders.cost, ours & known),
        uncosted=summed(orders.amount, ours & ~known),
        left_out=counted(~ours),
        decayed=_decayed(days, starts, ends, decay_days),
    )


def _decayed(
    days: OrderDays, starts: NDArray[np.int64], ends: NDArray[np.int64], decay_days: float
) -> NDArray[np.float64]:
    last = np.repeat(days.day[ends - 1], ends - starts)
    weights = np.exp((days.day - last) / decay_days)
    return np.add.reduceat(weights, starts) if len(starts) else weights
