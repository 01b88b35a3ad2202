from collections import Counter
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.tiers import Tier, percentiles, tiers

values = st.lists(st.sampled_from([0.0, 1.0, 2.5, 99.0]) | st.floats(-1e6, 1e6), max_size=250)


@pytest.mark.parametrize(
    ("customers", "expected"),
    [
        (0, [0, 0, 0, 0]),
        (1, [1, 0, 0, 0]),
        (3, [1, 0, 0, 2]),
        (20, [1, 0, 3, 16]),
        (100, [1, 4, 15, 80]),
        (101, [2, 4, 15, 80]),
        (1000, [10, 40, 150, 800]),
    ],
)
def test_each_border_is_rounded_up(customers: int, expected: list[int]) -> None:
    counted = Counter(tiers(range(customers), [float(n) for n in range(customers)]))
    assert [counted[tier] for tier in Tier] == expected


def test_the_best_is_vip() -> None:
    assert tiers(["a", "b", "c"], [5, 900, 7]) == [Tier.SMALL, Tier.VIP, Tier.SMALL]


def test_equal_values_rank_by_customer_id() -> None:
    assert tiers(["b", "a", "c"], [5, 5, 5]) == [Tier.SMALL, Tier.VIP, Tier.SMALL]
    assert tiers([10, 9], [5, 5]) == [Tier.VIP, Tier.SMALL]


@given(values)
def test_a_higher_tier_is_never_worth_less(values: list[float]) -> None:
    pyramid = tiers(range(len(values)), values)
    order = list(Tier)
    ranked = sorted(zip(values, pyramid, strict=True), key=lambda pair: -pair[0])
    for (higher, its_tier), (lower, other_tier) in pairwise(ranked):
        assert higher == lower or order.index(its_tier) <= order.index(other_tier)
    assert pyramid.count(Tier.VIP) == ceil(len(values) / 100)


def test_percentile_is_the_share_below() -> None:
    assert percentiles([10, 20, 20, 40]) == [0, 25, 25, 75]
    assert percentiles([7]) == [0]
    assert percentiles([]) == []
