"""The days on which each customer ordered: what rhythm and risk are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.orders import Orders

_DAY_BITS = 22
"""Every date.toordinal() fits: date.max is day 3,652,059."""


@dataclass(frozen=True, slots=True)
class OrderDays:
    """One entry for each day on which a customer ordered, once or often: `who` in Orders.ids, and `day`; sorted by
    both. Refunds are no orders.
    """

    who: NDArray[np.int64]
    day: NDArray[np.int64]

    @classmethod
    def of(cls, orders: Orders) -> OrderDays:
        bought = orders.amount >= 0
        keys = np.sort(orders.who[bought] << _DAY_BITS | orders.day[bought])
        keys = keys[_firsts(keys)]
        return cls(keys >> _DAY_BITS, keys & ((1 << _DAY_BITS) - 1))

    def until(self, day: int) -> OrderDays:
        """Without the days after this one."""
        kept = self.day <= day
        return OrderDays(self.who[kept], self.day[kept])

    def of_people(self, people: NDArray[np.int64]) -> OrderDays:
        """Those of some customers only."""
        kept = np.isin(self.who, people)
        return OrderDays(self.who[kept], self.day[kept])

    def starts(self) -> NDArray[np.int64]:
        """Where each customer's days begin."""
        return np.flatnonzero(_firsts(self.who))


def _firsts(ascending: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The first of each run of equal numbers."""
    first = np.ones(len(ascending), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first
