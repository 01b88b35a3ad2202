from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import ceil, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.scale import Scale, percentiles
from analytics.tiers import TIERS, Tier, TierLimitError, TierLimits, pyramid, tier_bounds, tier_of

figures = st.lists(st.sampled_from([0.0, 1.0, 2.5, 99.0]) | st.floats(-1e6, 1e6), max_size=250).map(
    lambda values: np.array(values, np.float64)
)
limits = st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True).map(
    lambda percents: TierLimits(*map(float, sorted(percents)))
)


def tiers(values: list[float], limits: TierLimits | None = None) -> list[Tier]:
    return list(TIERS[pyramid(np.array(values, np.float64), limits or TierLimits()).tier])


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
    counted = Counter(tiers([float(n) for n in range(customers)]))
    assert [counted[tier] for tier in Tier] == expected


def test_the_best_is_vip() -> None:
    assert tiers([5, 900, 7]) == [Tier.SMALL, Tier.VIP, Tier.SMALL]


def test_of_equal_values_the_earlier_line_comes_first() -> None:
    found = pyramid(np.array([5.0, 5.0, 7.0, 5.0]), TierLimits(10, 50, 75))
    assert TIERS[found.tier].tolist() == [Tier.MAJOR, Tier.ORDINARY, Tier.VIP, Tier.SMALL]


def test_rank_counts_from_the_best_of_the_tier() -> None:
    found = pyramid(np.arange(100.0), TierLimits())
    assert found.rank[::-1].tolist() == [1, *range(1, 5), *range(1, 16), *range(1, 81)]


def test_an_admin_moves_the_borders() -> None:
    counted = Counter(tiers([float(n) for n in range(1000)], TierLimits(0.5, 10, 30)))
    assert [counted[tier] for tier in Tier] == [5, 95, 200, 700]


@pytest.mark.parametrize(
    ("faulty", "field"),
    [
        ({"vip": 0}, "vip"),
        ({"vip": -1}, "vip"),
        ({"vip": nan}, "vip"),
        ({"vip": 5}, "major"),
        ({"major": 101}, "major"),
        ({"ordinary": 100}, "small"),
        ({"small": 99}, "small"),
    ],
)
def test_limits_that_make_no_pyramid_are_named(faulty: dict[str, float], field: str) -> None:
    with pytest.raises(TierLimitError, match=field) as caught:
        replace(TierLimits(), **faulty)
    assert caught.value.field == field


@given(figures, limits)
def test_a_higher_tier_is_never_worth_less(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], own: TierLimits
) -> None:
    found = pyramid(values, own)
    ranked = sorted(zip(found.tier.tolist(), found.rank.tolist(), values.tolist(), strict=True))
    assert all(higher[2] >= lower[2] for higher, lower in pairwise(ranked))
    assert (found.tier == 0).sum() == ceil(len(values) * own.vip / 100)


@given(figures, limits)
def test_bounds_say_the_tier_of_one_alone(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], own: TierLimits
) -> None:
    """Equal values may fall on both sides of a border; alone each is above it."""
    found, bounds = pyramid(values, own), tier_bounds(values, own)
    for tier, value in zip(found.tier.tolist(), values.tolist(), strict=True):
        assert tier_of(value, bounds) == tier or (value in bounds and tier_of(value, bounds) < tier)


def test_the_first_customer_of_a_shop_is_its_best() -> None:
    assert tier_of(5.0, tier_bounds(np.array([]), TierLimits())) == 0


def test_percentile_is_the_share_below() -> None:
    assert percentiles(np.array([20.0, 10.0, 40.0, 20.0])).tolist() == [25, 0, 75, 25]
    assert percentiles(np.array([7.0])).tolist() == [0]
    assert percentiles(np.array([])).tolist() == []


@given(figures)
def test_a_scale_of_few_is_exact(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    scale = Scale.of(values)
    assert [scale.percentile(value) for value in values.tolist()] == pytest.approx(percentiles(values).tolist())


def test_a_scale_of_many_flatters_by_less_than_a_tenth_of_a_percent() -> None:
    values = np.random.default_rng(1).lognormal(3, 1, 12_345)
    scale = Scale.of(values)
    assert len(scale.marks) == 1000
    for value, exact in zip(values[::50].tolist(), percentiles(values)[::50].tolist(), strict=True):
        assert exact - 1e-9 <= scale.percentile(value) <= exact + 0.1


def test_nobody_beats_everybody() -> None:
    assert Scale((1.0, 2.0, 3.0, 4.0)).percentile(9.0) == 75
    assert Scale(()).percentile(9.0) == 0
