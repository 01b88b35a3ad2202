"""BG/NBD with Gamma-Gamma, to compare with and to test against: maximum likelihood, nothing of the product's.

BG/NBD: Fader, Hardie and Lee (2005), Marketing Science 24, 275-284, formulas 6 and 10. Gamma-Gamma: Fader and Hardie
(2013), "The Gamma-Gamma Model of Monetary Value", formula 1a. Per customer: x repeated order days, the last of them
t_x and now T after the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Customers:
    """Equally long columns, time in one unit: x, t_x and T as above, and the mean money of a repeated order day."""

    repeats: Floats
    recency: Floats
    age: Floats
    mean: Floats


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Rates of ordering have shape r and rate alpha, probabilities of leaving after an order a and b."""

    r: float
    alpha: float
    a: float
    b: float

    @classmethod
    def fitted(cls, people: Customers) -> BgNbd:
        return cls(*_most_likely(lambda rates: cls(*rates).likelihood(people), np.ones(4)))

    def likelihood(self, people: Customers) -> float:
        """Mean log-likelihood a customer."""
        r, alpha, a, b, x = self.r, self.alpha, self.a, self.b, people.repeats
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        common += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        stayed = -(r + x) * np.log(alpha + people.age)
        left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + people.recency)
        return float((common + np.where(x > 0, np.logaddexp(stayed, left), stayed)).mean())

    def alive(self, people: Customers) -> Floats:
        x = people.repeats
        odds = self.a / (self.b + np.maximum(x, 1) - 1)
        odds = odds * ((self.alpha + people.age) / (self.alpha + people.recency)) ** (self.r + x)
        return np.where(x > 0, 1 / (1 + odds), 1.0)

    def silence(self, people: Customers, horizon: float) -> Floats:
        """P(no order in the horizon): left, or alive and none comes."""
        later = self.alpha + people.age
        none = (later / (later + horizon)) ** (self.r + people.repeats)
        return 1 - self.alive(people) * (1 - none)

    def expected(self, people: Customers, horizon: float) -> Floats:
        """Order days in the horizon."""
        r, a, b, x = self.r, self.a, self.b, people.repeats
        later = self.alpha + people.age
        share = later / (later + horizon)
        series = hyp2f1(r + x, b + x, a + b + x - 1, 1 - share)
        orders: Floats = (a + b + x - 1) / (a - 1) * (1 - share ** (r + x) * series)
        return orders * self.alive(people)


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Money of an order day has shape p, its rate shape q and rate v."""

    p: float
    q: float
    v: float

    @classmethod
    def fitted(cls, people: Customers) -> GammaGamma:
        """On those who have repeated, and paid."""
        known = (people.repeats > 0) & (people.mean > 0)
        x, mean = people.repeats[known], people.mean[known]

        def likelihood(rates: Floats) -> float:
            p, q, v = rates
            shape = gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
            rest = q * np.log(v) + (p * x - 1) * np.log(mean) + p * x * np.log(x) - (p * x + q) * np.log(v + x * mean)
            return float((shape + rest).mean())

        return cls(*_most_likely(likelihood, np.array([1.0, 2.0, mean.mean()])))

    def expected(self, people: Customers) -> Floats:
        """Money of the next order day."""
        x = people.repeats
        return self.p * (self.v + x * people.mean) / (self.p * x + self.q - 1)


def _most_likely(likelihood: Callable[[Floats], float], start: Floats) -> list[float]:
    """The rates, all above zero, at the highest likelihood."""

    def depth(logarithms: Floats) -> float:
        return -likelihood(np.exp(logarithms))

    found = minimize(
        depth, np.log(start), method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-6, "fatol": 1e-9}
    )
    return [float(rate) for rate in np.exp(found.x)]
