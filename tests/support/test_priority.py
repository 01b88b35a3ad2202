from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.agents.priority import PriorityFacts, Waiting, order, priority
from support.judging.house_rules import QueueRules

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BOUND = timedelta(hours=1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def waiting(key: str, waited: float, percentile: float | None = None, **facts: float) -> Waiting[str]:
    return Waiting(key, NOW - minutes(waited), percentile, facts.get("risk"), facts.get("service_risk"))


def keys(*items: Waiting[str]) -> list[str]:
    return [item.key for item in order(items, NOW, BOUND)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (PriorityFacts(minutes(0)), 5),
        (PriorityFacts(minutes(10)), 15),
        (PriorityFacts(minutes(0), value_percentile=100), 20),
        (PriorityFacts(minutes(0), risk=1), 15),
        (PriorityFacts(minutes(0), risk=0.2, service_risk=0.5), 10),
        (PriorityFacts(minutes(0), urgent=True), 10),
        (PriorityFacts(minutes(1.5), 50, 0.5, None, urgent=True), 2.5 * 2 * 2 * 6.5),
        (PriorityFacts(minutes(-3)), 5),
    ],
)
def test_the_formula(facts: PriorityFacts, expected: float) -> None:
    assert priority(facts) == pytest.approx(expected)


def test_coefficients_are_data() -> None:
    equal_for_all = QueueRules(value=0, risk=0, urgent=0, head_start=0)
    assert priority(PriorityFacts(minutes(7), 99, 0.9, 0.9, urgent=True), equal_for_all) == 7


def test_worth_and_danger_go_before() -> None:
    assert keys(waiting("small", 3), waiting("vip", 1, 99), waiting("leaving", 1, 50, risk=0.9)) == [
        "leaving",
        "vip",
        "small",
    ]


def test_whoever_waited_beyond_the_bound_comes_first() -> None:
    assert keys(waiting("vip", 50, 100), waiting("forgotten", 61)) == ["forgotten", "vip"]
    assert keys(waiting("vip", 50, 100), waiting("patient", 60)) == ["vip", "patient"]


def test_ties_go_by_arrival() -> None:
    best_just_now, smallest_for_long = waiting("best", 0, 100), waiting("smallest", 15, 0)
    assert priority(best_just_now.facts(NOW)) == priority(smallest_for_long.facts(NOW))
    assert keys(best_just_now, smallest_for_long) == ["smallest", "best"]


percents = st.none() | st.floats(0, 100)
shares = st.none() | st.floats(0, 1)


@given(percents, shares, shares, st.booleans(), st.floats(0, 1000), st.floats(0.01, 100))
def test_waiting_longer_never_lowers_the_place(
    value: float | None, risk: float | None, service: float | None, urgent: bool, waited: float, more: float
) -> None:
    sooner = PriorityFacts(minutes(waited), value, risk, service, urgent)
    later = PriorityFacts(minutes(waited + more), value, risk, service, urgent)
    assert 0 < priority(sooner) < priority(later)
