"""Value, risk, tier and stage of every customer, from nothing but the orders.

A first, honest version: value is what they have spent so far, risk how unusual their silence is in this shop.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from analytics.histories import History, ScoringInputError, histories, read_day
from analytics.silence import ShopRhythm
from analytics.stages import Stage, Standing, is_at_risk, stage_after_order
from analytics.tiers import Tier, percentiles, tiers

__all__ = ["CustomerScore", "Scores", "ScoringInputError", "score"]


class CustomerScore(NamedTuple):
    """One customer's figures. Money in the orders' currency, `percentile` of value 0..100, `risk` 0..1.

    `risk`, `usual_gap_days` and `silence_ratio` are None with too little history: fewer than two order days.
    """

    customer_id: Any
    value: float
    percentile: float
    tier: Tier
    risk: float | None
    stage: Stage
    at_risk: bool
    order_count: int
    last_order: date
    days_silent: int
    usual_gap_days: float | None
    silence_ratio: float | None


@dataclass(frozen=True, slots=True)
class Scores:
    """The same figures as equally long columns, sorted by customer id as text. Iterating yields CustomerScore."""

    customer_id: list[Any]
    value: list[float]
    percentile: list[float]
    tier: list[Tier]
    risk: list[float | None]
    stage: list[Stage]
    at_risk: list[bool]
    order_count: list[int]
    last_order: list[date]
    days_silent: list[int]
    usual_gap_days: list[float | None]
    silence_ratio: list[float | None]

    def __len__(self) -> int:
        return len(self.customer_id)

    def __iter__(self) -> Iterator[CustomerScore]:
        columns = (getattr(self, name) for name in CustomerScore._fields)
        return (CustomerScore(*figures) for figures in zip(*columns, strict=True))


def score(orders: Mapping[str, Iterable[Any]], as_of: date | datetime | str, horizon_days: int) -> Scores:
    """Score every customer with an order by `as_of`; later orders are not looked at.

    `orders` has equally long columns `customer_id`, `date` (date, datetime or ISO text) and `amount`; a mapping of
    lists or a data frame. `horizon_days` is the period that value and risk speak of; this version, which looks only
    back, checks it and gives the same figures for any. Raises ScoringInputError.
    """
    if horizon_days <= 0:
        raise ScoringInputError("horizon_days", f"{horizon_days} is not a positive number of days")
    day = read_day(as_of, "as_of")
    people, gaps = histories(orders, day)
    rows = list(_rate(people, gaps, day))
    return Scores(*([getattr(row, name) for row in rows] for name in CustomerScore._fields))


def _rate(people: Sequence[History], gaps: Sequence[int], day: date) -> Iterator[CustomerScore]:
    ids = [person.customer_id for person in people]
    values = [person.total for person in people]
    shop = ShopRhythm.of(people, gaps)
    for person, tier, percentile in zip(people, tiers(ids, values), percentiles(values), strict=True):
        yield _rate_one(person, shop, tier, percentile, (day - person.last).days)


def _rate_one(person: History, shop: ShopRhythm, tier: Tier, percentile: float, days_silent: int) -> CustomerScore:
    risk = shop.risk(person, days_silent)
    standing = Standing(person.orders, percentile, shop.gaps_silent(person, days_silent), risk)
    return CustomerScore(
        customer_id=person.customer_id,
        value=person.total,
        percentile=percentile,
        tier=tier,
        risk=risk,
        stage=stage_after_order(standing),
        at_risk=is_at_risk(standing),
        order_count=person.orders,
        last_order=person.last,
        days_silent=days_silent,
        usual_gap_days=person.gap_days,
        silence_ratio=days_silent / person.gap_days if person.gap_days else None,
    )
