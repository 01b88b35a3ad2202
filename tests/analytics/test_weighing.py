"""The weights beside the reasons are what orders the queue."""

from __future__ import annotations

from math import isclose, log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.reasons import Reason
from analytics.service_risk import WEIGHTS, Signal, SignalCode, service_risk
from analytics.weighing import Place, Pull, Weighed, explained
from tests.analytics.test_reasons import Stored

PULL = Pull(3, 2, 1)
SHARES = st.none() | st.floats(0, 1)
SIGNALS: st.SearchStrategy[set[SignalCode]] = st.sets(st.sampled_from(tuple(WEIGHTS)))


def weights(found: tuple[Weighed, ...]) -> dict[str, float]:
    return {each.reason.code: each.weight for each in found}


@given(SHARES, SHARES, SIGNALS, SIGNALS, st.booleans(), st.floats(0.01, 100), st.booleans())
def test_the_weights_are_the_shares_of_the_queue_s_pull(
    value: float | None,
    risk: float | None,
    kept: set[SignalCode],
    live: set[SignalCode],
    urgent: bool,
    tier: float,
    is_scored: bool,
) -> None:
    service = service_risk(risk, [Signal(code, {"days": 1}) for code in kept])
    place = Place(value and 100 * value, risk, service, urgent, tier)
    now = service_risk(risk, [Signal(code, {"days": 2}) for code in live])
    found = explained(Stored() if is_scored else None, now, place, PULL)
    pulls = [
        log(1 + 3 * (value or 0)),
        log(1 + 2 * max(risk or 0, service.risk if service else 0)),
        log(2) if urgent else 0,
        log(tier),
    ]
    total = sum(map(abs, pulls))
    weight = weights(found)
    assert len(weight) == len(found), "no code twice"
    assert all(-1 <= each <= 1 for each in weight.values())
    assert isclose(sum(map(abs, weight.values())), 1, rel_tol=1e-9) or not total
    assert weight.get("expected_worth", 0.0) + weight.get("top_spend", 0.0) == pytest.approx(pulls[0] / (total or 1))
    assert weight.get("urgent", 0.0) == pytest.approx(pulls[2] / (total or 1))
    assert weight.get("tier", 0.0) == pytest.approx(pulls[3] / (total or 1))
    said = [each.reason for each in found if each.is_said]
    assert {r.code for r in said} >= live, "what holds is said, whatever it weighs"
    assert all(r.figures for r in said)


def test_the_whole_sentence_of_an_example() -> None:
    service = service_risk(0.5, [Signal("open_complaint", {"days": 4})])
    assert service is not None
    found = explained(Stored(99.9, 0.5, 99.2, days_silent=70), service, Place(99.9, 0.5, service), PULL)
    assert [each.reason.code for each in found] == ["top_spend", "silent", "open_complaint"]
    worth, habit, complaint = log(3.997), log(2), log(1 + 2 * 2.5 / 3.5) - log(2)
    total = worth + habit + complaint
    assert [each.weight for each in found] == pytest.approx([worth / total, habit / total, complaint / total])


def test_what_the_queue_does_not_know_weighs_nothing() -> None:
    service = service_risk(0.4, [Signal("repeated_contact", {"count": 1})])
    found = explained(Stored(), service, Place(0, 0.4), PULL)
    assert weights(found) == {"rhythm": 1.0, "repeated_contact": 0.0}


def test_of_a_stranger_only_the_service_speaks() -> None:
    service = service_risk(None, [Signal("overdue_ticket", {"days": 1})])
    assert explained(None, service, Place(service=service), PULL) == (
        Weighed(Reason("overdue_ticket", {"days": 1}), 1.0),
    )
    assert explained(None, None, Place(), PULL) == ()


def test_haste_and_a_tier_that_waits_longer_are_beside_the_sentence() -> None:
    found = explained(None, None, Place(urgent=True, tier_weight=0.5), PULL)
    assert found == (
        Weighed(Reason("urgent", {}), 0.5, is_said=False),
        Weighed(Reason("tier", {}), -0.5, is_said=False),
    )
