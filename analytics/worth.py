"""What a customer is worth over the coming period, in the shop's money; margin, where costs are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.histories import Histories
from analytics.purchases import Floats

PRIOR_ORDER_DAYS = 2
"""The shop's mean order day counts as so many beside the customer's own."""

_TINY = np.finfo(np.float64).tiny
"""Makes nothing by nothing nothing, and changes no sum."""


def kept_cost(total: Floats, cost: Floats, uncosted: Floats) -> Floats:
    """What the goods cost that customers have kept, as far as costs are known (the columns of Histories).

    Refunds without a cost, where they outweigh such orders, are of goods whose cost is known: they take back their
    share of it.
    """
    refunded = np.maximum(-uncosted, 0.0)
    kept = np.maximum(total, 0.0)
    return cost * (1 - refunded / (kept + refunded + _TINY))


@dataclass(frozen=True, slots=True)
class Worth:
    """A shop's figures that a customer's money is seen in: the share of an amount that is margin where its cost is not
    known (1 while no cost is), the mean margin of an order day, and the money to expect for each unit of past margin.
    """

    margin_share: float = 1.0
    mean_order_day: float = 0.0
    past_scale: float = 0.0

    @classmethod
    def of(cls, people: Histories, expected_days: Floats) -> Worth:
        share = _margin_share(people)
        margin = cls(share).margin(people)
        known = cls(share, _ratio(margin.sum(), people.days.sum()))
        expected = known.expected_money(margin, people.days, expected_days).sum()
        return cls(share, known.mean_order_day, _ratio(expected, _past(margin).sum()))

    def value(self, people: Histories, expected_days: Floats) -> Floats:
        """The geometric mean of the money to expect and of the past margin, put to the scale of the former. What other
        means have been worth on earlier days is in docs/decisions/0022."""
        margin = self.margin(people)
        expected = self.expected_money(margin, people.days, expected_days)
        return np.sqrt(expected) * np.sqrt(_past(margin) * self.past_scale)

    def margin(self, people: Histories) -> Floats:
        """What each customer's orders have brought in so far, less refunds; may be below zero."""
        cost = kept_cost(people.total, people.cost, people.uncosted)
        return people.total - cost - (1 - self.margin_share) * np.maximum(people.uncosted, 0.0)

    def expected_money(self, margin: Floats, days: NDArray[np.int64], expected_days: Floats) -> Floats:
        """Order days to expect × the customer's mean order day, drawn towards the shop's; never below zero."""
        mean = (margin + PRIOR_ORDER_DAYS * self.mean_order_day) / (days + PRIOR_ORDER_DAYS)
        return expected_days * np.maximum(mean, 0.0)


def _past(margin: Floats) -> Floats:
    return np.maximum(margin, 0.0)


def _margin_share(people: Histories) -> float:
    """Of the orders with a known cost in the shop's currency; at a loss over all it is 0."""
    taken, cost = (people.total - people.uncosted).sum(), people.cost.sum()
    return min(_ratio(taken - cost, taken), 1.0) if taken or cost else 1.0


def _ratio(part: float, whole: float) -> float:
    """0 if either is not above zero: a shop whose refunds outweigh its orders says nothing of the next order."""
    return float(part / whole) if part > 0 and whole > 0 else 0.0
