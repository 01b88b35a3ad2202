from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.service_risk import CAP, DEFAULT_BASE, WEIGHTS, ServiceRisk, Signal, SignalCode, service_risk

CODES: st.SearchStrategy[set[SignalCode]] = st.sets(st.sampled_from(tuple(WEIGHTS)), min_size=1)


def of(risk: float | None, *codes: SignalCode) -> ServiceRisk:
    found = service_risk(risk, [Signal(code, {}) for code in codes])
    assert found is not None
    return found


def test_an_open_complaint_multiplies_the_odds_by_two_and_a_half() -> None:
    assert of(0.5, "open_complaint").risk == pytest.approx(2.5 / 3.5)
    assert of(0.2, "negative_words").risk == pytest.approx(0.375 / 1.375)


def test_a_complaint_and_an_overdue_ticket_count_once_and_both_are_listed() -> None:
    found = of(0.5, "overdue_ticket", "open_complaint")
    assert [(p.signal.code, p.weight) for p in found.parts] == [("open_complaint", log(2.5)), ("overdue_ticket", 0.0)]


def test_all_together_are_capped_in_proportion() -> None:
    found = of(0.5, *WEIGHTS)
    assert sum(part.weight for part in found.parts) == pytest.approx(CAP)
    assert found.risk == pytest.approx(0.8)
    complaint, _, repeated, words = (part.weight for part in found.parts)
    assert complaint / repeated == pytest.approx(log(2.5) / log(1.5))
    assert repeated == words


def test_nothing_amiss_is_no_service_risk() -> None:
    assert service_risk(0.9, []) is None


def test_without_history_a_strong_signal_alone_calls_a_human_and_a_passing_one_does_not() -> None:
    found = of(None, "open_complaint")
    assert (found.base, found.is_base_known) == (DEFAULT_BASE, False)
    assert found.risk >= 0.5 > of(None, "repeated_contact").risk
    assert of(None, "overdue_ticket").risk >= 0.5


@given(st.floats(0, 1), CODES)
def test_the_risk_grows_stays_within_bounds_and_is_the_sum_of_its_parts(risk: float, codes: set[SignalCode]) -> None:
    found = of(risk, *codes)
    assert 0 < found.risk < 1
    assert found.risk >= min(risk, 0.999)
    if 0.001 < risk < 0.999:
        total = log(risk / (1 - risk)) + sum(part.weight for part in found.parts)
        assert log(found.risk / (1 - found.risk)) == pytest.approx(total)
