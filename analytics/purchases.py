"""How many orders to expect of a customer, and how likely it is that none comes.

A gamma-Poisson model whose evidence fades: each order day counts e^(−age/decay time), and so does each day under
observation. After R (weighted order days) in A (weighted days), the rate of order days has the gamma distribution with
shape R and rate A, so that within H days
    expected order days = R/A · H        P(none) = (A / (A + H))^R
as in the negative binomial distribution (Ehrenberg 1959, Applied Statistics 8, 26-41), with the discounting of
Harvey and Fernandes (1989), Journal of Business & Economic Statistics 7, 407-417.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.histories import Histories

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rates:
    """`decay_days`: after so many days an order day counts 1/e. `prior_order_days` in `prior_days` is what is believed
    of everybody before their second order. `first_weight`: what the first order day counts beside a repeated one.
    """

    decay_days: float
    prior_order_days: float
    prior_days: float
    first_weight: float


USUAL_RATES = Rates(decay_days=120, prior_order_days=0.3, prior_days=60, first_weight=0.3)
"""Of a shop with too few orders to tell: a mild guess, one order in 200 days of somebody who has ordered once."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of each customer, the weighted order days and the weighted days under observation, both above zero."""

    order_days: Floats
    days: Floats

    def expected(self, horizon_days: float) -> Floats:
        """Order days to expect in the next `horizon_days`."""
        return self.order_days / self.days * horizon_days

    def silence(self, horizon_days: float) -> Floats:
        """P(no order in the next `horizon_days`), 0..1, of everybody: of those with one order day it says little."""
        return np.exp(-self.order_days * np.log1p(horizon_days / self.days))


def evidence(people: Histories, rates: Rates, as_of: int) -> Evidence:
    """As of a day, date.toordinal(), that is not before anybody's last order."""
    first = np.exp((people.first - as_of) / rates.decay_days)
    every = people.decayed * np.exp((people.last - as_of) / rates.decay_days)
    return weighed(every, first, rates)


def weighed(every: Floats, first: Floats, rates: Rates) -> Evidence:
    """From the sum of e^(−age/decay time) over all order days, and that of the first alone."""
    return Evidence(
        rates.prior_order_days + every + (rates.first_weight - 1) * first,
        rates.prior_days + rates.decay_days * (1 - first),
    )
