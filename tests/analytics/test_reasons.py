from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from analytics.reasons import Reason, reasons
from analytics.scoring import score


@dataclass(frozen=True)
class Stored:
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
