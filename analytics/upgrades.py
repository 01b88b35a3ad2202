"""Customers who could climb into the next tier: how far it is, and what it would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from analytics.proportion import wilson
from analytics.tiers import Tier


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's tier and value."""

    customer_id: Any
    tier: Tier
    value: float


@dataclass(frozen=True, slots=True)
class Climbed:
    """Between two dates `climbed` of the `customers` of a tier moved to a better one."""

    climbed: int
    customers: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Money in the shop's currency. `missing`: from the customer's value to the least in the tier above; `reached`: the
    share of that which they have, 0..1. `gain`: what the median customer of the tier above is worth more than they;
    `expected_gain`: this × the share of their tier that climbed lately, by its lower bound (Wilson, 95 %), or None if
    that is not known.
    """

    customer_id: Any
    tier: Tier
    target: Tier
    value: float
    missing: float
    reached: float
    gain: float
    expected_gain: float | None


def upgrade_candidates(
    customers: Sequence[Standing], lately: Mapping[Tier, Climbed], limit: int, least_reached: float = 0.5
) -> list[Candidate]:
    """Up to `limit` of those who have at least `least_reached` of the value it takes, the largest gain for the smallest
    gap first: by `gain` × `reached`. Nobody climbs out of the best tier, or into one without customers.
    """
    values: dict[Tier, list[float]] = {tier: [] for tier in Tier}
    for customer in customers:
        values[customer.tier].append(customer.value)
    steps = {lower: upper for upper, lower in zip(Tier, list(Tier)[1:], strict=False) if values[upper]}
    bars = {tier: (min(values[target]), median(values[target])) for tier, target in steps.items()}
    found = [
        _candidate(customer, steps[customer.tier], *bars[customer.tier], lately.get(customer.tier))
        for customer in customers
        if customer.tier in steps and customer.value >= least_reached * bars[customer.tier][0]
    ]
    return sorted(found, key=lambda one: -one.gain * one.reached)[:limit]


def _candidate(customer: Standing, target: Tier, bar: float, usual: float, lately: Climbed | None) -> Candidate:
    gain = usual - customer.value
    chance = wilson(lately.climbed, lately.customers).low if lately and lately.customers else None
    return Candidate(
        customer_id=customer.customer_id,
        tier=customer.tier,
        target=target,
        value=customer.value,
        missing=bar - customer.value,
        reached=customer.value / bar if bar > 0 else 1.0,
        gain=gain,
        expected_gain=None if chance is None else gain * chance,
    )
