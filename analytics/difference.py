"""How far two shares that were counted on different people lie apart, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from analytics.proportion import CONFIDENCE, CountError, wilson


@dataclass(frozen=True, slots=True)
class Difference:
    """The first share less the second, -1 ≤ low ≤ value ≤ high ≤ 1."""

    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out that there is none."""
        return self.low > 0 or self.high < 0


def difference(
    successes: int, total: int, other_successes: int, other_total: int, confidence: float = CONFIDENCE
) -> Difference:
    """Of two independent shares, by the score intervals of both: Newcombe (1998), Statistics in Medicine 17, 873-890,
    method 10 (hybrid score, without continuity correction).

    Raises CountError, also where a share is of nobody at all: there is no difference to give.
    """
    for count, of in ((successes, total), (other_successes, other_total)):
        if of < 1:
            raise CountError(count, of, confidence)
    one, other = wilson(successes, total, confidence), wilson(other_successes, other_total, confidence)
    share, other_share = successes / total, other_successes / other_total
    value = share - other_share
    below = sqrt((share - one.low) ** 2 + (other.high - other_share) ** 2)
    above = sqrt((one.high - share) ** 2 + (other_share - other.low) ** 2)
    return Difference(value, max(value - below, -1.0), min(value + above, 1.0))
