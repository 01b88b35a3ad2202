"""Figures of merit, as arithmetic on what was found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from faq.matcher import Match

BINS = 15


def accuracy(found: Sequence[Sequence[Match]], means: Sequence[str | None], best: int) -> float:
    """% of the questions whose entry is among the first `best` found."""
    hits = [right in [match.entry_id for match in some[:best]] for some, right in zip(found, means, strict=True)]
    return share(hits)


def share(hits: Sequence[bool]) -> float:
    """% that are true; raises ValueError for none at all."""
    if not hits:
        raise ValueError("no questions: nothing can be measured")
    return 100 * sum(hits) / len(hits)


def surest(found: Sequence[Match]) -> float:
    """The best confidence; 0 where nothing was found."""
    return found[0].confidence if found else 0.0


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """The probability that a question of the FAQ scores higher than a foreign one; half for ties."""
    labels = [1] * len(inside) + [0] * len(outside)
    return float(roc_auc_score(labels, [*inside, *outside]))


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """Expected calibration error over bins of equal mass: how far, on average, confidence is from being right (0..1).

    After Nixon et al. (2019), "Measuring Calibration in Deep Learning": the surest match only.
    """
    order = np.argsort(confidences, kind="stable")
    said, was = np.array(confidences)[order], np.array(right, float)[order]
    groups = zip(np.array_split(said, bins), np.array_split(was, bins), strict=True)
    return float(sum(abs(some.sum() - true.sum()) for some, true in groups) / len(order))
