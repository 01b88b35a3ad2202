"""How well a forecast did, once it is known what followed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analytics.purchases import Floats

Flags = NDArray[np.bool_]


def top(figures: Floats, share: float) -> NDArray[np.int64]:
    """Places of the highest ⌊share × n⌋; of equal figures the earlier ones."""
    return np.argsort(-figures, kind="stable")[: int(len(figures) * share)]


def hits(forecast: Floats, outcome: Floats, share: float) -> int:
    """How many of the top by forecast are among the top by outcome; precision is this by ⌊share × n⌋."""
    return len(np.intersect1d(top(forecast, share), top(outcome, share)))


def auc(happened: Flags, forecast: Floats) -> float | None:
    """The probability, 0..1, that of two customers the one to whom it happened had the higher forecast, equal ones
    counting half: Hanley and McNeil (1982), Radiology 143, 29-36. None unless it happened to some and not to others.
    """
    yes, no = forecast[happened], np.sort(forecast[~happened])
    if not len(yes) or not len(no):
        return None
    below = np.searchsorted(no, yes, side="left") + np.searchsorted(no, yes, side="right")
    return float(below.sum() / 2 / (len(yes) * len(no)))


def auc_error(found: float, happened: int, others: int) -> float:
    """The standard error of an AUC, by the same authors."""
    both = found / (2 - found) - found**2
    other = 2 * found**2 / (1 + found) - found**2
    variance = (found * (1 - found) + (happened - 1) * both + (others - 1) * other) / (happened * others)
    return float(np.sqrt(max(variance, 0.0)))


def brier(happened: Flags, forecast: Floats) -> float:
    """Mean squared difference of probability and outcome: Brier (1950), Monthly Weather Review 78, 1-3."""
    return float(((forecast - happened) ** 2).mean())


def calibration_error(happened: Flags, forecast: Floats, bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass: the mean distance, 0..1, of what was forecast and the share
    to whom it happened (Naeini et al. 2015, AAAI)."""
    parts = np.array_split(np.argsort(forecast, kind="stable"), bins)
    distances = [len(part) * abs(forecast[part].mean() - happened[part].mean()) for part in parts if len(part)]
    return float(sum(distances) / len(forecast))
