from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import ceil, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analytics.scale import Scale, percentiles
from analytics.tiers import TIERS, Pyramid, Tier, TierLimitError, TierLimits, pyramid, tier_bounds, tier_of, tiers_of

Floats = NDArray[np.float64]
figures = st.lists(st.sampled_from([0.0, 1.0, 2.5, 99.0]) | st.integers(-(10**8), 10**8), max_size=250).map(
    lambda values: np.array(values, np.float64)
)
worths = figures.map(np.abs)
limits = st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True).map(
    lambda percents: TierLimits(*map(float, sorted(percents)))
)


def tiers(values: list[float], limits: TierLimits | None = None) -> list[Tier]:
    return list(TIERS[ranked(np.array(values, np.float64), limits or TierLimits()).tier])


def ranked(values: Floats, limits: TierLimits) -> Pyramid:
    return pyramid(values, np.argsort(values), limits)


def ranks(values: Floats) -> Floats:
    return percentiles(values, np.argsort(values))


def bounds_of(values: Floats, limits: TierLimits) -> tuple[float, ...]:
    return tier_bounds(np.sort(values), limits)


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
    found = ranked(np.array([5.0, 5.0, 7.0, 5.0]), TierLimits(10, 50, 75))
    assert TIERS[found.tier].tolist() == [Tier.MAJOR, Tier.ORDINARY, Tier.VIP, Tier.SMALL]


def test_rank_counts_from_the_best_of_the_tier() -> None:
    found = ranked(np.arange(100.0), TierLimits())
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
def test_a_higher_tier_is_never_worth_less(values: Floats, own: TierLimits) -> None:
    found = ranked(values, own)
    lines = sorted(zip(found.tier.tolist(), found.rank.tolist(), values.tolist(), strict=True))
    assert all(higher[2] >= lower[2] for higher, lower in pairwise(lines))
    assert (found.tier == 0).sum() == ceil(len(values) * own.vip / 100)


@given(worths, limits)
def test_bounds_say_the_tier_of_one_alone(values: Floats, own: TierLimits) -> None:
    """Where the pyramid has them, but equals on both sides of a border, who are all where the middle one of them is."""
    found, bounds = ranked(values, own), bounds_of(values, own)
    alone = tiers_of(values, bounds)
    for value in set(values.tolist()):
        equals = np.sort(found.tier[values == value])
        assert set(alone[values == value].tolist()) == {equals[len(equals) // 2]}
    assert [tier_of(value, bounds) for value in values.tolist()] == alone.tolist()


@given(worths, limits, st.sampled_from([-1e-12, 1e-12]))
def test_what_rounding_adds_moves_nobody(values: Floats, own: TierLimits, rounding: float) -> None:
    bounds = bounds_of(values, own)
    assert tiers_of(values * (1 + rounding), bounds).tolist() == tiers_of(values, bounds).tolist()


def test_a_thousand_equals_stay_small() -> None:
    values = np.full(1000, 12.5)
    assert Counter(tiers_of(values, bounds_of(values, TierLimits())).tolist()) == {3: 1000}
    assert tier_of(12.6, bounds_of(values, TierLimits())) == 0


def test_equals_are_where_most_of_them_are() -> None:
    """Of a hundred one is a VIP and four are major: the equals at 20 are halved, then not."""
    values = np.array([90.0] + [50.0] * 3 + [20.0] * 2 + [10.0] * 94)
    assert tiers_of(np.array([90.0, 50.0, 20.0, 10.0]), bounds_of(values, TierLimits())).tolist() == [0, 1, 2, 3]
    values = np.array([90.0] + [50.0] * 3 + [20.0] * 1 + [10.0] * 95)
    assert tiers_of(np.array([90.0, 50.0, 20.0, 10.0]), bounds_of(values, TierLimits())).tolist() == [0, 1, 1, 3]


def test_who_is_worth_nothing_is_small_unless_all_better_ones_are_few() -> None:
    some = bounds_of(np.array([0.0] * 995 + [3.0, 4.0, 5.0, 6.0, 7.0]), TierLimits())
    assert (tier_of(0.0, some), tier_of(0.01, some), tier_of(3.0, some)) == (3, 0, 0)
    assert tier_of(0.0, bounds_of(np.array([0.0]), TierLimits())) == 0


def test_before_a_shops_first_night_only_who_is_worth_something_is_of_the_best() -> None:
    bounds = bounds_of(np.array([]), TierLimits())
    assert (tier_of(5.0, bounds), tier_of(0.0, bounds)) == (0, 3)


def test_percentile_is_the_share_below() -> None:
    assert ranks(np.array([20.0, 10.0, 40.0, 20.0])).tolist() == [25, 0, 75, 25]
    assert ranks(np.array([7.0])).tolist() == [0]
    assert ranks(np.array([])).tolist() == []


@given(figures)
def test_a_scale_of_few_is_exact(values: Floats) -> None:
    assert Scale.of(np.sort(values)).percentiles(values).tolist() == pytest.approx(ranks(values).tolist())


@given(st.integers(1001, 30_000), st.integers(1, 4000))
@settings(deadline=None)
def test_a_scale_of_many_is_rounded_down_to_a_tenth_of_a_percent(customers: int, different: int) -> None:
    values: Floats = np.arange(customers) % different * np.float64(1.25)
    scale, exact = Scale.of(np.sort(values)), ranks(values)
    assert len(scale.marks) == 1000
    assert np.allclose(scale.percentiles(values), np.floor(10 * exact + 1e-9) / 10, atol=1e-9)
    assert (np.floor(scale.percentiles(values)) == np.floor(exact)).all()


def test_of_ten_thousand_nobody_is_told_more_than_is_true() -> None:
    """9,891 of 10,000 are worse: 98.91 %."""
    values = np.arange(10_000.0)
    assert Scale.of(values).percentiles(values[[9891, 9900, 9999]]).tolist() == [98.9, 99.0, 99.9]


def test_nobody_beats_everybody() -> None:
    assert Scale((1.0, 2.0, 3.0, 4.0)).percentiles(np.array([9.0])).tolist() == [75]
    assert Scale(()).percentiles(np.array([9.0])).tolist() == [0]
