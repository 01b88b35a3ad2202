"""The interval of a difference of shares: the examples of its source, its limits and its symmetry."""

import pytest

from analytics.difference import difference
from analytics.proportion import CountError


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_it_is_newcombes_method_10(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """The eight pairs of Newcombe (1998), table II, to its four places."""
    found = difference(*counts)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_the_difference_lies_inside_and_turns_with_its_sides() -> None:
    for successes in range(8):
        for others in range(6):
            one, other = difference(successes, 7, others, 5), difference(others, 5, successes, 7)
            assert -1 <= one.low <= one.value <= one.high <= 1
            assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_it_is_clear_once_zero_is_left_out() -> None:
    assert difference(9, 10, 3, 10).is_clear
    assert difference(3, 10, 9, 10).is_clear
    assert not difference(5, 56, 0, 29).is_clear


@pytest.mark.parametrize("counts", [(0, 0, 1, 2), (1, 2, 0, 0), (3, 2, 1, 2), (-1, 2, 1, 2)])
def test_what_cannot_be_compared_is_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(CountError):
        difference(*counts)
