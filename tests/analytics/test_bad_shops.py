"""Whatever a shop's rows are like: sane figures, or nobody to score; never a figure that is none."""

from __future__ import annotations

from datetime import date, timedelta
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.scoring import CustomerScore, score
from analytics.tiers import Tier
from tests.analytics.shops import TODAY, Sale, columns, shops


def rows(sales: list[Sale], as_of: date = TODAY, horizon: int = 90) -> list[CustomerScore]:
    return list(score(columns(sales), as_of, horizon))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def check(row: CustomerScore) -> None:
    assert all(isfinite(figure) for figure in row if isinstance(figure, float))
    assert row.value >= 0
    assert row.expected_orders > 0
    assert row.risk is None or 0 < row.risk < 1
    assert (row.risk is None) is (row.order_days == 1)
    assert row.days_silent >= 0
    assert row.order_count >= row.order_days >= 1
    assert row.decayed >= 1


@given(shops, st.sampled_from([1, 30, 90, 365, 10_000]))
def test_no_shop_gives_a_figure_that_is_none(sales: list[Sale], horizon: int) -> None:
    for row in rows(sales, horizon=horizon):
        check(row)


SHOPS = {
    "none": [],
    "one order": [Sale("ann", ago(5), 20)],
    "one order today": [Sale("ann", TODAY, 20)],
    "a free order": [Sale("ann", ago(5), 0)],
    "all on one day": [Sale(who, ago(9), 20) for who in "abcdef"],
    "refunds only": [Sale("ann", ago(5), -20), Sale("bob", ago(5), -1)],
    "refunds beyond orders": [Sale("ann", ago(50), 20), Sale("ann", ago(5), -500), Sale("bob", ago(3), 1)],
    "all in the future": [Sale("ann", ago(-5), 20), Sale("bob", ago(-900), 20)],
    "sold at a loss": [Sale("ann", ago(50), 20, 90), Sale("ann", ago(5), 20, 90), Sale("bob", ago(3), 1)],
    "nothing in one currency": [Sale("ann", ago(50), 20, None, "EUR"), Sale("bob", ago(5), 20, None, "USD")],
    "the longest history": [Sale("ann", date(1, 1, 1), 20), Sale("ann", TODAY, 20), Sale("bob", TODAY, 1)],
    "the largest money": [Sale("ann", ago(9), 1e15), Sale("ann", ago(5), 1e15, -1e15), Sale("bob", ago(5), 0.1, 1e15)],
}


@pytest.mark.parametrize("name", SHOPS)
def test_shops_at_the_edge(name: str) -> None:
    for row in rows(SHOPS[name]):
        check(row)


@pytest.mark.parametrize("name", ["none", "refunds only", "all in the future"])
def test_who_has_not_ordered_cannot_be_scored(name: str) -> None:
    assert rows(SHOPS[name]) == []


def test_a_clock_set_back_before_all_orders_finds_nobody() -> None:
    assert rows(SHOPS["all on one day"], as_of=ago(400)) == []


def test_a_refund_lowers_the_total_and_is_no_order() -> None:
    (row,) = rows([Sale("ann", ago(50), 20), Sale("ann", ago(5), -8)])
    assert (row.order_count, row.order_days, row.total, row.days_silent) == (1, 1, 12, 50)


def test_whoever_gave_back_more_than_they_bought_is_worth_nothing() -> None:
    worth = {row.customer_id: row.value for row in rows(SHOPS["refunds beyond orders"])}
    assert worth["ann"] == 0


def test_money_in_another_currency_is_left_out_and_said_to_be() -> None:
    sales = [
        Sale("ann", ago(50), 20, None, "EUR"),
        Sale("ann", ago(5), 700, None, "USD"),
        Sale("bob", ago(5), 30, None, "EUR"),
        Sale("bob", ago(2), 30),
        *(Sale("bob", ago(1), 0, None, "EUR") for _ in range(2)),
        Sale("sue", ago(2), 900, None, "USD"),
        Sale("sue", ago(2), -50, None, "USD"),
    ]
    ann, bob, sue = rows(sales)
    assert (ann.total, ann.left_out, ann.order_days, ann.days_silent) == (20, 1, 2, 5)
    assert (bob.total, bob.left_out) == (60, 0)
    assert (sue.total, sue.value, sue.left_out, sue.order_count) == (0, 0, 2, 1)


def test_later_orders_in_another_currency_do_not_change_the_shops() -> None:
    sales = [Sale("ann", ago(50), 20, None, "EUR"), *(Sale("bob", ago(-1), 5, None, "USD") for _ in range(3))]
    (ann,) = rows(sales)
    assert ann.total == 20


def test_where_costs_are_known_value_is_of_the_margin() -> None:
    """Bob's orders bring what ann's do, at a tenth of the margin. Sue's costs are unknown: she has the shop's."""
    sales = [
        Sale(who, ago(days), 100, cost)
        for who, cost in (("ann", 10.0), ("bob", 91.0), ("sue", None))
        for days in (9, 40)
    ]
    ann, bob, sue = rows(sales)
    assert ann.total == bob.total == sue.total == 200
    assert ann.value > sue.value > bob.value
    assert (ann.cost, ann.uncosted, sue.cost, sue.uncosted) == (20, 0, 0, 200)


def test_without_any_cost_value_is_of_the_money() -> None:
    without = [Sale("ann", ago(9), 100), Sale("bob", ago(9), 50)]
    priced = [sale._replace(cost=0) for sale in without]
    assert [row.value for row in rows(without)] == pytest.approx([row.value for row in rows(priced)])


def test_a_customer_with_a_hundred_thousand_orders() -> None:
    days = np.full(100_000, TODAY.toordinal()) - np.arange(100_000) % 3000
    orders: dict[str, Any] = {
        "customer_id": np.append(np.zeros(100_000, np.int64), [1, 2]),
        "date": np.append(days, [TODAY.toordinal()] * 2),
        "amount": np.full(100_002, 5.0),
    }
    best, *others = score(orders, TODAY, 90)
    check(best)
    assert (best.tier, best.order_count, best.order_days, best.usual_gap_days) == (Tier.VIP, 100_000, 3000, 1)
    assert best.risk is not None
    assert best.risk < 1e-6
    assert all(other.value < best.value for other in others)
