"""Rows of numbers of which nearly all are 0: what parts each text has, among all that an FAQ has.

Three arrays and the few operations that matching needs. A library of sparse matrices has them too, but to import one
takes as much memory as the index of a shop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

AT_ONCE = 64
"""Rows that are multiplied with all others at a time, which bounds what is held beside the result."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """Row i has `values` in `columns` (of `width`), both from place `ends[i]` to `ends[i + 1]`; the rest of it is 0."""

    values: Floats
    columns: NDArray[np.int32]
    ends: NDArray[np.int32]
    width: int

    @classmethod
    def of(cls, values: Floats, columns: NDArray[np.int32], lengths: NDArray[np.integer], width: int) -> Sparse:
        """From the values of all rows, one row behind the other, and how many each has."""
        return cls(values, columns, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32), width)

    @classmethod
    def stacked(cls, several: Sequence[Sparse], width: int) -> Sparse:
        """The rows of several, all of that width, one behind the other."""
        return cls.of(
            np.concatenate([np.empty(0, np.float32), *(each.values for each in several)]),
            np.concatenate([np.empty(0, np.int32), *(each.columns for each in several)]),
            np.concatenate([np.empty(0, np.int32), *(each.lengths for each in several)]),
            width,
        )

    def __len__(self) -> int:
        return len(self.ends) - 1

    @property
    def lengths(self) -> NDArray[np.int32]:
        """How many values each row has."""
        return np.diff(self.ends)

    @property
    def rows(self) -> NDArray[np.int32]:
        """The row of each value."""
        return np.repeat(np.arange(len(self), dtype=np.int32), self.lengths)

    def only(self, rows: NDArray[np.integer]) -> Sparse:
        """Some of the rows, in the order asked for."""
        lengths = self.lengths[rows]
        places = _ranges(self.ends[rows], lengths)
        return Sparse.of(self.values[places], self.columns[places], lengths, self.width)

    def turned(self, columns: NDArray[np.bool_]) -> Sparse:
        """The columns as rows; those that are not wanted are empty."""
        wanted = np.flatnonzero(columns[self.columns])
        order = wanted[np.argsort(self.columns[wanted], kind="stable")]
        lengths = np.bincount(self.columns[wanted], minlength=self.width)
        return Sparse.of(self.values[order], self.rows[order], lengths, len(self))

    def sum(self, weights: Floats) -> Floats:
        """The sum of all rows, each times its weight, as a vector of `width`."""
        return np.bincount(self.columns, self.values * np.repeat(weights, self.lengths), self.width).astype(np.float32)

    def times(self, other: Sparse) -> Floats:
        """(rows): the products with the one row that `other` has."""
        vector = np.zeros(self.width, np.float32)
        vector[other.columns] = other.values
        filled = np.flatnonzero(self.lengths)
        products = np.zeros(len(self), np.float32)
        products[filled] = np.add.reduceat(self.values * vector[self.columns], self.ends[filled])
        return products

    def times_themselves(self) -> Floats:
        """(rows × rows): the products of a few rows with each other; quicker than `times_each`, and takes more room."""
        columns, at = np.unique(self.columns, return_inverse=True)
        dense = np.zeros((len(self), len(columns)), np.float32)
        dense[self.rows, at] = self.values
        return dense @ dense.T

    def times_each(self, others: Sparse) -> Floats:
        """(rows × others): the products of all with all."""
        order = np.argsort(others.columns, kind="stable")
        columns, rows, values = others.columns[order], others.rows[order], others.values[order]
        products = np.empty((len(self), len(others)), np.float32)
        for start in range(0, len(self), AT_ONCE):
            some = np.arange(start, min(start + AT_ONCE, len(self)))
            products[some] = _products(self.only(some), columns, rows, values, len(others))
        return products


def _products(few: Sparse, columns: NDArray[np.int32], rows: NDArray[np.int32], values: Floats, height: int) -> Floats:
    """The products with `height` others, whose values, with the row and the column of each, are sorted by column."""
    starts = np.searchsorted(columns, few.columns)
    met = np.searchsorted(columns, few.columns, "right") - starts
    found = _ranges(starts, met)
    places = np.repeat(few.rows.astype(np.intp) * height, met) + rows[found]
    sums = np.bincount(places, np.repeat(few.values, met) * values[found], len(few) * height)
    return sums.astype(np.float32).reshape(len(few), height)


def _ranges(starts: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.intp]:
    """The numbers from each start on, so many each, one range behind the other."""
    before = np.cumsum(lengths, dtype=np.intp) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
