"""Back-tests of made-up shops: one that tells much, and those that tell too little."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings

from analytics.evaluation import BackTest, StagesFigure, Trust, back_test, stages_figure
from analytics.orders import read_orders
from analytics.outcome import followed
from analytics.stages import Stage
from analytics.tiers import TierLimits
from tests.analytics.shops import TODAY, Sale, columns, shops, steady_shop


def evaluated(sales: list[Sale]) -> BackTest | None:
    return back_test(read_orders(columns(sales), TODAY), TODAY, 90, TierLimits())


@pytest.fixture(scope="module")
def steady() -> BackTest:
    found = back_test(read_orders(steady_shop(1500, seed=7), TODAY), TODAY, 90, TierLimits())
    assert found is not None
    return found


def test_a_steady_shop_can_be_trusted(steady: BackTest) -> None:
    assert (steady.day, steady.horizon_days) == (TODAY - timedelta(days=90), 90)
    assert (steady.value.trust, steady.risk.trust, steady.stages.trust) == (Trust.GOOD,) * 3
    assert steady.risk.auc is not None
    assert steady.risk.by_silence is not None
    assert steady.risk.auc > 0.75
    assert steady.calibration.trust in (Trust.GOOD, Trust.SOME)


def test_every_customer_of_that_day_is_in_one_stage(steady: BackTest) -> None:
    stages = steady.stages.stages
    assert [one.stage for one in stages] == [Stage.PURCHASE, Stage.USE, Stage.LOYALTY, None, Stage.CHURN]
    assert sum(one.customers for one in stages) == steady.value.customers
    assert steady.risk.silent + steady.risk.active == steady.calibration.customers
    assert all(0 <= one.silent <= one.customers for one in stages)


def in_stages(at_risk_silent: int) -> StagesFigure:
    """A hundred customers of each kind; 40 of the users went silent, 10 of the loyal, 80 of those gone."""
    kinds = [
        (Stage.USE, False, 40),
        (Stage.LOYALTY, False, 10),
        (Stage.USE, True, at_risk_silent),
        (Stage.CHURN, True, 80),
    ]
    stage = np.repeat(np.array([stage for stage, _, _ in kinds], object), 100)
    at_risk = np.repeat([at_risk for _, at_risk, _ in kinds], 100)
    return stages_figure(stage, at_risk, np.concatenate([np.arange(100) < silent for *_, silent in kinds]))


@pytest.mark.parametrize(("silent", "trust"), [(42, Trust.NONE), (48, Trust.SOME), (70, Trust.GOOD), (30, Trust.NONE)])
def test_an_overlay_that_does_not_separate_is_not_called_good(silent: int, trust: Trust) -> None:
    """However well those who have left are told from those who come on time."""
    figure = in_stages(silent)
    assert (figure.trust, figure.at_risk) == (Trust.GOOD, trust)


def test_where_the_past_says_nothing_nothing_is_to_be_trusted() -> None:
    """Who orders when, and for how much, is drawn anew each time."""
    chance = np.random.default_rng(11)
    orders = {
        "customer_id": chance.integers(0, 600, 4000),
        "date": TODAY.toordinal() - chance.integers(0, 700, 4000),
        "amount": chance.lognormal(3, 1, 4000),
    }
    found = back_test(read_orders(orders, TODAY), TODAY, 90, TierLimits())
    assert found is not None
    assert (found.value.trust, found.risk.trust) == (Trust.NONE, Trust.NONE)


def test_a_small_shop_tells_too_little() -> None:
    found = evaluated([Sale(who, TODAY - timedelta(days=30 * n), 9) for who in "abcdefg" for n in range(12)])
    assert found is not None
    figures = (found.value, found.risk, found.calibration, found.stages)
    assert [figure.trust for figure in figures] == [Trust.TOO_LITTLE] * 4
    assert (found.risk.auc, found.risk.silent, found.risk.active) == (None, 0, 7)


def test_a_shop_of_a_day_cannot_be_tested() -> None:
    assert evaluated([]) is None
    assert evaluated([Sale("ann", TODAY, 5), Sale("bob", TODAY - timedelta(days=2), 5)]) is None


def test_a_young_shop_is_tested_on_the_last_third() -> None:
    found = evaluated([Sale("ann", TODAY - timedelta(days=n), 5) for n in (0, 10, 30)])
    assert found is not None
    assert found.horizon_days == 10


def test_what_followed_is_what_the_rows_say() -> None:
    day = date(2026, 3, 1)
    sales = [
        Sale("ann", day, 5, None, "EUR"),
        Sale("bob", day, 5),
        Sale("bob", day + timedelta(days=1), 30),
        Sale("bob", day + timedelta(days=9), -10),
        Sale("new", day + timedelta(days=1), 99),
        Sale("sue", day, 5),
        Sale("sue", day + timedelta(days=1), 70, None, "USD"),
        Sale("tom", day, 5, None, "EUR"),
        Sale("tom", day + timedelta(days=1), -5),
    ]
    outcome = followed(read_orders(columns(sales), TODAY), day.toordinal())
    assert outcome.spent.tolist() == [0, 20, 0, -5]
    assert outcome.silent.tolist() == [True, False, False, True]


@settings(max_examples=40)
@given(shops)
def test_no_shop_is_too_odd_to_be_tested(sales: list[Sale]) -> None:
    found = evaluated(sales)
    assert found is None or found.value.found <= found.value.count <= found.value.customers
