"""One customer judged alone, as soon as there is an order more, by what the night found of the shop."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.customer_score import CustomerScore
from analytics.histories import Histories
from analytics.history import History
from analytics.judgement import Estimates, Placing, concluded, estimated
from analytics.shop_model import ShopModel
from analytics.tiers import tier_of


def rescored_one(history: History, shop: ShopModel, as_of: date) -> CustomerScore | None:
    """Of one customer, placed by the shop's bounds as of its night; None if they have not ordered.

    Judged as of the last order if that is later: the clock has been set back.
    """
    if history.first is None or history.last is None:
        return None
    people, today = _of_one(history, history.first, history.last), max(as_of, history.last).toordinal()
    estimates = estimated(people, shop, today)
    (row,) = concluded(people, shop, today, estimates, _placed(people, shop, estimates)).rows()
    return row


def _of_one(history: History, first: date, last: date) -> Histories:
    counts = [history.orders, history.days, first.toordinal(), last.toordinal(), history.left_out]
    orders, days, began, ended, left_out = np.array(counts, np.int64).reshape(-1, 1)
    sums = [history.total, history.cost, history.uncosted, history.decayed]
    total, cost, uncosted, decayed = np.array(sums, np.float64).reshape(-1, 1)
    who = _one(history.customer_id, np.object_)
    return Histories(who, orders, days, began, ended, total, cost, uncosted, left_out, decayed)


def _one(value: Any, kind: type[np.generic]) -> NDArray[Any]:
    column = np.empty(1, kind)
    column[0] = value
    return column


def _placed(people: Histories, shop: ShopModel, estimates: Estimates) -> Placing:
    value, total = float(estimates.value[0]), float(people.total[0])
    return Placing(
        percentile=_one(shop.values.percentile(value), np.float64),
        spend_percentile=_one(shop.totals.percentile(total), np.float64),
        tier=_one(tier_of(value, shop.tier_bounds), np.int8),
        rank=None,
    )
