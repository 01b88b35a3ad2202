"""A shop's orders as equally long columns, read from whatever holds them: lists, arrays or a data frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.order_columns import Column, ScoringInputError, amounts, costs, days, most_frequent, people

COLUMNS = ("customer_id", "date", "amount")
OPTIONAL_COLUMNS = ("cost", "currency")

OrderData = Mapping[str, Iterable[Any]]


@dataclass(frozen=True, slots=True)
class Orders:
    """`ids` are the customers: whole numbers by size, anything else as text. A column holds for each order: `who` its
    customer's place in `ids`, `day` its date.toordinal(), `amount` the money taken (below zero: a refund), `cost` what
    the goods cost (not a number: unknown), `ours` whether its money is in `currency`, the shop's most frequent one.
    """

    ids: NDArray[Any]
    who: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]
    cost: NDArray[np.float64]
    ours: NDArray[np.bool_]
    currency: str | None

    def until(self, day: int) -> Orders:
        """Without the orders after this day."""
        kept = self.day <= day
        if kept.all():
            return self
        return Orders(
            self.ids,
            self.who[kept],
            self.day[kept],
            self.amount[kept],
            self.cost[kept],
            self.ours[kept],
            self.currency,
        )


def read_orders(orders: OrderData, as_of: date) -> Orders:
    """The orders by `as_of`; later ones are checked too, but not looked at.

    `orders` holds the columns `customer_id` (whole numbers or text), `date` (date, datetime, ISO text, or an array of
    datetime64 or of whole numbers that are date.toordinal()) and `amount`; `cost` and `currency` may be there, and may
    be None in a row. An order without a currency is taken to be in the shop's own. Raises ScoringInputError.
    """
    columns = _columns(orders)
    day = days(columns["date"])
    amount = amounts(columns["amount"])
    cost = costs(columns["cost"]) if "cost" in columns else np.full(len(day), np.nan)
    ids, who = people(columns["customer_id"])
    kept = day <= as_of.toordinal()
    currency, ours = most_frequent(columns.get("currency"), kept)
    every = Orders(ids, who, day, amount, cost, ours, currency)
    return every.until(as_of.toordinal())


def _columns(orders: OrderData) -> dict[str, Any]:
    for name in COLUMNS:
        if name not in orders:
            raise ScoringInputError(name, "the column is missing")
    present = [name for name in (*COLUMNS, *OPTIONAL_COLUMNS) if name in orders]
    columns = {name: _sequence(orders[name]) for name in present}
    for name, column in columns.items():
        if len(column) != len(columns[COLUMNS[0]]):
            raise ScoringInputError(name, f"{len(column)} rows where {COLUMNS[0]} has {len(columns[COLUMNS[0]])}")
    return columns


def _sequence(column: Iterable[Any]) -> Column:
    """An array as it is, also a data frame's column; anything else, and an array of objects, as a list."""
    if not hasattr(column, "dtype"):
        return list(column)
    array = np.asarray(column)
    return array if array.dtype.kind in "iufM" else array.tolist()
