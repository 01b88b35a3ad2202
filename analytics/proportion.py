"""How sure a share is that was counted on a few."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

CONFIDENCE = 0.95


class CountError(ValueError):
    """No share can be counted so: fewer than nobody, more successes than tries, or a confidence outside (0, 1)."""

    def __init__(self, successes: int, total: int, confidence: float) -> None:
        super().__init__(f"no interval for {successes} of {total} at confidence {confidence}")


@dataclass(frozen=True, slots=True)
class Interval:
    """A share's bounds, 0 ≤ low ≤ high ≤ 1."""

    low: float
    high: float


def wilson(successes: int, total: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a share: Wilson (1927), JASA 22, 209-212; here without continuity correction.

    Of none at all it is (0, 1), the formula's own limit for total → 0: nothing is known. Both bounds grow with
    `successes`, and more tries at the same share never widen it. Raises CountError.
    """
    if not (0 <= successes <= total and 0 < confidence < 1):
        raise CountError(successes, total, confidence)
    if total == 0:
        return Interval(0.0, 1.0)
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    share = successes / total
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = sqrt(z2 * (share * (1 - share) / total + z2 / (4 * total * total))) / (1 + z2 / total)
    low = 0.0 if successes == 0 else max(centre - reach, 0.0)
    high = 1.0 if successes == total else min(centre + reach, 1.0)
    return Interval(low, high)
