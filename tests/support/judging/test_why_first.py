"""A customer who came first for how we served them is told so, without inside words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from crm_store.models import Escalation
from support.customers.why_first import Because, placing_of, why_first
from support.judging.house_rules import DEFAULT
from tests.support.shop import FRIDAY_NOON


def told(
    *parts: dict[str, object],
    days: float = 0,
    codes: Sequence[str] = ("service_risk",),
    wrong: Collection[str] = (),
    worth: float = 0.0,
    orders: int = 0,
) -> tuple[Because, ...]:
    kept = {"risk": 0.6, "base": 0.3, "base_known": False, "parts": list(parts)} if parts else {}
    reasons = [{"code": code, "weight": 0.9, "facts": kept if code == "service_risk" else {}} for code in codes]
    escalation = Escalation(reasons=reasons, value_percentile=worth, risk=0.0, urgent=False, opened_at=FRIDAY_NOON)
    now = FRIDAY_NOON + timedelta(days=days)
    return why_first(placing_of(escalation, orders, wrong, now, DEFAULT.policy, ZoneInfo("Asia/Taipei")))


@pytest.mark.parametrize(
    ("code", "name"),
    [("overdue_ticket", "late"), ("repeated_contact", "again"), ("negative_words", "unhappy")],
)
def test_what_we_did_not_do_well_is_said(code: str, name: str) -> None:
    assert told({"code": code, "weight": 0.4}) == (Because(name),)


def test_an_open_complaint_counts_from_its_first_day() -> None:
    assert told({"code": "open_complaint", "weight": 0.9, "days": 4}) == (Because("complaint_open", {"days": 4}),)
    first, waited = told({"code": "open_complaint", "weight": 0.9, "days": 4}, days=2)
    assert first == Because("complaint_open", {"days": 6})
    assert waited == Because("waited")
    assert told({"code": "open_complaint", "weight": 0.9, "days": 0}) == (Because("complaint"),)


def test_without_parts_there_is_nothing_to_tell() -> None:
    assert told(codes=["no_answer"]) == ()


def test_what_an_agent_called_wrong_is_not_told() -> None:
    complaint = {"code": "open_complaint", "weight": 0.9, "days": 4}
    assert told(codes=["complaint"]) == (Because("complaint"),)
    assert told(codes=["complaint"], wrong={"complaint"}) == ()
    assert told(complaint, wrong={"service_risk"}) == ()
    unhappy = {"code": "negative_words", "weight": 0.4, "count": 1}
    assert told(complaint, unhappy, codes=["complaint", "service_risk"], wrong={"complaint"}) == (Because("unhappy"),)
    assert told(codes=["vip"], worth=99.0, wrong={"vip"}) == ()


@pytest.mark.parametrize(
    ("tier", "orders", "name"),
    [
        ("vip", 1, "large"),
        ("major", 4, "large"),
        ("ordinary", 1, "customer"),
        ("small", 1, "customer"),
        ("small", 5, "often"),
    ],
)
def test_only_the_best_have_large_orders(tier: str, orders: int, name: str) -> None:
    assert told(codes=[tier], worth=50.0, orders=orders) == (Because(name),)


def test_a_complaint_s_days_are_the_calendar_s() -> None:
    assert told(codes=["complaint"], days=3.9 / 24) == (Because("complaint"), Because("waited"))
    assert told(codes=["complaint"], days=4.1 / 24)[0] == Because("complaint_open", {"days": 1}), "midnight in Taipei"
