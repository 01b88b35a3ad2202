import pytest

from analytics.proportion import wilson
from analytics.upgrades import Step, candidate

TO_VIP = Step("major", "vip", bar=1000, usual=1400, climbed=3, customers=40)


def test_how_far_it_is_and_what_it_brings() -> None:
    rich = candidate("rich", 900, TO_VIP)
    assert rich is not None
    assert (rich.missing, rich.reached, rich.gain) == (100, 0.9, 500)
    assert rich.expected_gain == pytest.approx(500 * wilson(3, 40).low)


def test_without_a_past_nothing_is_expected() -> None:
    rich = candidate("rich", 900, Step("major", "vip", bar=1000, usual=1400))
    assert rich is not None
    assert rich.expected_gain is None


@pytest.mark.parametrize("value", [-5, 0, 499.99, 1000, 2000])
def test_nobody_climbs_from_far_below_or_from_above(value: float) -> None:
    assert candidate("who", value, TO_VIP) is None


def test_half_of_what_it_takes_is_enough() -> None:
    assert candidate("half", 500, TO_VIP) is not None


@pytest.mark.parametrize("bar", [0, -3])
def test_a_tier_that_takes_nothing_is_no_step(bar: float) -> None:
    assert candidate("who", -1.0, Step("small", "ordinary", bar=bar, usual=5)) is None
