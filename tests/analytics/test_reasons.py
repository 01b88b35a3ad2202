from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor, isclose, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.reasons import Pull, Reason, Weighed, explained, reasons
from analytics.scoring import CustomerScore, score
from analytics.service_risk import WEIGHTS, Signal, SignalCode, service_risk


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
        Reason("silent", {"days": 10, "usual": 1.4, "ratio": 6.9}),
    )


def test_a_scoring_row_explains_itself() -> None:
    today = date(2026, 6, 30)
    days = [today - timedelta(days=ago) for ago in (112, 91, 70)]
    (row,) = score({"customer_id": ["ann"] * 3, "date": days, "amount": [9, 9, 9]}, today, 90)
    assert reasons(row) == (Reason("silent", {"days": 70, "usual": 21, "ratio": 3.3}),)


# Every figure is what the rows say

TODAY = date(2026, 6, 30)
PULL = Pull(3, 2)
ORDERS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(0, 400), st.integers(1, 500)), min_size=1, max_size=40
)  # whose, days ago, whole money
SIGNALS: st.SearchStrategy[set[SignalCode]] = st.sets(st.sampled_from(tuple(WEIGHTS)))


@given(ORDERS)
def test_every_figure_can_be_counted_on_the_orders(orders: list[tuple[int, int, int]]) -> None:
    totals = {who: sum(amount for whose, _, amount in orders if whose == who) for who, _, _ in orders}
    rows = list(scored(orders))
    for row in rows:
        ago = sorted({days for who, days, _ in orders if who == row.customer_id})
        worse = 100 * sum(total < totals[row.customer_id] for total in totals.values()) / len(totals)
        told = {reason.code: reason.figures for reason in reasons(row)}
        share = max(1, ceil(100 - worse))
        assert told.pop("top_spend", None) == ({"share": share} if share <= 20 else None)
        if "expected_worth" in told:
            less = sum(other.value < row.value for other in rows)
            assert told.pop("expected_worth") == {"above": floor(100 * less / len(rows))}
        ((code, figures),) = told.items()
        if len(ago) == 1:
            assert (code, figures) == ("too_little_history", {"orders": sum(o[0] == row.customer_id for o in orders)})
            continue
        gap = (ago[-1] - ago[0]) / (len(ago) - 1)
        assert figures["usual"] == pytest.approx(gap, abs=0.5 if gap >= 10 else 0.051)
        assert (code == "silent") == (ago[0] > gap)
        if code == "silent":
            assert figures["days"] == ago[0]
            assert figures["ratio"] == pytest.approx(ago[0] / gap, abs=0.051)


@given(ORDERS, SIGNALS)
def test_the_weights_add_up_to_the_pull_of_the_queue(
    orders: list[tuple[int, int, int]], codes: set[SignalCode]
) -> None:
    for row in scored(orders):
        service = service_risk(row.risk, [Signal(code, {}) for code in codes])
        found = explained(row, service, PULL)
        weight = {each.reason.code: each.weight for each in found}
        assert all(0 <= each.weight <= 1 for each in found)
        assert isclose(sum(weight.values()), 1) or not any(weight.values())
        assert weight.get("too_little_history", 0.0) == 0.0
        danger = max(row.risk or 0, service.risk if service else 0)
        pull = log(1 + 3 * row.percentile / 100) + log(1 + 2 * danger)
        worth = weight.get("top_spend", weight.get("expected_worth", 0.0))
        if pull and worth:
            assert worth == pytest.approx(log(1 + 3 * row.percentile / 100) / pull)


def test_the_whole_sentence_of_an_example() -> None:
    service = service_risk(0.5, [Signal("open_complaint", {"days": 4})])
    assert service is not None
    found = explained(Stored(99.9, 0.5, 99.2, days_silent=70), service, PULL)
    assert [each.reason.code for each in found] == ["top_spend", "silent", "open_complaint"]
    worth, habit, complaint = log(3.997), log(2), log(1 + 2 * 2.5 / 3.5) - log(2)
    total = worth + habit + complaint
    assert [each.weight for each in found] == pytest.approx([worth / total, habit / total, complaint / total])


def test_of_a_stranger_only_the_service_speaks() -> None:
    service = service_risk(None, [Signal("overdue_ticket", {"days": 1})])
    assert explained(None, service, PULL) == (Weighed(Reason("overdue_ticket", {"days": 1}), 1.0),)
    assert explained(None, None, PULL) == ()


def scored(orders: list[tuple[int, int, int]]) -> list[CustomerScore]:
    columns: dict[str, list[Any]] = {
        "customer_id": [who for who, _, _ in orders],
        "date": [TODAY - timedelta(days=days) for _, days, _ in orders],
        "amount": [amount for _, _, amount in orders],
    }
    return list(score(columns, TODAY, 90))
