"""Columns of text from the database are the orders and the places that stand in its rows."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from analytics.orders import Orders
from crm_store.models import Customer, Order
from crm_store.queries import scoring
from crm_store.store import Store
from support.scoring.reading import ordinals, read_former, read_orders, read_orders_of, whole_numbers

FIRST, LAST, ERASED = 5, 300_000_000_000_004_096, 300_000_000_000_004_097
TODAY = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, tzinfo=UTC)
ROWS: tuple[tuple[int, date, str, str | None, str | None], ...] = (
    (LAST, date(2026, 6, 30), "-12.35", None, None),
    (FIRST, date(1900, 2, 28), "0.29", "EUR", "0.07"),
    (FIRST, date(2024, 2, 29), "-9999999999999.99", "USD", "9999999999999.99"),
    (LAST, date(2025, 12, 31), "100", "EUR", "-3.50"),
    (LAST, date(2026, 7, 1), "8", "EUR", None),
    (ERASED, date(2026, 1, 1), "7", "EUR", None),
)


async def fill(store: Store, rows: Sequence[tuple[int, date, str, str | None, str | None]]) -> None:
    people: list[dict[str, Any]] = [
        {"id": who, "name": "", "attributes": {}, "created_at": NOW, "version": 1, "erased_at": erased}
        for who, erased in ((FIRST, None), (LAST, None), (ERASED, NOW))
    ]
    orders: list[dict[str, Any]] = [
        {
            "id": nth,
            "external_id": str(nth),
            "customer_id": who,
            "date": day,
            "amount": Decimal(amount),
            "currency": currency,
            "cost": cost and Decimal(cost),
            "attributes": {},
        }
        for nth, (who, day, amount, currency, cost) in enumerate(rows, 1)
    ]
    async with store.write() as connection:
        await connection.execute(insert(Customer), people)
        if orders:
            await connection.execute(insert(Order), orders)


def read(orders: Orders) -> list[tuple[int, date, float, bool, float | None]]:
    costs = [None if np.isnan(cost) else cost for cost in orders.cost.tolist()]
    days = map(date.fromordinal, orders.day.tolist())
    rows = zip(orders.ids[orders.who].tolist(), days, orders.amount.tolist(), orders.ours.tolist(), costs, strict=True)
    return sorted(rows, key=lambda row: row[:3])


@pytest.mark.parametrize("at_once", [1, 2, 50_000])
async def test_orders_are_read_to_the_cent(store: Store, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(scoring, "CUSTOMERS_AT_ONCE", at_once)
    await fill(store, ROWS)
    expected = [
        (FIRST, date(1900, 2, 28), 0.29, True, 0.07),
        (FIRST, date(2024, 2, 29), -9999999999999.99, False, 9999999999999.99),
        (LAST, date(2025, 12, 31), 100.0, True, -3.5),
        (LAST, date(2026, 6, 30), -12.35, True, None),
    ]
    async with scoring.snapshot(store) as connection:
        every = await read_orders(connection, TODAY, None)
        some = await read_orders_of(connection, [LAST, ERASED], TODAY, "EUR")
    assert every.currency == "EUR"
    assert every.ids.tolist() == [FIRST, LAST]
    assert read(every) == expected
    assert read(some) == [row for row in expected if row[0] == LAST]


async def test_orders_that_name_no_currency_do_not_say_which_one_the_shop_has(store: Store) -> None:
    day = date(2026, 1, 1)
    await fill(store, [(FIRST, day, "1", None, None), (LAST, day, "2", None, None), (LAST, day, "3", "EUR", None)])
    async with scoring.snapshot(store) as connection:
        every = await read_orders(connection, TODAY, None)
    assert every.currency == "EUR"
    assert every.ours.tolist() == [True, True, True]


async def test_where_there_is_nothing_nothing_is_read(store: Store) -> None:
    await fill(store, ())
    async with scoring.snapshot(store) as connection:
        assert len((await read_orders(connection, TODAY, "EUR")).day) == 0
        assert len((await read_orders_of(connection, [], TODAY, "EUR")).day) == 0
        assert len((await read_former(connection)).ids) == 0


def test_columns_of_text() -> None:
    assert whole_numbers("7,-12,0").tolist() == [7, -12, 0]
    assert ordinals("1900-02-28,2024-02-29").tolist() == [date(1900, 2, 28).toordinal(), date(2024, 2, 29).toordinal()]
    assert [len(read("")) for read in (whole_numbers, ordinals)] == [0, 0]
