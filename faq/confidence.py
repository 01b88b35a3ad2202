"""How sure a match is: a probability, learned by asking the FAQ its own phrasings while they are held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from faq.index import Ranking

LEAD = 0.7
NEAREST = 3.0
"""What the lead over all other entries and the likeness of the nearest phrasing add to the score itself. The score
tells questions of this FAQ from foreign ones, the lead tells right from wrong; on splits of CLINC150 .2 to .8 and 2 to
5 do alike."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """confidence = 1 / (1 + exp(−(slope · evidence + offset))), after Platt (1999)."""

    slope: float
    offset: float

    def __call__(self, evidence: float) -> float:
        return float(expit(self.slope * evidence + self.offset))


def usual(phrasings: int) -> Calibration:
    """What an FAQ with few phrasings starts from.

    Fitted to 120 small samples of BANKING77 and CLINC150 (1 to 20 entries of 1 to 10 phrasings, a fourth of the
    questions foreign): the more phrasings there are, the more evidence is usual.
    """
    return Calibration(slope=0.5, offset=2.0 - 0.5 * float(np.log(max(phrasings, 1))))


BELIEF = 30.0
"""How many observations the usual is worth, roughly."""


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
    surest = calibration(seen)
    behind = np.exp(ranking.scores.astype(float) - float(ranking.scores[best])) * surest
    behind[best] = 0.0
    behind *= min(1.0, (1 - surest) / max(behind.sum(), 1e-9))
    behind[best] = surest
    return behind


def calibrated(seen: Sequence[float], right: Sequence[bool], start: Calibration) -> Calibration:
    """From the evidence of held-out questions and whether each was right; near `start` where there are few."""
    x, y = np.array(seen), np.array(right, float)

    def loss(parameters: NDArray[np.float64]) -> float:
        z = parameters[0] * x + parameters[1]
        drawn = BELIEF * ((parameters[0] - start.slope) ** 2 + 0.1 * (parameters[1] - start.offset) ** 2)
        return float(np.logaddexp(0, z).sum() - (y * z).sum() + drawn)

    slope, offset = minimize(loss, [start.slope, start.offset], method="L-BFGS-B", bounds=[(0.05, 5), (-20, 10)]).x
    return Calibration(float(slope), float(offset))
