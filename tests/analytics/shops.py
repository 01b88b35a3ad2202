"""Made-up shops for tests: random histories, and those at the edge of what a shop can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

TODAY = date(2026, 6, 30)


class Sale(NamedTuple):
    """One order, or refund below zero; `cost` and `currency` may be None."""

    who: str
    day: date
    amount: float
    cost: float | None = None
    currency: str | None = None


def columns(sales: Sequence[Sale]) -> dict[str, list[Any]]:
    return {
        "customer_id": [sale.who for sale in sales],
        "date": [sale.day for sale in sales],
        "amount": [sale.amount for sale in sales],
        "cost": [sale.cost for sale in sales],
        "currency": [sale.currency for sale in sales],
    }


_amounts = st.sampled_from([-50.0, 0.0, 0.01, 9.99, 80.0, 1e7]) | st.floats(-1e4, 1e4)
_costs = st.none() | st.floats(-100, 1e4)
_currencies = st.sampled_from([None, "EUR", "EUR", "USD"])
_days = st.integers(-30, 900).map(lambda ago: TODAY - timedelta(days=ago))
sales = st.builds(Sale, st.sampled_from("abcdefgh"), _days, _amounts, _costs, _currencies)
shops = st.lists(sales, max_size=60)


def mixed_shop(customers: int, rows: int, chance: np.random.Generator) -> list[Sale]:
    """All that rows can be: refunds and gifts, costs known or not, several orders on a day, days to come, foreign
    money. A few order often."""
    who = (customers * chance.random(rows) ** 2).astype(int).tolist()
    ago = chance.integers(-5, 700, rows).tolist()
    kind = chance.choice([1, 1, 1, 1, 0, -0.5], rows)
    amount = (kind * chance.lognormal(3, 1.5, rows)).round(2).tolist()
    cost = [
        known if is_known else None
        for known, is_known in zip(
            chance.lognormal(2, 1, rows).round(2).tolist(), (chance.random(rows) < 0.5).tolist(), strict=True
        )
    ]
    currency = [(None, "EUR", "EUR", "EUR", "USD")[at] for at in chance.integers(0, 5, rows).tolist()]
    days = [TODAY - timedelta(days=each) for each in ago]
    return list(map(Sale, map(str, who), days, amount, cost, currency))


def steady_shop(customers: int, seed: int) -> Mapping[str, Any]:
    """Two years of customers who come, order at their own pace and leave, as arrays."""
    chance = np.random.default_rng(seed)
    start = TODAY.toordinal() - 730
    who: list[int] = []
    when: list[int] = []
    for customer in range(customers):
        day = float(start + chance.integers(0, 700))
        gap, leaves = chance.gamma(2, 40), day + chance.exponential(500)
        while day <= min(TODAY.toordinal(), leaves):
            who.append(customer)
            when.append(int(day))
            day += 1 + chance.exponential(gap)
    spending = chance.lognormal(3, 0.7, customers)[who]
    amount = np.round(spending * chance.lognormal(0, 0.3, len(who)), 2)
    return {"customer_id": np.array(who), "date": np.array(when, np.int32), "amount": amount}
