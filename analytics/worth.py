"""What a customer is worth over the coming period, in the shop's money; margin, where costs are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.histories import Histories
from analytics.orders import Orders
from analytics.purchases import Floats

PRIOR_ORDER_DAYS = 2
"""The shop's mean order day counts as so many beside the customer's own."""


@dataclass(frozen=True, slots=True)
class Worth:
    """A shop's figures that a customer's money is seen in: the share of an amount that is margin where its cost is not
    known (1 while no cost is), the mean margin of an order day, and the money to expect for each unit of past margin.
    """

    margin_share: float = 1.0
    mean_order_day: float = 0.0
    past_scale: float = 0.0

    @classmethod
    def of(cls, orders: Orders, people: Histories, expected_days: Floats) -> Worth:
        share = _margin_share(orders)
        margin = cls(share).margin(people)
        known = cls(share, _ratio(margin.sum(), people.days.sum()))
        expected = known.expected_money(margin, people.days, expected_days).sum()
        return cls(share, known.mean_order_day, _ratio(expected, _past(margin).sum()))

    def value(self, people: Histories, expected_days: Floats) -> Floats:
        """The geometric mean of the money to expect and of the past margin, put to the scale of the former: each alone
        finds the best customers of the coming period less well (docs/decisions)."""
        margin = self.margin(people)
        expected = self.expected_money(margin, people.days, expected_days)
        return np.sqrt(expected) * np.sqrt(_past(margin) * self.past_scale)

    def margin(self, people: Histories) -> Floats:
        """What each customer's orders have brought in so far, less refunds; may be below zero."""
        return people.total - people.cost - (1 - self.margin_share) * people.uncosted

    def expected_money(self, margin: Floats, days: NDArray[np.int64], expected_days: Floats) -> Floats:
        """Order days to expect × the customer's mean order day, drawn towards the shop's; never below zero."""
        mean = (margin + PRIOR_ORDER_DAYS * self.mean_order_day) / (days + PRIOR_ORDER_DAYS)
        return expected_days * np.maximum(mean, 0.0)


def _past(margin: Floats) -> Floats:
    return np.maximum(margin, 0.0)


def _margin_share(orders: Orders) -> float:
    """Of the orders with a known cost in the shop's currency; at a loss over all it is 0."""
    known = orders.ours & ~np.isnan(orders.cost)
    taken, cost = orders.amount[known].sum(), orders.cost[known].sum()
    return min(_ratio(taken - cost, taken), 1.0) if known.any() else 1.0


def _ratio(part: float, whole: float) -> float:
    """0 if either is not above zero: a shop whose refunds outweigh its orders says nothing of the next order."""
    return float(part / whole) if part > 0 and whole > 0 else 0.0
