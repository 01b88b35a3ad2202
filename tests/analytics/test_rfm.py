from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rfm import _SEGMENT, RFM_SEGMENTS, RULES, RfmSegment, edges, quintiles

FIFTHS = range(1, 6)


def test_the_rules_cover_each_combination_exactly_once() -> None:
    for recency, worth in product(FIFTHS, FIFTHS):
        fitting = [
            rule.segment
            for rule in RULES
            if rule.recency[0] <= recency <= rule.recency[1] and rule.worth[0] <= worth <= rule.worth[1]
        ]
        assert fitting == [RFM_SEGMENTS[_SEGMENT[recency, worth]]]


def test_each_name_has_its_rule() -> None:
    assert [rule.segment for rule in RULES] == list(RfmSegment)


def test_five_are_a_quintile_each() -> None:
    figures = np.array([30.0, 10.0, 50.0, 20.0, 40.0])
    assert quintiles(figures, edges(np.sort(figures))).tolist() == [3, 1, 5, 2, 4]


def test_the_many_who_ordered_once_share_the_lowest() -> None:
    figures = np.array([1.0] * 70 + [2.0] * 20 + [9.0] * 10)
    assert quintiles(figures, edges(figures)).tolist() == [1] * 70 + [4] * 20 + [5] * 10


@given(st.lists(st.integers(-3, 40), min_size=1, max_size=80))
def test_a_quintile_is_a_fifth_of_those_below(values: list[int]) -> None:
    figures = np.array(values, np.float64)
    expected = [1 + 5 * sum(other < value for other in values) // len(values) for value in values]
    assert quintiles(figures, edges(np.sort(figures))).tolist() == expected


@pytest.mark.parametrize("figure", [-1.0, 0.0, 7.0])
def test_in_a_shop_without_customers_all_are_in_the_first(figure: float) -> None:
    assert quintiles(np.array([figure]), edges(np.array([], np.float64))).tolist() == [1]
