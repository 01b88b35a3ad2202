"""What a customer is worth to the shop in four ways: money, loyalty, customers they brought, ideas and feedback.

The four are not added up: they have no common unit, and a shop weighs them as it likes. Each figure can be derived from
rows of the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np

from analytics.worth import kept_cost

DAYS_A_YEAR = 365.25
SHORTEST_RATE_DAYS = 91
"""A quarter: two orders within a month would make a rate of dozens a year."""
COSTED_SHARE = 0.5
"""Costs must be known for more than this share of the total before a margin is named."""


class Figures(Protocol):
    """The columns of a customer's score that the four speak of (crm_store.models.Score)."""

    @property
    def as_of(self) -> date: ...
    @property
    def value(self) -> float: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def order_days(self) -> int: ...
    @property
    def first_order(self) -> date | None: ...
    @property
    def total(self) -> float: ...
    @property
    def cost(self) -> float: ...
    @property
    def uncosted(self) -> float: ...
    @property
    def brought(self) -> int: ...
    @property
    def ideas(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Money:
    """`value` is expected of the coming period, `total` the money of all orders less refunds. `margin` is what is left
    of `costed`, the part of the total with known costs, as the value counts it; None where that is not most of it.
    """

    currency: str | None
    value: float
    total: float
    costed: float
    margin: float | None


@dataclass(frozen=True, slots=True)
class Loyalty:
    """`days` since the first order, `order_days` on which they ordered, and `rate`: how many of these after the first
    come in a year.
    """

    days: int
    order_days: int
    rate: float


@dataclass(frozen=True, slots=True)
class Referral:
    """`came` counts whoever opened their link, `buyers` those who bought, also whom an import says they brought."""

    came: int
    buyers: int


@dataclass(frozen=True, slots=True)
class FourValues:
    """Each is None, or 0 ideas, where there is nothing to say."""

    money: Money | None
    loyalty: Loyalty | None
    referral: Referral | None
    ideas: int


def four_values(figures: Figures | None, came: int = 0) -> FourValues:
    """`came`: how many newcomers opened the customer's link; it is known of somebody without a score, too."""
    buyers = figures.brought if figures else 0
    return FourValues(
        money=_money(figures) if figures else None,
        loyalty=_loyalty(figures) if figures else None,
        referral=Referral(came, buyers) if came or buyers else None,
        ideas=figures.ideas if figures else 0,
    )


def _money(figures: Figures) -> Money | None:
    if figures.first_order is None:
        return None
    costed = figures.total - max(figures.uncosted, 0.0)
    is_known = figures.total > 0 and figures.cost > 0 and costed > COSTED_SHARE * figures.total
    margin = costed - _kept_cost(figures) if is_known else None
    return Money(figures.currency, figures.value, figures.total, costed, margin)


def _kept_cost(figures: Figures) -> float:
    return float(kept_cost(*map(np.asarray, (figures.total, figures.cost, figures.uncosted))))


def _loyalty(figures: Figures) -> Loyalty | None:
    """Only of somebody who came back, and long enough ago for a rate."""
    if figures.first_order is None or figures.order_days < 2:
        return None
    days = (figures.as_of - figures.first_order).days
    if days < SHORTEST_RATE_DAYS:
        return None
    return Loyalty(days, figures.order_days, (figures.order_days - 1) * DAYS_A_YEAR / days)
