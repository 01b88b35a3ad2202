"""Worth in four ways: each figure from the rows, and nothing said where there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.four_values import Loyalty, Money, Referral, four_values
from analytics.judgement import judged
from analytics.orders import read_orders
from analytics.shop_model import learnt
from analytics.tiers import TierLimits
from tests.analytics.shops import Sale, columns


@dataclass(frozen=True)
class Row:
    """The columns of a score that matter here."""

    as_of: date = date(2026, 11, 20)
    value: float = 80.0
    currency: str | None = "EUR"
    order_days: int = 5
    first_order: date | None = date(2025, 11, 20)
    total: float = 200.0
    cost: float = 60.0
    uncosted: float = 20.0
    brought: int = 0
    ideas: int = 0


def test_all_four() -> None:
    found = four_values(Row(brought=2, ideas=3), came=7)
    assert found.money == Money("EUR", 80.0, 200.0, costed=180.0, margin=120.0)
    assert found.loyalty == Loyalty(365, 5, 4 * 365.25 / 365)
    assert found.referral == Referral(came=7, buyers=2)
    assert found.ideas == 3


def test_a_refund_without_a_cost_takes_its_share_of_the_cost_back() -> None:
    """Bought for 200 what cost 120, and brought half of it back."""
    money = four_values(Row(total=100.0, cost=120.0, uncosted=-100.0)).money
    assert money
    assert (money.costed, money.margin) == (100.0, 40.0)


cents = st.integers(-(10**8), 10**8).map(lambda whole: whole / 100)
_costs = st.none() | st.integers(0, 500)
_margins = st.tuples(st.sampled_from("ab"), st.integers(1, 400), st.integers(-300, 900), _costs)


@given(st.lists(_margins, max_size=12))
def test_the_margin_is_that_of_the_value(orders: list[tuple[str, int, int, int | None]]) -> None:
    """What the value adds to it is the margin of orders whose cost is not known."""
    today = date(2026, 6, 30)
    sales = [Sale(who, today - timedelta(days=ago), amount, cost) for who, ago, amount, cost in orders]
    shop, people = learnt(read_orders(columns(sales), today), today, 90, TierLimits())
    for row, margin in zip(judged(people, shop, today).rows(), shop.worth.margin(people).tolist(), strict=True):
        stored = Row(total=row.total, cost=row.cost, uncosted=row.uncosted, first_order=row.first_order)
        money = four_values(stored).money
        assert money
        if money.margin is not None:
            assert margin == pytest.approx(money.margin + shop.worth.margin_share * max(row.uncosted, 0))


@pytest.mark.parametrize(
    "row",
    [
        Row(uncosted=100.0),  # half is not most
        Row(cost=0.0),
        Row(total=0.0),
        Row(total=-50.0, uncosted=-50.0),
    ],
)
def test_no_margin_where_costs_are_hardly_known_or_nothing_was_earned(row: Row) -> None:
    money = four_values(row).money
    assert money
    assert money.margin is None


def test_a_margin_may_be_a_loss() -> None:
    money = four_values(Row(cost=250.0)).money
    assert money
    assert money.margin == -70.0


@pytest.mark.parametrize(
    "row",
    [
        Row(order_days=1),
        Row(order_days=0, first_order=None),
        Row(first_order=date(2026, 9, 1)),  # a quarter has not passed
        Row(first_order=date(2027, 1, 1)),  # a clock that was set back
    ],
)
def test_no_rate_of_too_short_a_time(row: Row) -> None:
    assert four_values(row).loyalty is None


def test_who_never_bought_may_have_brought_others_and_had_ideas() -> None:
    row = Row(first_order=None, order_days=0, total=0.0, cost=0.0, uncosted=0.0, brought=1, ideas=1)
    found = four_values(row, came=1)
    assert (found.money, found.loyalty) == (None, None)
    assert (found.referral, found.ideas) == (Referral(1, 1), 1)
    unscored = four_values(None, came=1)
    assert (unscored.money, unscored.loyalty, unscored.referral, unscored.ideas) == (None, None, Referral(1, 0), 0)
    assert four_values(None).referral is None


@given(
    total=cents,
    cost=cents.map(abs),
    uncosted=cents,
    days=st.integers(0, 10_000),
    first=st.dates(date(1990, 1, 1), date(2030, 1, 1)) | st.none(),
)
def test_whatever_the_rows_say_the_figures_are_sane(
    total: float, cost: float, uncosted: float, days: int, first: date | None
) -> None:
    row = replace(Row(), total=total, cost=cost, uncosted=uncosted, order_days=days, first_order=first)
    found = four_values(row)
    if found.money and found.money.margin is not None:
        assert found.money.costed == total - max(uncosted, 0) > total / 2 > 0
        returned = -uncosted / (total - uncosted) if uncosted < 0 else 0
        assert found.money.margin == pytest.approx(found.money.costed - cost * (1 - returned))
    if found.loyalty:
        assert first
        assert 0 < found.loyalty.rate < 366 * days
        assert found.loyalty.days == (row.as_of - first).days
