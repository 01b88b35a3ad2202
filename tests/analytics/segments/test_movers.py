from collections.abc import Mapping, Sequence
from math import fsum

import numpy as np
import pytest

from analytics.segments.movers import Distinction, Moments, distinctions_of

Features = Mapping[str, Sequence[float | None]]


def drawn(mean: float, count: int, seed: int) -> list[float | None]:
    return list(np.random.default_rng(seed).normal(mean, 1, count))


def distinctions(movers: Features, stayers: Features, confidence: float = 0.95) -> list[Distinction]:
    ours, theirs = ({name: summed(column) for name, column in side.items()} for side in (movers, stayers))
    return distinctions_of(ours, theirs, confidence)


def summed(figures: Sequence[float | None]) -> Moments:
    known = [figure for figure in figures if figure is not None]
    return Moments(len(known), fsum(known), fsum(figure**2 for figure in known))


def test_only_what_clearly_differs_is_told_largest_first() -> None:
    movers = {"orders": drawn(1, 200, 1), "complaints": drawn(-2, 200, 2), "age": drawn(0, 200, 3)}
    stayers = {"orders": drawn(0, 300, 4), "complaints": drawn(0, 300, 5), "age": drawn(0, 300, 6)}
    found = distinctions(movers, stayers)
    assert [one.feature for one in found] == ["complaints", "orders"]
    assert found[0].value == pytest.approx(-2, abs=0.3)
    assert found[0].low < found[0].value < found[0].high < 0
    assert (found[1].movers, found[1].stayers) == (200, 300)


def test_the_figure_is_hedges_g() -> None:
    """Of (4, 5, 6, 7, 8) and (1, 2, 3, 4, 5): 3 / 1.5811 × (1 − 3/31)."""
    (found,) = distinctions({"x": [4, 5, 6, 7, 8]}, {"x": [1, 2, 3, 4, 5]}, confidence=0.5)
    assert found.value == pytest.approx(3 / 2.5**0.5 * (1 - 3 / 31))
    assert (found.movers_mean, found.stayers_mean) == (6, 3)


def test_the_more_is_looked_at_the_surer_it_must_be() -> None:
    movers, stayers = drawn(1, 60, 1), drawn(0, 60, 2)
    (alone,) = distinctions({"x": movers}, {"x": stayers})
    noise = {f"n{n}": drawn(0, 60, 10 + n) for n in range(40)}
    (among,) = distinctions({"x": movers, **noise}, {"x": stayers, **noise})
    assert among.value == alone.value
    assert among.low < alone.low


@pytest.mark.parametrize(
    ("movers", "stayers"),
    [([1.0, 1.0, 1.0], [1.0, 1.0]), ([9.0], [1.0, 2.0, 3.0]), ([], []), ([None, None, 3.0], [1.0, 2.0])],
)
def test_too_few_or_all_alike_distinguish_nobody(movers: list[float | None], stayers: list[float | None]) -> None:
    assert distinctions({"x": movers}, {"x": stayers}) == []


def test_whoever_has_no_figure_is_not_counted() -> None:
    (found,) = distinctions({"x": [None, 9.0, 9.5, 9.2]}, {"x": [1.0, 1.2, None, 0.9]})
    assert (found.movers, found.stayers) == (3, 3)


def test_sums_say_the_same_as_the_figures() -> None:
    ours, theirs = [3.0, 4, 5, None, 6], [1.0, 1, 2, 0]
    whole = distinctions({"orders": ours}, {"orders": theirs})
    halves = summed(ours[:2]) + summed(ours[2:])
    assert distinctions_of({"orders": halves}, {"orders": summed(theirs)}) == whole
    assert whole


def test_rounding_of_large_equal_figures_is_no_spread() -> None:
    same = Moments(1000, 1000 * 1e7 / 3, 1000 * (1e7 / 3) ** 2 * (1 + 1e-15))
    assert distinctions_of({"total": same}, {"total": Moments(10, 10 * 1e7 / 3, 10 * (1e7 / 3) ** 2)}) == []
