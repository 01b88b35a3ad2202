"""Columns are read from lists and arrays alike, and what cannot be read is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from analytics.order_columns import ScoringInputError
from analytics.orders import read_orders

TODAY = date(2026, 6, 30)
DAYS = ["2026-06-01", "2026-06-02", "2026-06-01"]
PLAIN: dict[str, Any] = {"customer_id": [7, 9, 7], "date": DAYS, "amount": [1, 2.5, 3]}


@pytest.mark.parametrize(
    "change",
    [
        {"customer_id": np.array([7, 9, 7], np.int32)},
        {"date": np.array(DAYS, "datetime64[ns]")},
        {"date": np.array([date.fromisoformat(day).toordinal() for day in DAYS], np.int32)},
        {"date": np.array([date.fromisoformat(day) for day in DAYS])},
        {"amount": np.array([1, 2.5, 3], np.float32)},
        {"amount": [Decimal(1), Decimal("2.5"), Decimal(3)]},
        {"amount": ["1", "2.5", "3.0"]},
        {"cost": [None, None, None]},
        {"currency": [None, "", float("nan")]},
    ],
)
def test_lists_and_arrays_are_the_same(change: dict[str, Any]) -> None:
    expected, found = read_orders(PLAIN, TODAY), read_orders(PLAIN | change, TODAY)
    assert found.ids.tolist() == [7, 9]
    assert found.ours.all()
    assert found.currency is None
    for column in ("who", "day", "amount"):
        assert getattr(found, column).tolist() == getattr(expected, column).tolist()


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([10, 9, 10], [9, 10]),
        ([10**15, -5, 3], [-5, 3, 10**15]),
        ([10**30, 5, 5], [10**30, 5]),
        (["b", "a", "b"], ["a", "b"]),
        ([(1, 2), (0, 9), (1, 2)], [(0, 9), (1, 2)]),
    ],
)
def test_customers_are_sorted_and_found_again(ids: list[Any], expected: list[Any]) -> None:
    found = read_orders(PLAIN | {"customer_id": ids}, TODAY)
    assert found.ids.tolist() == expected
    assert [found.ids.tolist()[place] for place in found.who] == ids


@pytest.mark.parametrize(
    ("change", "field", "row"),
    [
        ({"customer_id": np.array([1.0, np.nan, 2.0])}, "customer_id", 1),
        ({"date": np.array(["2026-01-01", "NaT", "2026-01-01"], "datetime64[D]")}, "date", 1),
        ({"date": np.array([739_000, 0, 739_000])}, "date", 1),
        ({"date": np.array([739_000, 739_000, 9_999_999])}, "date", 2),
        ({"date": np.array([739_000.5, 739_000, 739_000])}, "date", 0),
        ({"amount": np.array([1, np.inf, 2])}, "amount", 1),
        ({"cost": [None, 2, "much"]}, "cost", 2),
        ({"cost": [None, float("inf"), 1]}, "cost", 1),
        ({"cost": [1.0]}, "cost", None),
        ({"currency": ["EUR"]}, "currency", None),
    ],
)
def test_what_cannot_be_read_is_named(change: dict[str, Any], field: str, row: int | None) -> None:
    with pytest.raises(ScoringInputError) as caught:
        read_orders(PLAIN | change, TODAY)
    assert (caught.value.field, caught.value.row) == (field, row)


def test_the_most_frequent_currency_is_the_shops_and_none_is_taken_for_it() -> None:
    found = read_orders(PLAIN | {"currency": ["USD", "EUR", None]}, TODAY)
    assert found.currency == "EUR"
    assert found.ours.tolist() == [False, True, True]
