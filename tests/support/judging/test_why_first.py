"""A customer who came first for how we served them is told so, without inside words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_store.models import Escalation
from support.customers.why_first import Because, placing_of, why_first
from tests.support.shop import FRIDAY_NOON

BOUND = timedelta(hours=1)


def told(*parts: dict[str, object], days: int = 0, code: str = "service_risk") -> tuple[Because, ...]:
    reason = {"code": code, "weight": 0.9, "facts": {"risk": 0.6, "parts": list(parts)} if parts else {}}
    escalation = Escalation(reasons=[reason], value_percentile=0.0, opened_at=FRIDAY_NOON)
    return why_first(placing_of(escalation, None, FRIDAY_NOON + timedelta(days=days), BOUND))


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
    assert told(code="no_answer") == ()
