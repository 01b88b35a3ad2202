"""When to answer, when to ask back: gates for a confidence, learned from the FAQ or set by an admin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MISSED = 0.11
"""Right held-out matches that fall below the gate of an answer. On splits of CLINC150 nine in ten foreign questions
are refused with it; .05 lets a third more of them through."""
SUREST = (0.60, 0.72)
"""Where the gate of an answer may lie: what is right less often is better asked back, what is right seven times in ten
is better told."""
LOST = 0.05
"""Right held-out matches that fall below the gate of a choice."""
LIKELIEST = (0.25, 0.32)
"""Where the gate of a choice may lie."""
FEWEST = 20
"""Right held-out matches that a gate can be learned from."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """`answer`: least confidence of an answer; `margin`: how far it must lead the next entry; `suggest`: least
    confidence of a choice offered with "did you mean". The defaults are for an FAQ of too few phrasings to learn from.
    """

    answer: float = 0.60
    suggest: float = 0.25
    margin: float = 0.10


def learned(right: Sequence[float]) -> Thresholds:
    """From the confidences of held-out phrasings that found their own entry."""
    usual = Thresholds()
    if len(right) < FEWEST:
        return usual
    answer, suggest = np.quantile(right, [MISSED, LOST])
    return Thresholds(float(np.clip(answer, *SUREST)), float(np.clip(suggest, *LIKELIEST)), usual.margin)
