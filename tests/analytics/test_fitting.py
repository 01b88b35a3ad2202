"""The rates that a shop's own orders tell: the maximum, and the shops that tell too little."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.stats import nbinom

from analytics.fitting import PULL, Window, _climbed, _logarithms, _slopes, fitted, likelihood, window_until
from analytics.order_days import OrderDays
from analytics.orders import read_orders
from analytics.purchases import USUAL_RATES, Floats, Rates
from tests.analytics.shops import TODAY, Sale, columns, steady_shop

NOW = TODAY.toordinal()


@pytest.fixture(scope="module")
def days() -> OrderDays:
    return OrderDays.of(read_orders(steady_shop(800, seed=5), TODAY))


@pytest.fixture(scope="module")
def window(days: OrderDays) -> Window:
    found = window_until(days, NOW, 120)
    assert found is not None
    return found


def test_the_likelihood_is_that_of_the_negative_binomial() -> None:
    """One customer, ordered 40 and 10 days before, and three times in the 30 days after."""
    one = Window(30, np.array([0]), np.array([40.0, 10.0]), np.array([3]))
    rates = Rates(90, 0.4, 50, 0.5)
    shape = 0.4 + np.exp(-10 / 90) + 0.5 * np.exp(-40 / 90)
    time = 50 + 90 * (1 - np.exp(-40 / 90))
    known = nbinom.logpmf(3, shape, time / (time + 30)) - 3 * np.log(30) + np.log(6)
    pull = PULL * ((_logarithms(rates) - _logarithms(USUAL_RATES)) ** 2).sum()
    assert likelihood(one, _logarithms(rates)) == pytest.approx(known - pull, rel=1e-12)


def test_the_slopes_are_those_of_the_likelihood(window: Window) -> None:
    usual = _logarithms(USUAL_RATES)
    for point in (usual, usual + np.array([0.5, -0.4, 0.3, -0.6])):
        pull = 2 * PULL * (point - usual)
        known = approx_fprime(point, lambda at: likelihood(window, at), 1e-6)
        assert _slopes(window, point).mean(axis=0) - pull == pytest.approx(known, abs=1e-5)


def test_no_other_way_finds_a_higher_point(window: Window) -> None:
    ours = _climbed(window)

    def depth(at: Floats) -> float:
        return -likelihood(window, at)

    other = minimize(depth, _logarithms(USUAL_RATES), method="Nelder-Mead")
    assert likelihood(window, ours) >= -other.fun - 1e-6


def test_the_same_orders_always_give_the_same_rates(days: OrderDays) -> None:
    rates = fitted(days, NOW, 120)
    assert rates == fitted(days, NOW, 120)
    assert rates != USUAL_RATES


def test_orders_after_the_day_of_the_window_are_counted_once_a_day(window: Window, days: OrderDays) -> None:
    cut = NOW - window.horizon
    assert window.horizon == 120
    assert window.followed.sum() == (np.isin(days.who, days.until(cut).who) & (days.day > cut)).sum()


def test_the_window_is_at_most_half_of_what_there_is(days: OrderDays) -> None:
    found = window_until(days, NOW, 10_000)
    assert found is not None
    assert found.horizon == (NOW - int(days.day.min())) // 2


@pytest.mark.parametrize("count", [0, 1, 39])
def test_a_shop_with_few_who_came_back_has_the_usual_rates(count: int) -> None:
    sales = [Sale(f"c{n}", TODAY - timedelta(days=200), 5) for n in range(300)]
    sales += [Sale(f"c{n}", TODAY - timedelta(days=20), 5) for n in range(count)]
    assert fitted(OrderDays.of(read_orders(columns(sales), TODAY)), NOW, 90) == USUAL_RATES


def test_forty_who_came_back_are_enough() -> None:
    sales = [Sale(f"c{n}", TODAY - timedelta(days=200), 5) for n in range(300)]
    sales += [Sale(f"c{n}", TODAY - timedelta(days=20), 5) for n in range(40)]
    assert fitted(OrderDays.of(read_orders(columns(sales), TODAY)), NOW, 90) != USUAL_RATES


def test_rates_that_the_orders_say_nothing_of_stay_finite() -> None:
    """All came first on one day, and half of them again on another: no decay can be told."""
    sales = [Sale(f"c{n}", TODAY - timedelta(days=200), 5) for n in range(400)]
    sales += [Sale(f"c{n}", TODAY - timedelta(days=20), 5) for n in range(200)]
    rates = fitted(OrderDays.of(read_orders(columns(sales), TODAY)), NOW, 90)
    for rate in (rates.decay_days, rates.prior_order_days, rates.prior_days, rates.first_weight):
        assert 1e-3 < rate < 1e5
