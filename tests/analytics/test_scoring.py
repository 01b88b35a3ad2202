import random
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from math import exp, inf, nan, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.scoring import CustomerScore, ScoringInputError, score
from analytics.stages import Stage
from analytics.tiers import Tier

TODAY = date(2026, 6, 30)


def columns(*rows: tuple[str, int, float]) -> dict[str, list[Any]]:
    """Orders as customer, days ago, amount."""
    return {
        "customer_id": [who for who, _, _ in rows],
        "date": [TODAY - timedelta(days=ago) for _, ago, _ in rows],
        "amount": [amount for _, _, amount in rows],
    }


def scored(*rows: tuple[str, int, float]) -> dict[str, CustomerScore]:
    return {row.customer_id: row for row in score(columns(*rows), TODAY, 90)}


SHOP = (
    ("ann", 133, 40.0),
    ("ann", 112, 40.0),
    ("ann", 91, 40.0),
    ("ann", 70, 40.0),
    ("bob", 40, 10.0),
    ("bob", 10, 15.5),
    ("eve", 20, 500.0),
)


def test_a_row_holds_what_the_orders_say() -> None:
    ann = scored(*SHOP)["ann"]
    assert ann.total == 160
    assert ann.order_count == ann.order_days == 4
    assert ann.first_order == TODAY - timedelta(days=133)
    assert ann.last_order == TODAY - timedelta(days=70)
    assert ann.days_silent == 70
    assert ann.usual_gap_days == 21
    assert ann.silence_ratio == pytest.approx(70 / 21)


def test_risk_and_value_are_those_of_the_formula() -> None:
    """Of a shop with too few orders to fit rates on: decay 120 days, .3 order days in 60, the first one counts .3."""
    ann = scored(*SHOP)["ann"]
    order_days = 0.3 + exp(-70 / 120) + exp(-91 / 120) + exp(-112 / 120) + 0.3 * exp(-133 / 120)
    days = 60 + 120 * (1 - exp(-133 / 120))
    assert ann.risk == pytest.approx((days / (days + 90)) ** order_days, abs=1e-12)
    assert ann.expected_orders == pytest.approx(order_days / days * 90, rel=1e-12)


def test_value_is_between_what_is_expected_and_what_has_been() -> None:
    """sqrt(expected money × past money, scaled so that both are the same over the whole shop)."""
    people = scored(*SHOP)
    mean_order = 685.5 / 7
    spent = {"ann": (160, 4), "bob": (25.5, 2), "eve": (500, 1)}
    expected = {
        who: people[who].expected_orders * (total + 2 * mean_order) / (days + 2) for who, (total, days) in spent.items()
    }
    scale = sum(expected.values()) / 685.5
    for who, (total, _) in spent.items():
        assert people[who].value == pytest.approx(sqrt(expected[who] * total * scale), rel=1e-12)


def test_the_longer_the_silence_the_higher_the_risk() -> None:
    risks = [scored(*SHOP, ("max", ago + 20, 5), ("max", ago, 5))["max"].risk or 0 for ago in (0, 10, 50, 200)]
    assert risks == sorted(risks)
    assert len(set(risks)) == 4


def test_one_order_is_too_little_history() -> None:
    eve = scored(*SHOP)["eve"]
    assert eve.risk is None
    assert eve.usual_gap_days is None
    assert eve.silence_ratio is None
    assert eve.at_risk is False
    assert eve.stage == Stage.PURCHASE


def test_two_orders_on_one_day_are_one_visit() -> None:
    max_ = scored(*SHOP, ("max", 9, 5), ("max", 9, 5))["max"]
    assert (max_.order_count, max_.risk, max_.stage) == (2, None, Stage.PURCHASE)


def test_four_rows_on_one_day_are_no_loyalty() -> None:
    max_ = scored(*SHOP, *[("max", 9, 500)] * 4)["max"]
    assert (max_.order_count, max_.order_days, max_.stage) == (4, 1, Stage.PURCHASE)


def test_late_beyond_two_gaps_is_at_risk() -> None:
    people = scored(*SHOP)
    assert people["ann"].at_risk
    assert not people["bob"].at_risk


def test_long_silence_is_churn() -> None:
    people = scored(*SHOP, ("old", 400, 5), ("old", 380, 5), ("once", 300, 5))
    assert people["old"].stage == Stage.CHURN
    assert people["once"].stage == Stage.CHURN
    assert people["once"].risk is None


def test_nobody_has_come_back_yet() -> None:
    only = scored(("ann", 900, 5.0))["ann"]
    assert (only.risk, only.stage, only.at_risk, only.tier) == (None, Stage.PURCHASE, False, Tier.VIP)


