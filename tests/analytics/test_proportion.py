"""The interval of a share: known values, its limits, and that more evidence is never worth less."""

import itertools

import pytest
from scipy.stats import binomtest

from analytics.proportion import CountError, Interval, wilson


@pytest.mark.parametrize(("successes", "total"), [(0, 1), (1, 1), (3, 4), (5, 10), (1, 29), (81, 263), (999, 1000)])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99])
def test_it_is_wilsons(successes: int, total: int, confidence: float) -> None:
    known = binomtest(successes, total).proportion_ci(confidence, method="wilson")
    found = wilson(successes, total, confidence)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=1e-12)


def test_of_nobody_nothing_is_known() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)


def test_it_holds_the_share_and_reaches_the_ends_only_where_all_agree() -> None:
    for total in range(1, 40):
        for successes in range(total + 1):
            found = wilson(successes, total)
            assert 0 <= found.low <= successes / total <= found.high <= 1
            assert (found.low == 0) == (successes == 0)
            assert (found.high == 1) == (successes == total)


def test_one_more_success_never_lowers_either_bound() -> None:
    for total in (1, 2, 7, 50, 1000):
        found = [wilson(successes, total) for successes in range(total + 1)]
        assert all(one.low < more.low and one.high < more.high for one, more in itertools.pairwise(found))


def test_more_people_of_one_mind_narrow_it() -> None:
    widths = [found.high - found.low for found in (wilson(3 * n, 4 * n) for n in (0, 1, 2, 5, 25, 2500))]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == len(widths)


def test_the_two_sides_mirror_each_other() -> None:
    ours, theirs = wilson(3, 11), wilson(8, 11)
    assert (ours.low, ours.high) == pytest.approx((1 - theirs.high, 1 - theirs.low))


@pytest.mark.parametrize(
    ("successes", "total", "confidence"), [(-1, 5, 0.9), (6, 5, 0.9), (0, -1, 0.9), (1, 2, 0.0), (1, 2, 1.0)]
)
def test_what_cannot_be_counted_is_refused(successes: int, total: int, confidence: float) -> None:
    with pytest.raises(CountError):
        wilson(successes, total, confidence)
