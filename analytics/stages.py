"""Where a customer stands in their life with the shop, by rules that can be said aloud.

Rules and thresholds are those tested on three shops' histories: the share that went silent rises from loyalty over use
and at-risk to churn. At-risk is an overlay: it lies upon a stage and does not replace it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

AT_RISK_GAPS, AT_RISK_RISK = 2.0, 0.25
CHURN_GAPS, CHURN_RISK = 4.0, 0.5
LOYAL_DAYS = 4
LOYAL_DAYS_OF_TOP_FIFTH, TOP_FIFTH_PERCENTILE = 3, 80.0
SESSIONS_OF_INTEREST = 2  # within 30 days


class Stage(StrEnum):
    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    PURCHASE = "purchase"
    USE = "use"
    LOYALTY = "loyalty"
    CHURN = "churn"


STAGES = np.array(list(Stage), object)
_CODE = {stage: np.int8(code) for code, stage in enumerate(Stage)}


@dataclass(frozen=True, slots=True)
class Standings:
    """What the rules look at, a line for each customer with an order: the days on which they ordered, the percentile of
    their value, the silence in their shrunk gaps (not a number in a shop that has none), and their risk, also of those
    whom none is told.
    """

    days: NDArray[np.int64]
    percentile: NDArray[np.float64]
    gaps_silent: NDArray[np.float64]
    risk: NDArray[np.float64]


def stage_before_order(*, asked_about_products: bool, sessions_in_30_days: int) -> Stage:
    """Of somebody who has not ordered yet: interest in a price, product or stock, or coming back, is consideration."""
    interested = asked_about_products or sessions_in_30_days >= SESSIONS_OF_INTEREST
    return Stage.CONSIDERATION if interested else Stage.AWARENESS


def stages_after_order(standings: Standings) -> NDArray[np.int8]:
    """Places in STAGES: churn before loyalty before purchase (one order day) or use (repeat)."""
    stage = np.where(standings.days == 1, _CODE[Stage.PURCHASE], _CODE[Stage.USE])
    stage = np.where(are_loyal(standings), _CODE[Stage.LOYALTY], stage)
    return np.where(have_left(standings), _CODE[Stage.CHURN], stage)


def have_left(standings: Standings) -> NDArray[np.bool_]:
    """Over four gaps and likely silent."""
    return (standings.gaps_silent > CHURN_GAPS) & (standings.risk >= CHURN_RISK)


def are_loyal(standings: Standings) -> NDArray[np.bool_]:
    in_top_fifth = standings.percentile >= TOP_FIFTH_PERCENTILE
    return standings.days >= np.where(in_top_fifth, LOYAL_DAYS_OF_TOP_FIFTH, LOYAL_DAYS)


def are_at_risk(standings: Standings) -> NDArray[np.bool_]:
    """Over two gaps with a risk of a quarter or more, those who have left among them. Too little history: no alarm."""
    in_danger = (standings.gaps_silent > AT_RISK_GAPS) & (standings.risk >= AT_RISK_RISK)
    return in_danger & (standings.days > 1)
