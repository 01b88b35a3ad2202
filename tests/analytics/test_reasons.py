from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given, settings

from analytics.judgement import judged
from analytics.one_customer import rescored_one
from analytics.orders import read_orders
from analytics.reasons import Reason, reasons
from analytics.scoring import score
from analytics.shop_model import learnt
from analytics.tiers import TierLimits
from tests.analytics.shops import TODAY, Sale, columns, mixed_shop, shops


@dataclass(frozen=True)
class Stored:
    percentile: float | None = 0
    risk: float | None = 0.4
    spend_percentile: float | None = 50
    order_count: int = 4
    days_silent: int | None = 5
    usual_gap_days: float | None = 21


def test_the_sentence_of_a_silent_vip() -> None:
    assert reasons(Stored(spend_percentile=99.2, days_silent=70)) == (
        Reason("top_spend", {"share": 1}),
        Reason("silent", {"days": 70, "usual": 21, "ratio": 3.3}),
    )


@pytest.mark.parametrize(("percentile", "share"), [(99.99, 1), (99, 1), (98.9, 2), (95, 5), (80, 20)])
def test_top_share_is_never_flattered(percentile: float, share: int) -> None:
    assert reasons(Stored(spend_percentile=percentile))[0] == Reason("top_spend", {"share": share})


def test_an_ordinary_spender_on_time_has_a_rhythm_only() -> None:
    assert reasons(Stored(spend_percentile=79)) == (Reason("rhythm", {"usual": 21}),)


def test_one_order_is_said_to_be_too_little() -> None:
    assert reasons(Stored(order_count=1, usual_gap_days=None)) == (Reason("too_little_history", {"orders": 1}),)


def test_who_has_not_ordered_has_no_reason_of_orders() -> None:
    assert reasons(Stored(spend_percentile=None, order_count=0, days_silent=None, usual_gap_days=None)) == ()


def test_a_quick_rhythm_keeps_a_decimal() -> None:
    assert reasons(Stored(usual_gap_days=1.44, days_silent=10)) == (
        Reason("silent", {"days": 10, "usual": 1.4, "ratio": 7.1}),
    )


@pytest.mark.parametrize(
    ("gap", "silent", "told"),
    [
        (10.6, 11, Reason("rhythm", {"usual": 11})),
        (10.6, 12, Reason("silent", {"days": 12, "usual": 11, "ratio": 1.1})),
        (10.5, 105, Reason("silent", {"days": 105, "usual": 10, "ratio": 10.5})),
        (10.4, 10, Reason("rhythm", {"usual": 10})),
        (1.96, 2, Reason("rhythm", {"usual": 2.0})),
    ],
)
def test_the_ratio_can_be_checked_on_what_is_said(gap: float, silent: int, told: Reason) -> None:
    assert reasons(Stored(usual_gap_days=gap, days_silent=silent)) == (told,)


def test_a_scoring_row_explains_itself() -> None:
    today = date(2026, 6, 30)
    days = [today - timedelta(days=ago) for ago in (112, 91, 70)]
    (row,) = score({"customer_id": ["ann"] * 3, "date": days, "amount": [9, 9, 9]}, today, 90)
    assert reasons(row) == (Reason("silent", {"days": 70, "usual": 21, "ratio": 3.3}),)


# Every figure is what the rows say


@given(shops)
@settings(deadline=None)
def test_every_figure_can_be_counted_on_the_rows(sales: list[Sale]) -> None:
    check_all(sales, every=1)


@pytest.mark.parametrize("seed", range(4))
def test_so_it_can_in_a_shop_of_thousands(seed: int) -> None:
    """Whose percentiles one judged alone has from a thousand marks."""
    chance = np.random.default_rng(seed)
    check_all(mixed_shop(2600 + 700 * seed, 9000, chance), every=5)


def check_all(sales: list[Sale], every: int) -> None:
    """Of all judged at once, and of some judged alone."""
    orders = read_orders(columns(sales), TODAY)
    shop, people = learnt(orders, TODAY, 90, TierLimits())
    rows, counted = list(judged(people, shop, TODAY).rows()), Counted.of(sales, shop.currency)
    counted.values = sorted(row.value for row in rows)
    for row in rows:
        counted.check(row.customer_id, row.value, reasons(row))
    for row in rows[::every]:
        alone = rescored_one(row.history, shop, TODAY)
        assert alone
        counted.check(row.customer_id, row.value, reasons(alone))


@dataclass
class Counted:
    """The rows until today by customer, counted without the product."""

    orders: dict[str, list[date]]
    cents: dict[str, int]
    totals: list[int]
    values: list[float]

    @classmethod
    def of(cls, sales: list[Sale], currency: str | None) -> Counted:
        known = [sale for sale in sales if sale.day <= TODAY]
        orders: dict[str, list[date]] = {}
        for sale in known:
            if sale.amount >= 0:
                orders.setdefault(sale.who, []).append(sale.day)
        cents = dict.fromkeys(orders, 0)
        for sale in known:
            if sale.who in cents and sale.currency in (None, currency):
                cents[sale.who] += round(100 * sale.amount)
        return cls(orders, cents, sorted(cents.values()), [])

    def check(self, who: str, value: float, found: tuple[Reason, ...]) -> None:
        told = {reason.code: reason.figures for reason in found}
        share = max(1, ceil(100 - Fraction(100 * bisect_left(self.totals, self.cents[who]), len(self.totals))))
        above = floor(Fraction(100 * bisect_left(self.values, value), len(self.values)))
        if share <= 20:
            assert told.pop("top_spend") == {"share": share}
        elif above:
            assert told.pop("expected_worth") == {"above": above}
        assert told == self._habit(who)

    def _habit(self, who: str) -> dict[str, dict[str, float]]:
        days = sorted(set(self.orders[who]))
        if len(days) == 1:
            return {"too_little_history": {"orders": len(self.orders[who])}}
        gap, silent = (days[-1] - days[0]).days / (len(days) - 1), (TODAY - days[-1]).days
        usual = round(gap) if gap >= 10 else round(gap, 1)
        if silent <= usual:
            return {"rhythm": {"usual": usual}}
        return {"silent": {"days": silent, "usual": usual, "ratio": round(silent / usual, 1)}}
