"""What share of the shop's customers a figure beats, of all at once or of one alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MARKS = 1000
EQUAL = 1e-11
"""Figures that lie as close as this, relative to their size, are held to be equal: one customer's figures are summed up
in another way than all customers' are."""


@dataclass(frozen=True)
class Scale:
    """Up to MARKS figures, ascending and evenly spaced by rank: percentiles exact while the shop has no more customers,
    else rounded down to a tenth of a percent, so that whole percents are always exact.
    """

    marks: tuple[float, ...]

    @classmethod
    def of(cls, ascending: NDArray[np.float64]) -> Scale:
        """Of all customers' figures."""
        count = min(len(ascending), MARKS)
        ranks = -(-np.arange(1, count + 1) * len(ascending) // max(count, 1))
        return cls(tuple(ascending[ranks - 1].tolist()))

    def percentiles(self, figures: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each figure, the percentage (0..100) of the shop's customers whose figure is lower; 0 in a shop without
        customers.

        The best of n beat n − 1 of them, and so does a figure above all marks.
        """
        return 100 * self._beaten_by.searchsorted(figures) / max(len(self.marks), 1)

    @cached_property
    def _beaten_by(self) -> NDArray[np.float64]:
        """What is more than each mark but the last, as an array: many customers are held against it one by one."""
        marks = np.array(self.marks[:-1], np.float64)
        return marks + EQUAL * np.abs(marks)


def percentiles(figures: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each figure, the percentage (0..100) of all figures that are strictly lower; `order` sorts them, ascending."""
    begins = np.flatnonzero(np.diff(figures[order], prepend=np.nan))
    shares = np.empty(len(figures))
    shares[order] = np.repeat(100 * begins / max(len(figures), 1), np.diff(begins, append=len(figures)))
    return shares
