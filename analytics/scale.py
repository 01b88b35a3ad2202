"""What share of the shop's customers a figure beats, of all at once or of one alone."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MARKS = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """Up to MARKS figures, ascending and evenly spaced by rank: percentiles exact while the shop has no more customers,
    else flattering by less than a tenth of a percent.
    """

    marks: tuple[float, ...]

    @classmethod
    def of(cls, figures: NDArray[np.float64]) -> Scale:
        ascending = np.sort(figures)
        count = min(len(ascending), MARKS)
        return cls(tuple(ascending[np.arange(count) * len(ascending) // max(count, 1)].tolist()))

    def percentile(self, figure: float) -> float:
        """The percentage (0..100) of the shop's customers whose figure is lower; 0 in a shop without customers.

        The best of n beat n − 1 of them, and so does a figure above all marks.
        """
        count = len(self.marks)
        return 100 * min(bisect_left(self.marks, figure), count - 1) / count if count else 0.0


def percentiles(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each figure, the percentage (0..100) of all figures that are strictly lower."""
    order = np.argsort(figures)
    begins = np.flatnonzero(np.diff(figures[order], prepend=np.nan))
    shares = np.empty(len(figures))
    shares[order] = np.repeat(100 * begins / max(len(figures), 1), np.diff(begins, append=len(figures)))
    return shares
