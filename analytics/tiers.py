"""The value pyramid: VIP 1 %, major 4 %, ordinary 15 %, small 80 % of the customers with an order, or other limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from fractions import Fraction
from math import ceil, inf, isfinite, nextafter

import numpy as np
from numpy.typing import NDArray

from analytics.scale import EQUAL


class Tier(StrEnum):
    VIP = "vip"
    MAJOR = "major"
    ORDINARY = "ordinary"
    SMALL = "small"


_PLACE_BITS = 32

TIERS = np.array(list(Tier), object)


class TierLimitError(ValueError):
    """Limits that make no pyramid: `field` names the first one that is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"{field}: {problem}")


@dataclass(frozen=True, slots=True)
class TierLimits:
    """Where each tier ends, in percent of the customers counted from the best; each beyond the one before it, `small`
    always at 100. Raises TierLimitError.
    """

    vip: float = 1
    major: float = 5
    ordinary: float = 20
    small: float = 100

    def __post_init__(self) -> None:
        before = 0.0
        for field in fields(self):
            limit = getattr(self, field.name)
            if not (isfinite(limit) and before < limit <= 100):
                raise TierLimitError(field.name, f"{limit} % is not above {before:g} and at most 100")
            before = limit
        if self.small != 100:
            raise TierLimitError("small", f"{self.small:g} % leaves customers without a tier; it must be 100")

    def ends(self, customers: int) -> list[int]:
        """The last rank of each tier: ceil(n × its limit), in exact fractions so that no rounding moves a border."""
        return [ceil(customers * Fraction(str(limit)) / 100) for limit in astuple(self)]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """`tier` holds places in TIERS, `rank` each customer's place within the tier, from 1."""

    tier: NDArray[np.int8]
    rank: NDArray[np.int64]


def pyramid(values: NDArray[np.float64], ascending: NDArray[np.int64], limits: TierLimits) -> Pyramid:
    """The tiers by value, best first; of equal values the earlier line comes first. `ascending` are the places of the
    values from the least to the best, equal ones in any order."""
    order = _best_first(values, ascending)
    ends = limits.ends(len(values))
    begins = [0, *ends[:-1]]
    sizes = np.subtract(ends, begins)
    tier, rank = np.empty(len(values), np.int8), np.empty(len(values), np.int64)
    tier[order] = np.repeat(np.arange(len(ends), dtype=np.int8), sizes)
    rank[order] = np.arange(1, len(values) + 1) - np.repeat(begins, sizes)
    return Pyramid(tier, rank)


def _best_first(values: NDArray[np.float64], ascending: NDArray[np.int64]) -> NDArray[np.int64]:
    """Equal values are brought back into line afterwards, in half the time of a stable sort."""
    order = ascending[::-1]
    group = np.cumsum(np.diff(values[order], prepend=np.nan) != 0)
    return np.sort(group << _PLACE_BITS | order) & ((1 << _PLACE_BITS) - 1)


def tier_bounds(ascending: NDArray[np.float64], limits: TierLimits) -> tuple[float, ...]:
    """From which value on one customer judged alone is in each tier but the last; values are not below zero.

    It is the least value in the tier; for a tier without customers that of the tier above. Where a border runs through
    equal values, all of them are where the most are: they are above it only if more of them are there than below. In a
    shop without customers any value above 0 is of the best.
    """
    if not len(ascending):
        return (nextafter(0, inf),) * (len(TIERS) - 1)
    return tuple(_bound(ascending, len(ascending) - end) for end in limits.ends(len(ascending))[:-1])


def _bound(ascending: NDArray[np.float64], place: int) -> float:
    """From the value on at this place, or from just above it."""
    value = float(ascending[place])
    low, high = value * (1 - EQUAL), max(value * (1 + EQUAL), nextafter(value, inf))
    begin, end = np.searchsorted(ascending, (low, high))
    return low if end - place > place - begin else high


def tiers_of(values: NDArray[np.float64], bounds: Sequence[float]) -> NDArray[np.int8]:
    """The places in TIERS that values have under a pyramid's bounds."""
    found = np.zeros_like(values, np.int8)
    for bound in bounds:
        found = found + (values < bound)
    return found


def tier_of(value: float, bounds: Sequence[float]) -> int:
    """The same of one value."""
    return sum(value < bound for bound in bounds)
