"""What distinguishes customers who moved from those who stayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, variance

from analytics.proportion import CONFIDENCE

Features = Mapping[str, Sequence[float | None]]
"""Equally long columns of figures, None where a customer has none."""


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


def distinctions(movers: Features, stayers: Features, confidence: float = CONFIDENCE) -> list[Distinction]:
    """The clear ones, largest first. The interval is widened by the number of features looked at (Bonferroni), so that
    many features do not find a difference by chance.

    A feature that is the same for all distinguishes nobody.
    """
    shared = [name for name in movers if name in stayers]
    level = 1 - (1 - confidence) / max(len(shared), 1)
    found = [_distinction(name, _known(movers[name]), _known(stayers[name]), level) for name in shared]
    clear = [one for one in found if one is not None and one.is_clear]
    return sorted(clear, key=lambda one: -abs(one.value))


def _known(figures: Sequence[float | None]) -> list[float]:
    return [float(figure) for figure in figures if figure is not None]


def _distinction(name: str, movers: Sequence[float], stayers: Sequence[float], level: float) -> Distinction | None:
    """The standardised mean difference, corrected for small samples, and its interval: Hedges and Olkin (1985),
    Statistical Methods for Meta-Analysis, chapter 5.
    """
    if min(len(movers), len(stayers)) < 2:
        return None
    free = len(movers) + len(stayers) - 2
    spread = sqrt((variance(movers) * (len(movers) - 1) + variance(stayers) * (len(stayers) - 1)) / free)
    if spread == 0:
        return None
    ours, theirs = fmean(movers), fmean(stayers)
    value = (ours - theirs) / spread * (1 - 3 / (4 * free - 1))
    error = sqrt((free + 2) / (len(movers) * len(stayers)) + value**2 / (2 * (free + 2)))
    reach = NormalDist().inv_cdf((1 + level) / 2) * error
    return Distinction(name, len(movers), len(stayers), ours, theirs, value, value - reach, value + reach)
