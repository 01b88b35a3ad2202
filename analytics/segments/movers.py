"""What distinguishes customers who moved from those who stayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from analytics.proportion import CONFIDENCE

ROUNDING = 1e-12
"""Of a sum of squares, relative: what a database's plain addition may be off by."""


@dataclass(frozen=True, slots=True)
class Distinction:
    """Movers' mean of a feature less that of stayers, in standard deviations: `low` ≤ `value` ≤ `high`. Both are
    counted as far as they have the figure.
    """

    feature: str
    movers: int
    stayers: int
    movers_mean: float
    stayers_mean: float
    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Moments:
    """Of a feature: how many have it, its sum and the sum of its squares. Those of two groups add up."""

    count: int = 0
    total: float = 0.0
    squares: float = 0.0

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    @property
    def mean(self) -> float:
        return self.total / self.count

    @property
    def deviations(self) -> float:
        """The sum of squared distances from the mean; what lies below the sum's own rounding is none."""
        found = self.squares - self.total * self.mean
        return found if found > self.squares * ROUNDING else 0.0


def distinctions_of(
    movers: Mapping[str, Moments], stayers: Mapping[str, Moments], confidence: float = CONFIDENCE
) -> list[Distinction]:
    """The clear ones, largest first. The interval is widened by the number of features looked at (Bonferroni), so that
    many features do not find a difference by chance.

    A feature that is the same for all distinguishes nobody.
    """
    shared = [name for name in movers if name in stayers]
    level = 1 - (1 - confidence) / max(len(shared), 1)
    found = [_distinction(name, movers[name], stayers[name], level) for name in shared]
    clear = [one for one in found if one is not None and one.is_clear]
    return sorted(clear, key=lambda one: -abs(one.value))


def _distinction(name: str, movers: Moments, stayers: Moments, level: float) -> Distinction | None:
    """The standardised mean difference, corrected for small samples, and its interval: Hedges and Olkin (1985),
    Statistical Methods for Meta-Analysis, chapter 5.
    """
    if min(movers.count, stayers.count) < 2:
        return None
    free = movers.count + stayers.count - 2
    spread = sqrt((movers.deviations + stayers.deviations) / free)
    if spread == 0:
        return None
    value = (movers.mean - stayers.mean) / spread * (1 - 3 / (4 * free - 1))
    error = sqrt((free + 2) / (movers.count * stayers.count) + value**2 / (2 * (free + 2)))
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    return Distinction(
        name, movers.count, stayers.count, movers.mean, stayers.mean, value, value - reach, value + reach
    )
