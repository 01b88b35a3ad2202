import pytest

from analytics.stages import Stage, Standing, is_at_risk, stage_after_order, stage_before_order


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
    ("standing", "expected"),
    [
        (Standing(1, 50, 1.9, None), Stage.PURCHASE),
        (Standing(1, 50, 4.1, None), Stage.CHURN),
        (Standing(1, 99, None, None), Stage.PURCHASE),
        (Standing(2, 99, 1, 0.2), Stage.USE),
        (Standing(3, 79.9, 1, 0.2), Stage.USE),
        (Standing(3, 80, 1, 0.2), Stage.LOYALTY),
        (Standing(4, 0, 1, 0.2), Stage.LOYALTY),
        (Standing(4, 99, 4, 0.9), Stage.LOYALTY),
        (Standing(4, 99, 4.1, 0.49), Stage.LOYALTY),
        (Standing(4, 99, 4.1, 0.5), Stage.CHURN),
    ],
)
def test_after_an_order(standing: Standing, expected: Stage) -> None:
    assert stage_after_order(standing) == expected


@pytest.mark.parametrize(
    ("gaps", "risk", "expected"),
    [(2, 0.9, False), (2.1, 0.25, True), (2.1, 0.24, False), (9, None, False), (None, None, False)],
)
def test_at_risk_is_an_overlay(gaps: float | None, risk: float | None, expected: bool) -> None:
    assert is_at_risk(Standing(5, 90, gaps, risk)) is expected