def test_orders_after_the_day_are_not_looked_at() -> None:
    before = list(score(columns(*SHOP), TODAY, 90))
    assert list(score(columns(*SHOP, ("ann", -1, 9.0), ("new", -5, 9.0)), TODAY, 90)) == before


def test_dates_may_be_text_or_moments() -> None:
    days = columns(*SHOP)
    expected = list(score(days, TODAY, 90))
    text = {**days, "date": [day.isoformat() for day in days["date"]]}
    moments = {**days, "date": [datetime.combine(day, clock(23, 59), UTC) for day in days["date"]]}
    assert list(score(text, TODAY.isoformat(), 90)) == expected
    assert list(score(moments, TODAY, 90)) == expected


def test_no_orders_no_scores() -> None:
    assert len(score({"customer_id": [], "date": [], "amount": []}, TODAY, 90)) == 0


def test_columns_and_rows_agree() -> None:
    scores = score(columns(*SHOP), TODAY, 90)
    assert scores.customer_id == ["ann", "bob", "eve"]
    assert [row.total for row in scores] == scores.total == [160, 25.5, 500]
    assert scores.spend_percentile == pytest.approx([100 / 3, 0, 200 / 3])


@pytest.mark.parametrize(
    ("change", "field", "row"),
    [
        ({"amount": [1.0]}, "amount", None),
        ({"date": ["2026-01-01", "yesterday"]}, "date", 1),
        ({"date": ["2026-01-01", None]}, "date", 1),
        ({"date": ["2026-02-30", "2026-01-01"]}, "date", 0),
        ({"amount": [1.0, "12 €"]}, "amount", 1),
        ({"amount": [float("nan"), 1.0]}, "amount", 0),
        ({"amount": [None, 1.0]}, "amount", 0),
        ({"amount": [1.0, 1e308]}, "amount", 1),
        ({"amount": [-1.1e15, 1.0]}, "amount", 0),
        ({"cost": [None, 1e16]}, "cost", 1),
        ({"cost": [-inf, 1.0]}, "cost", 0),
        ({"customer_id": ["ann", ""]}, "customer_id", 1),
    ],
)
def test_faulty_orders_are_named_by_field_and_row(change: dict[str, list[Any]], field: str, row: int | None) -> None:
    orders: dict[str, list[Any]] = {
        "customer_id": ["ann", "bob"],
        "date": ["2026-01-01", "2026-01-02"],
        "amount": [1.0, 2.0],
        **change,
    }
    with pytest.raises(ScoringInputError) as caught:
        score(orders, TODAY, 90)
    assert (caught.value.field, caught.value.row) == (field, row)
    assert field in str(caught.value)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ScoringInputError, match="amount: the column is missing"):
        score({"customer_id": [], "date": []}, TODAY, 90)


@pytest.mark.parametrize(
    ("as_of", "horizon", "field"),
    [
        ("soon", 90, "as_of"),
        (TODAY, 0, "horizon_days"),
        (TODAY, -1, "horizon_days"),
        (TODAY, nan, "horizon_days"),
        (TODAY, inf, "horizon_days"),
        (TODAY, 10**9, "horizon_days"),
    ],
)
def test_faulty_questions(as_of: Any, horizon: Any, field: str) -> None:
    with pytest.raises(ScoringInputError) as caught:
        score(columns(*SHOP), as_of, horizon)
    assert caught.value.field == field


rows = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 900), st.sampled_from([-5.0, 0.0, 5.0, 80.0, 900.0]))


@given(st.lists(rows), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, int, float]], chance: random.Random) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    one, other = score(columns(*rows), TODAY, 90), score(columns(*shuffled), TODAY, 90)
    assert (one.customer_id, one.total, one.risk) == (other.customer_id, other.total, other.risk)
    assert one.value == pytest.approx(other.value)


@given(st.lists(rows))
def test_every_figure_is_within_bounds(rows: list[tuple[str, int, float]]) -> None:
    for row in score(columns(*rows), TODAY, 90):
        assert row.risk is None or 0 <= row.risk <= 1
        assert 0 <= row.percentile < 100
        assert row.days_silent >= 0
        assert row.usual_gap_days is None or row.usual_gap_days >= 1
        assert (row.risk is None) is (row.usual_gap_days is None)
        assert not row.at_risk or row.risk is not None


def test_a_hundred_thousand_orders_take_under_a_second() -> None:
    orders = columns(*((f"c{n * 7919 % 19_997}", n * 104_729 % 701, 9.5) for n in range(100_000)))
    assert min(cpu_seconds(orders) for _ in range(3)) < 1


def cpu_seconds(orders: dict[str, list[Any]]) -> float:
    started = time.process_time()
    assert len(score(orders, TODAY, 90)) > 19_000
    return time.process_time() - started
