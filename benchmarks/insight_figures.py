"""How good a forecast was, in the figures of the table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analytics.hindsight import Flags, auc, brier, hits, top
from analytics.outcome import Outcome, followed
from analytics.purchases import Floats
from benchmarks.insight_data import Split
from benchmarks.insight_methods import Forecast, Method, people_of

TOP, UPPER = 0.05, 0.2
RISKIEST = 0.2

Figures = Mapping[str, float | None]


def measured(method: Method, split: Split) -> Figures:
    """By the names of insight_table's rows; None where the method says nothing of that kind."""
    known = split.known()
    outcome = followed(split.followed(), split.day.toordinal())
    spenders = top(people_of(known).total, UPPER)
    found = judged(method(known, split.day, split.horizon_days), outcome, spenders)
    return {f"{split.name} {name}": figure for name, figure in found.items()}


def judged(forecast: Forecast, outcome: Outcome, spenders: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Figures:
    """`spenders`: the customers among whom the ranking by risk is looked at once more."""
    value, risk = forecast.value, forecast.risk
    return {
        "P5": hits(value, outcome.spent, TOP) / int(TOP * len(value)),
        "P20": hits(value, outcome.spent, UPPER) / int(UPPER * len(value)),
        "MAE": float(np.abs(value - outcome.spent).mean()) if forecast.is_money else None,
        "AUC": auc(outcome.silent, risk),
        "AUCvip": auc(outcome.silent[spenders], risk[spenders]),
        "VIP lift": lift(outcome.silent[spenders], risk[spenders]),
        "Brier": brier(outcome.silent, risk) if forecast.is_probability else None,
    }


def lift(silent: Flags, risk: Floats) -> float | None:
    """How many times as often as all of these customers the riskiest fifth of them went silent; None if nobody did, or
    of fewer than five."""
    riskiest = silent[top(risk, RISKIEST)]
    return float(riskiest.mean() / silent.mean()) if len(riskiest) and silent.any() else None
