"""One order more, or a night's scoring of all: the same figures."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from math import isclose
from statistics import median
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.customer_score import CustomerScore
from analytics.history import History, NewOrder
from analytics.judgement import judged, judged_alone
from analytics.one_customer import rescored_one
from analytics.order_columns import ScoringInputError
from analytics.orders import read_orders
from analytics.scale import EQUAL
from analytics.shop_model import ShopModel, ShopModelError, learnt
from analytics.tiers import Tier, TierLimits
from tests.analytics.shops import TODAY, Sale, columns, mixed_shop, sales, shops, steady_shop


def night(orders: Any, as_of: date = TODAY) -> tuple[ShopModel, list[CustomerScore]]:
    shop, people = learnt(read_orders(orders, as_of), as_of, 90, TierLimits())
    return shop, list(judged(people, shop, as_of).rows())


def one_by_one(sales: Sequence[Sale], shop: ShopModel) -> dict[str, History]:
    """As a shop does that gets the rows in this order and looks at no row twice but for its day."""
    found: dict[str, History] = {}
    days: set[tuple[str, date]] = set()
    for sale in sales:
        if sale.day <= TODAY:
            history = found.get(sale.who, History(sale.who))
            order = NewOrder(sale.day, sale.amount, sale.cost, sale.currency in (None, shop.currency))
            is_order_day = (sale.who, sale.day) in days
            found[sale.who] = history.with_order(order, shop.rates.decay_days, is_order_day=is_order_day)
            if sale.amount >= 0:
                days.add((sale.who, sale.day))
    return found


@given(shops, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_orders_one_by_one_in_any_order_equal_the_batch(sales: list[Sale], chance: random.Random) -> None:
    shop, expected = night(columns(sales))
    chance.shuffle(sales)
    check_equal(one_by_one(sales, shop), shop, expected)


PLACES = ("percentile", "spend_percentile", "stage", "at_risk", "r", "f", "m", "segment", "usual_gap_days")


def check_equal(found: dict[str, History], shop: ShopModel, expected: Sequence[CustomerScore]) -> None:
    assert {who for who, history in found.items() if history.days} == {row.customer_id for row in expected}
    for row in expected:
        history = found[row.customer_id]
        assert (history.orders, history.days) == (row.order_count, row.order_days)
        assert (history.first, history.last, history.left_out) == (row.first_order, row.last_order, row.left_out)
        assert history.decayed == pytest.approx(row.decayed, rel=1e-9, abs=1e-9)
        assert (history.total, history.cost, history.uncosted) == (row.total, row.cost, row.uncosted)
        alone = rescored_one(history, shop, TODAY)
        assert alone is not None
        for name in ("value", "risk", "expected_orders", "decayed"):
            figure = getattr(row, name)
            assert getattr(alone, name) == (None if figure is None else pytest.approx(figure, rel=1e-9, abs=1e-9)), name
        assert [getattr(alone, name) for name in PLACES] == [getattr(row, name) for name in PLACES]
        assert alone.tier == middle_tier(expected, row.value)


def middle_tier(rows: Sequence[CustomerScore], value: float) -> Tier:
    """Where most of those are who are worth the same."""
    equals = sorted(list(Tier).index(row.tier) for row in rows if isclose(row.value, value, rel_tol=EQUAL))
    return list(Tier)[equals[len(equals) // 2]]


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_so_they_do_in_a_shop_of_hundreds(seed: int) -> None:
    """With refunds, costs, several orders on a day, days to come and foreign money; rates are fitted on them."""
    chance = np.random.default_rng(seed)
    sales = mixed_shop(300, 1500, chance)
    shop, expected = night(columns(sales))
    chance.shuffle(sales)
    check_equal(one_by_one(sales, shop), shop, expected)


@given(shops, st.integers(0, 400))
def test_one_customer_alone_is_judged_as_among_all(sales: list[Sale], later: int) -> None:
    """By the same shop, also some days after its night; only the place among equals is not known."""
    shop, rows = night(columns(sales))
    again = ShopModel.from_data(json.loads(json.dumps(shop.as_data())))
    day = TODAY + timedelta(days=later)
    _, people = learnt(
        read_orders(columns([sale for sale in sales if sale.day <= TODAY]), day), TODAY, 90, TierLimits()
    )
    for row, expected in zip(rows, judged(people, shop, day).rows(), strict=True):
        alone = rescored_one(row.history, again, day)
        assert alone is not None
        assert alone.value == pytest.approx(expected.value, rel=1e-9, abs=1e-9)
        assert alone.risk == (None if expected.risk is None else pytest.approx(expected.risk, rel=1e-9, abs=1e-9))
        same = ("r", "f", "m", "segment", "days_silent", "usual_gap_days", "silence_ratio", "expected_orders")
        assert [getattr(alone, name) for name in same] == [getattr(expected, name) for name in same]
        assert alone.rank is None


@given(shops)
def test_on_the_night_itself_all_figures_but_the_rank_are_the_same(sales: list[Sale]) -> None:
    shop, rows = night(columns(sales))
    for row in rows:
        alone = rescored_one(row.history, shop, TODAY)
        assert alone is not None
        assert alone.percentile == pytest.approx(row.percentile)
        assert alone.spend_percentile == pytest.approx(row.spend_percentile)
        assert (alone.stage, alone.at_risk) == (row.stage, row.at_risk)


@pytest.mark.parametrize("amount", [12.5, 0.0])
def test_a_thousand_customers_with_one_equal_order_stay_small_when_judged_alone(amount: float) -> None:
    """Ten of them are VIPs because some have to be, but none of those is worth more."""
    shop, rows = night(columns([Sale(f"c{n}", TODAY - timedelta(days=9), amount) for n in range(1000)]))
    assert Counter(row.tier for row in rows) == {"vip": 10, "major": 40, "ordinary": 150, "small": 800}
    alone = [rescored_one(row.history, shop, TODAY) for row in rows]
    assert {row.tier for row in alone if row} == {"small"}
    more = rows[0].history.with_order(NewOrder(TODAY, 5), shop.rates.decay_days, is_order_day=False)
    better = rescored_one(more, shop, TODAY)
    assert better
    assert better.tier == ("vip" if amount else "small")  # of a shop that has taken nothing, no value is known


def test_nobody_at_all_is_judged_as_nobody() -> None:
    shop, _ = night(columns([Sale("ann", TODAY, 5)]))
    _, nobody = learnt(read_orders(columns([]), TODAY), TODAY, 90, TierLimits())
    assert list(judged_alone(nobody, shop, TODAY).rows()) == []


def test_whoever_has_not_ordered_is_not_judged() -> None:
    shop, _ = night(columns([Sale("ann", TODAY, 5)]))
    refunded = History("bob").with_order(NewOrder(TODAY, -5), shop.rates.decay_days, is_order_day=False)
    assert rescored_one(refunded, shop, TODAY) is None
    assert (refunded.total, refunded.orders, refunded.first) == (-5, 0, None)


def test_a_shops_first_customer_is_judged_by_the_usual_rates() -> None:
    shop, _ = night(columns([]))
    first = History("ann").with_order(NewOrder(TODAY, 5), shop.rates.decay_days, is_order_day=False)
    row = rescored_one(first, shop, TODAY)
    assert row is not None
    assert (row.tier, row.risk, row.value) == ("small", None, 0)


def test_with_the_clock_set_back_a_customer_is_judged_as_of_the_last_order() -> None:
    shop, rows = night(columns([Sale("ann", TODAY - timedelta(days=9), 5), Sale("ann", TODAY, 5)]))
    assert rescored_one(rows[0].history, shop, TODAY - timedelta(days=400)) == rows[0]._replace(rank=None)


@given(sales)
def test_money_that_is_none_is_refused(sale: Sale) -> None:
    history = History(sale.who)
    nan, inf = float("nan"), float("inf")
    for field, faulty in (
        ("amount", NewOrder(TODAY, nan)),
        ("amount", NewOrder(TODAY, -1.1e15)),
        ("cost", NewOrder(TODAY, 5, nan)),
        ("cost", NewOrder(TODAY, 5, inf)),
    ):
        with pytest.raises(ScoringInputError) as caught:
            history.with_order(faulty, 120, is_order_day=False)
        assert caught.value.field == field


@pytest.mark.parametrize("name", ["rates", "values", "as_of", "rfm"])
def test_a_stored_model_that_lacks_something_is_refused(name: str) -> None:
    shop, _ = night(columns([Sale("ann", TODAY, 5)]))
    data = shop.as_data()
    del data[name]
    with pytest.raises(ShopModelError) as caught:
        ShopModel.from_data(data)
    assert caught.value.field == name


@pytest.mark.alone
def test_an_order_updates_its_customer_within_a_fifth_of_a_millisecond() -> None:
    shop, rows = night(steady_shop(2000, seed=3))
    assert min(_median_seconds(shop, rows[start : start + 300]) for start in (0, 300, 600)) < 0.0002


def _median_seconds(shop: ShopModel, rows: Sequence[CustomerScore]) -> float:
    order, taken = NewOrder(TODAY, 25.0), []
    for row in rows:
        history, begun = row.history, time.process_time()
        rescored_one(history.with_order(order, shop.rates.decay_days, is_order_day=False), shop, TODAY)
        taken.append(time.process_time() - begun)
    return median(taken)
