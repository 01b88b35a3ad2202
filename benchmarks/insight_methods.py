"""Ours and the methods it is held against: what each customer will be worth, and whether they will go silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.histories import Histories, histories
from analytics.judgement import estimated
from analytics.order_days import OrderDays
from analytics.orders import Orders
from analytics.purchases import USUAL_RATES
from analytics.rfm import RfmEdges, rfm
from analytics.shop_model import learnt
from analytics.tiers import TierLimits
from benchmarks.bgnbd import BgNbd, Customers, Floats, GammaGamma

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Forecast:
    """A line for each customer who has ordered: a figure to rank by what they will spend, and one to rank by who goes
    silent. `is_money`: the former is money of the horizon; `is_probability`: the latter is a probability.
    """

    value: Floats
    risk: Floats
    is_money: bool = True
    is_probability: bool = True


Method = Callable[[Orders, date, int], Forecast]
"""From the orders until a day, that day and the days to foresee."""


def ours(orders: Orders, day: date, horizon_days: int) -> Forecast:
    shop, people = learnt(orders, day, horizon_days, TierLimits())
    found = estimated(people, shop, day.toordinal())
    return Forecast(found.value, found.risk)


def past(orders: Orders, day: date, horizon_days: int) -> Forecast:
    """What they have spent, and how long they have been silent."""
    people = people_of(orders)
    return Forecast(people.total, (day.toordinal() - people.last).astype(np.float64), is_probability=False)


def rfm_quintiles(orders: Orders, day: date, horizon_days: int) -> Forecast:
    """The sum of the three; of the many with an equal sum, who has spent more is worth more."""
    people = people_of(orders)
    found = rfm(people, RfmEdges.of(people, np.sort(people.total)))
    total = found.recency.astype(np.float64) + found.frequency + found.money
    spread = people.total / (2 * np.abs(people.total).max())
    return Forecast(total + spread, -total, is_money=False, is_probability=False)


def bg_nbd(orders: Orders, day: date, horizon_days: int) -> Forecast:
    people = weekly(orders, day)
    model, money = BgNbd.fitted(people), GammaGamma.fitted(people)
    weeks = horizon_days / 7
    return Forecast(model.expected(people, weeks) * money.expected(people), model.silence(people, weeks))


METHODS: dict[str, Method] = {
    OURS: ours,
    "past total, recency": past,
    "RFM quintiles": rfm_quintiles,
    "BG/NBD, Gamma-Gamma": bg_nbd,
}


def people_of(orders: Orders) -> Histories:
    return histories(orders, OrderDays.of(orders), USUAL_RATES.decay_days)


def weekly(orders: Orders, day: date) -> Customers:
    """In weeks, as CDNOW's figures were published; the mean is of the order days after the first."""
    people = people_of(orders)
    repeats = (people.days - 1).astype(np.float64)
    later = people.total - _of_first_day(orders, people)
    return Customers(
        repeats=repeats,
        recency=(people.last - people.first) / 7,
        age=(day.toordinal() - people.first) / 7,
        mean=np.divide(later, repeats, out=np.zeros(len(people)), where=repeats > 0),
    )


def _of_first_day(orders: Orders, people: Histories) -> Floats:
    """Money of each customer's first order day."""
    days = OrderDays.of(orders)
    known = days.who[days.starts()]
    first = np.zeros(len(orders.ids), np.int64)
    first[known] = people.first
    at_first = orders.day == first[orders.who]
    return np.bincount(orders.who[at_first], orders.amount[at_first], len(orders.ids))[known].astype(np.float64)
