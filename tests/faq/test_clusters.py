"""Average linkage, as it is done by hand: the two nearest groups are joined as long as they are near enough."""

import numpy as np
import pytest
from numpy.typing import NDArray

from faq.clusters import APART, _linked


def by_hand(distance: NDArray[np.float32]) -> list[list[int]]:
    groups = [[number] for number in range(len(distance))]
    while len(groups) > 1:
        pairs = [(distance[np.ix_(a, b)].mean(), a, b) for i, a in enumerate(groups) for b in groups[:i]]
        least, one, other = min(pairs)
        if least > APART:
            break
        groups = [*(group for group in groups if group not in (one, other)), sorted(one + other)]
    return sorted(groups)


@pytest.mark.parametrize("size", [1, 2, 5, 40])
@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_groups_are_joined(size: int, seed: int) -> None:
    places = np.random.default_rng(seed).normal(size=(size, 3)).astype(np.float32)
    distance = np.linalg.norm(places[:, None] - places, axis=2).astype(np.float32)
    assert _linked(distance.copy()) == by_hand(distance)


def test_what_is_all_alike_is_one_group() -> None:
    assert _linked(np.zeros((6, 6), np.float32)) == [[0, 1, 2, 3, 4, 5]]
    assert _linked(np.full((3, 3), APART + 0.01, np.float32)) == [[0], [1], [2]]
