"""How sure a match is: a probability, learned by asking the FAQ its own phrasings while they are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.index import Ranking

LEAD = 1.5
NEAREST = 5.0
"""What the lead over all other entries and the likeness of the nearest phrasing add to the score itself. The score
tells questions of this FAQ from foreign ones, the lead tells right from wrong; on splits of CLINC150 1.5 to 2.5 and 1.5
to 5 do alike, and a lead of .7 has a point less right where as many are wrong."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """confidence = 1 / (1 + exp(−(slope · evidence + offset))), after Platt (1999)."""

    slope: float
    offset: float

    def __call__(self, evidence: float) -> float:
        return float(_logistic(np.array(self.slope * evidence + self.offset)))


ENOUGH = 0.2
"""A question must be so alike to some phrasing to be judged by the evidence alone. Nine in ten held-out phrasings are
more alike to another one of their entry; what is less so is believed less, down to nothing at 0."""


def usual(phrasings: int) -> Calibration:
    """What an FAQ with few phrasings starts from.

    After 120 small samples of BANKING77 and CLINC150 (1 to 20 entries of 1 to 10 phrasings, a fourth of the questions
    foreign): the more phrasings there are, the more evidence is usual. The best fit has 4.1 − .87 ln n; below 150
    phrasings this is lower, because the samples hardly have two entries that a vague question fits alike.
    """
    return Calibration(slope=0.28, offset=2.7 - 0.58 * float(np.log(max(phrasings, 1))))


BELIEF = 30.0
"""How many observations the usual is worth, roughly."""
STEPS = 30
LONGEST_STEP = 1.0
LEAST_SLOPE = 0.05
"""More evidence never makes a match less sure, whatever a strange FAQ teaches."""
MOST = 40.0
"""Beyond it a float is 0 or 1."""


def evidence(ranking: Ranking) -> tuple[int, float]:
    """(place of the best entry in the ranking, how much speaks for it)."""
    best = int(np.argmax(ranking.scores))
    score = float(ranking.scores[best])
    others = np.delete(ranking.scores, best)
    lead = score - float(np.logaddexp.reduce(np.append(others, np.float32(0))))
    return best, score + LEAD * lead + NEAREST * float(ranking.nearest[best])


def confidences_of(ranking: Ranking, calibration: Calibration) -> NDArray[np.float64]:
    """The probability of each entry of a ranking: the best one's is calibrated, the others are behind it as their
    shares are and have no more together than it leaves.
    """
    best, seen = evidence(ranking)
    surest = calibration(seen) * min(1.0, max(float(ranking.nearest[best]), 0.0) / ENOUGH)
    behind = np.exp(ranking.scores.astype(float) - float(ranking.scores[best])) * surest
    behind[best] = 0.0
    behind *= min(1.0, (1 - surest) / max(behind.sum(), 1e-9))
    behind[best] = surest
    return behind


def calibrated(
    seen: Sequence[float], right: Sequence[bool], weights: Sequence[float], start: Calibration
) -> Calibration:
    """From the evidence of held-out questions, whether each was right and what each counts; near `start` where there
    are few.

    Logistic regression by Newton's steps, drawn to `start` by a normal prior.
    """
    known = np.column_stack([np.array(seen, float), np.ones(len(seen))])
    counts = np.array(weights, float)
    middle, pull = np.array([start.slope, start.offset]), BELIEF * np.array([2.0, 0.2])
    found = middle
    for _ in range(STEPS):
        sure = _logistic(known @ found)
        slope_of_loss = known.T @ (counts * (sure - np.array(right, float))) + pull * (found - middle)
        bend_of_loss = (known.T * (counts * sure * (1 - sure))) @ known + np.diag(pull)
        found = found - np.linalg.solve(bend_of_loss, slope_of_loss).clip(-LONGEST_STEP, LONGEST_STEP)
    return Calibration(max(float(found[0]), LEAST_SLOPE), float(found[1]))


def _logistic(z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-z.clip(-MOST, MOST))))
