"""Customers who could climb into the next tier: how far it is, and what it would bring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from analytics.proportion import wilson

LEAST_REACHED = 0.5
"""Whoever has less than half of what it takes is no candidate. Set by judgement."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a tier into the one above: `bar` is the least value there, `usual` the median one. Money in the shop's
    currency. Of the `customers` who were in the lower tier some time ago, `climbed` are in a better one now.
    """

    tier: str
    target: str
    bar: float
    usual: float
    climbed: int = 0
    customers: int = 0

    @property
    def chance(self) -> float | None:
        """The share that climbed by its lower bound (Wilson, 95 %); None if nobody was there to climb."""
        return wilson(self.climbed, self.customers).low if self.customers else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """`missing`: from the customer's value to the step's bar; `reached`: the share of that which they have, 0..1.
    `gain`: what the median customer of the tier above is worth more than they; `expected_gain`: this × the step's
    chance, or None if that is not known.
    """

    customer_id: Any
    step: Step
    value: float
    missing: float
    reached: float
    gain: float
    expected_gain: float | None


def candidate(customer_id: Any, value: float, step: Step) -> Candidate | None:
    """A customer of the step's tier; None if they have not half of what it takes, or all of it already.

    Lists begin with the largest gain for the smallest gap: by `gain` × `reached`.
    """
    if not LEAST_REACHED * step.bar <= value < step.bar:
        return None
    gain = step.usual - value
    return Candidate(
        customer_id=customer_id,
        step=step,
        value=value,
        missing=step.bar - value,
        reached=value / step.bar,
        gain=gain,
        expected_gain=None if step.chance is None else gain * step.chance,
    )
