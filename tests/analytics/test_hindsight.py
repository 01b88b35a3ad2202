from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from analytics.hindsight import auc, auc_error, brier, calibration_error, hits, top

outcomes = st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=60).filter(
    lambda rows: len({happened for happened, _ in rows}) == 2
)


@given(outcomes)
def test_auc_and_brier_are_the_known_ones(rows: list[tuple[bool, int]]) -> None:
    happened = np.array([yes for yes, _ in rows])
    forecast = np.array([figure for _, figure in rows]) / 10
    assert auc(happened, forecast) == pytest.approx(roc_auc_score(happened, forecast))
    assert brier(happened, forecast) == pytest.approx(brier_score_loss(happened, forecast))


def test_without_a_pair_there_is_no_auc() -> None:
    assert auc(np.array([True, True]), np.array([0.1, 0.2])) is None
    assert auc(np.array([], bool), np.array([])) is None


def test_the_error_of_an_auc_shrinks_with_the_customers() -> None:
    assert auc_error(0.8, 40, 60) == pytest.approx(0.0474, abs=5e-5)
    assert auc_error(0.8, 400, 600) < auc_error(0.8, 40, 60) / 3
    assert auc_error(1.0, 40, 60) == 0


def test_the_top_is_rounded_down_and_equals_stay_in_line() -> None:
    assert top(np.array([5.0, 9.0, 5.0, 1.0, 5.0]), 0.5).tolist() == [1, 0]
    assert top(np.arange(19.0), 0.05).tolist() == []


def test_hits_are_the_tops_in_common() -> None:
    assert hits(np.array([4.0, 3.0, 2.0, 1.0]), np.array([0.0, 9.0, 1.0, 5.0]), 0.5) == 1


def test_true_probabilities_are_calibrated_and_turned_ones_are_not() -> None:
    chance = np.random.default_rng(2)
    forecast = chance.random(20_000)
    happened = chance.random(20_000) < forecast
    assert calibration_error(happened, forecast) < 0.02
    assert calibration_error(happened, 1 - forecast) == pytest.approx(0.5, abs=0.03)
    assert calibration_error(np.array([True, False]), np.array([1.0, 0.5])) == pytest.approx(0.25)
