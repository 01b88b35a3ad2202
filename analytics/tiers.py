"""The value pyramid: VIP 1 %, major 4 %, ordinary 15 %, small 80 % of the customers with an order, or other limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from fractions import Fraction
from math import ceil, isfinite

import numpy as np
from numpy.typing import NDArray


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


def pyramid(values: NDArray[np.float64], limits: TierLimits) -> Pyramid:
    """The tiers by value, best first; of equal values the earlier line comes first."""
    order = _best_first(values)
    ends = limits.ends(len(values))
    begins = [0, *ends[:-1]]
    sizes = np.subtract(ends, begins)
    tier, rank = np.empty(len(values), np.int8), np.empty(len(values), np.int64)
    tier[order] = np.repeat(np.arange(len(ends), dtype=np.int8), sizes)
    rank[order] = np.arange(1, len(values) + 1) - np.repeat(begins, sizes)
    return Pyramid(tier, rank)


def _best_first(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places of the values; equal ones are brought back into line afterwards, in half the time of a stable sort."""
    order = np.argsort(-values)
    group = np.cumsum(np.diff(values[order], prepend=np.nan) != 0)
    return np.sort(group << _PLACE_BITS | order) & ((1 << _PLACE_BITS) - 1)


def tier_bounds(values: NDArray[np.float64], limits: TierLimits) -> tuple[float, ...]:
    """The least value in each tier but the last; for a tier without customers that of the tier above, and 0 in a shop
    without customers."""
    ascending = np.sort(values) if len(values) else np.zeros(1)
    lowest = [ascending[len(ascending) - end] for end in limits.ends(len(ascending))[:-1]]
    return tuple(map(float, lowest))


def tier_of(value: float, bounds: Sequence[float]) -> int:
    """The place in TIERS that a value has under a pyramid's bounds; on a bound it is the tier above."""
    return next((code for code, bound in enumerate(bounds) if value >= bound), len(bounds))
