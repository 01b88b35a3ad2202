"""The value pyramid: VIP 1 %, major 4 %, ordinary 15 %, small 80 % of the customers with an order."""

from bisect import bisect_left
from collections.abc import Sequence
from enum import StrEnum
from typing import Any


class Tier(StrEnum):
    VIP = "vip"
    MAJOR = "major"
    ORDINARY = "ordinary"
    SMALL = "small"


CUMULATIVE_PERCENT = {Tier.VIP: 1, Tier.MAJOR: 5, Tier.ORDINARY: 20, Tier.SMALL: 100}


def tiers(customer_ids: Sequence[Any], values: Sequence[float]) -> list[Tier]:
    """The tier of each customer by value, best first; equal values rank by customer id as text.

    Each tier ends at rank ceil(n × its cumulative share), counted in whole percent so that no rounding moves a border.
    """
    ranked = sorted(range(len(values)), key=lambda at: (-values[at], str(customer_ids[at])))
    result = [Tier.SMALL] * len(ranked)
    start = 0
    for tier, percent in CUMULATIVE_PERCENT.items():
        end = -(-len(ranked) * percent // 100)
        for at in ranked[start:end]:
            result[at] = tier
        start = end
    return result


def percentiles(values: Sequence[float]) -> list[float]:
    """Of each value, the percentage (0..100) of all values that are strictly lower."""
    ascending = sorted(values)
    return [100 * bisect_left(ascending, value) / len(ascending) for value in values]
