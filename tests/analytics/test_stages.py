from math import nan

import numpy as np
import pytest

from analytics.stages import STAGES, Stage, Standings, are_at_risk, stage_before_order, stages_after_order


def standing(days: int, percentile: float, gaps: float, risk: float) -> Standings:
    return Standings(np.array([days]), np.array([percentile]), np.array([gaps]), np.array([risk]))


@pytest.mark.parametrize(
    ("asked", "sessions", "expected"),
    [
        (False, 0, Stage.AWARENESS),
        (False, 1, Stage.AWARENESS),
        (True, 1, Stage.CONSIDERATION),
        (False, 2, Stage.CONSIDERATION),
    ],
)
def test_before_the_first_order(asked: bool, sessions: int, expected: Stage) -> None:
    assert stage_before_order(asked_about_products=asked, sessions_in_30_days=sessions) == expected


@pytest.mark.parametrize(
    ("standings", "expected"),
    [
        (standing(1, 50, 1.9, 0.9), Stage.PURCHASE),
        (standing(1, 50, 4.1, 0.5), Stage.CHURN),
        (standing(1, 50, 4.1, 0.49), Stage.PURCHASE),
        (standing(1, 99, nan, 0.9), Stage.PURCHASE),
        (standing(2, 99, 1, 0.2), Stage.USE),
        (standing(3, 79.9, 1, 0.2), Stage.USE),
        (standing(3, 80, 1, 0.2), Stage.LOYALTY),
        (standing(4, 0, 1, 0.2), Stage.LOYALTY),
        (standing(4, 99, 4, 0.9), Stage.LOYALTY),
        (standing(4, 99, 4.1, 0.49), Stage.LOYALTY),
        (standing(4, 99, 4.1, 0.5), Stage.CHURN),
    ],
)
def test_after_an_order(standings: Standings, expected: Stage) -> None:
    assert STAGES[stages_after_order(standings)].tolist() == [expected]


@pytest.mark.parametrize(
    ("gaps", "risk", "expected"),
    [(2, 0.9, False), (2.1, 0.25, True), (2.1, 0.24, False), (nan, 0.9, False)],
)
def test_at_risk_is_an_overlay(gaps: float, risk: float, expected: bool) -> None:
    assert are_at_risk(standing(5, 90, gaps, risk)).tolist() == [expected]


def test_one_order_day_is_too_little_for_an_alarm() -> None:
    assert are_at_risk(standing(1, 90, 9, 0.9)).tolist() == [False]
