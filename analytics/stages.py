"""Where a customer stands in their life with the shop, by rules that can be said aloud.

Rules and thresholds are those tested on three shops' histories: the share that went silent rises from loyalty over use
and at-risk to churn. At-risk is an overlay: it lies upon a stage and does not replace it.
"""

from dataclasses import dataclass
from enum import StrEnum

AT_RISK_GAPS, AT_RISK_RISK = 2.0, 0.25
CHURN_GAPS, CHURN_RISK = 4.0, 0.5
LOYAL_ORDERS = 4
LOYAL_ORDERS_OF_TOP_FIFTH, TOP_FIFTH_PERCENTILE = 3, 80.0
SESSIONS_OF_INTEREST = 2  # within 30 days


class Stage(StrEnum):
    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    PURCHASE = "purchase"
    USE = "use"
    LOYALTY = "loyalty"
    CHURN = "churn"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules look at, for a customer with an order. `gaps_silent` is silence in the customer's shrunk gaps."""

    orders: int
    percentile: float
    gaps_silent: float | None
    risk: float | None


def stage_before_order(*, asked_about_products: bool, sessions_in_30_days: int) -> Stage:
    """Of somebody who has not ordered yet: interest in a price, product or stock, or coming back, is consideration."""
    interested = asked_about_products or sessions_in_30_days >= SESSIONS_OF_INTEREST
    return Stage.CONSIDERATION if interested else Stage.AWARENESS


def stage_after_order(standing: Standing) -> Stage:
    """Of a customer with an order: churn before loyalty before purchase (one order) or use (repeat)."""
    if has_left(standing):
        return Stage.CHURN
    if is_loyal(standing):
        return Stage.LOYALTY
    return Stage.PURCHASE if standing.orders == 1 else Stage.USE


def has_left(standing: Standing) -> bool:
    """Over four gaps and likely silent. Without a risk (one order day) the gaps alone decide."""
    if standing.gaps_silent is None or standing.gaps_silent <= CHURN_GAPS:
        return False
    return standing.risk is None or standing.risk >= CHURN_RISK


def is_loyal(standing: Standing) -> bool:
    in_top_fifth = standing.percentile >= TOP_FIFTH_PERCENTILE
    return standing.orders >= (LOYAL_ORDERS_OF_TOP_FIFTH if in_top_fifth else LOYAL_ORDERS)


def is_at_risk(standing: Standing) -> bool:
    """Over two gaps with a risk of a quarter or more, those who have left among them. Too little history: no alarm."""
    if standing.gaps_silent is None or standing.risk is None:
        return False
    return standing.gaps_silent > AT_RISK_GAPS and standing.risk >= AT_RISK_RISK
