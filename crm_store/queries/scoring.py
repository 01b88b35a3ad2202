"""What judging reads: orders and former judgements as plain numbers, many rows at a time, and who has not ordered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, TextClause, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.columns import UtcDateTime
from crm_store.store import Store

ROWS_AT_ONCE = 20_000
OURS, UNSAID, OTHERS = 1, 0, 2
"""Whether an order's money is in the currency that was asked for; beside the day in `packed` (see `orders`)."""
PACKED = 4
Rows = Sequence[Sequence[Any]]

_INTERESTED = """
EXISTS (
    SELECT 1 FROM contact_point AS p JOIN faq_question AS q ON q.contact_point_id = p.id
    JOIN faq_entry AS e ON e.id = q.entry_id
    WHERE p.customer_id = c.id AND q.decision <> 'refuse' AND q.at < :until AND e.category IN :categories
)"""
_SESSIONS = """
(
    SELECT COUNT(*) FROM contact_point AS p JOIN conversation AS v ON v.contact_point_id = p.id
    WHERE p.customer_id = c.id AND v.started_at >= :since AND v.started_at < :until
)"""
_NEVER_ORDERED = f"""
SELECT c.id, {_INTERESTED}, {_SESSIONS} FROM customer AS c
WHERE c.erased_at IS NULL AND c.merged_into_id IS NULL
AND EXISTS (SELECT 1 FROM contact_point AS p WHERE p.customer_id = c.id)"""


@asynccontextmanager
async def snapshot(store: Store) -> AsyncIterator[AsyncConnection]:
    """A connection of one's own on which all reads see the same moment, and nobody waits for them.

    Raises StoreUnavailableError.
    """
    async with store.apart() as connection:
        await connection.execute(text("BEGIN" if store.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ"))
        try:
            yield connection
        finally:
            await connection.execute(text("COMMIT"))


def orders(connection: AsyncConnection, today: date, currency: str | None) -> AsyncIterator[Rows]:
    """All orders by a day but those of erased customers, each customer's together and customers by their id.

    Rows are (customer, packed, amount, cost); `packed` is PACKED × date.toordinal() + OURS, UNSAID or OTHERS.
    """
    erased = "customer_id NOT IN (SELECT id FROM customer WHERE erased_at IS NOT NULL)"
    query = f"{_orders(connection)} WHERE date <= :today AND {erased} ORDER BY customer_id"
    if connection.dialect.name == "sqlite":
        return _driven(connection, query, {"today": today.isoformat(), "currency": currency})
    return _streamed(connection, _typed(text(query)), {"today": today, "currency": currency})


async def orders_of(connection: AsyncConnection, ids: Sequence[int], today: date, currency: str | None) -> Rows:
    """The same of some customers."""
    erased = "SELECT 1 FROM customer AS c WHERE c.id = customer_order.customer_id AND c.erased_at IS NOT NULL"
    some = f"customer_id IN :ids AND date <= :today AND NOT EXISTS ({erased})"
    query = text(f"{_orders(connection)} WHERE {some} ORDER BY customer_id")
    query = _typed(query).bindparams(bindparam("ids", expanding=True, type_=BigInteger))
    found = await connection.execute(query, {"today": today, "currency": currency, "ids": list(ids)})
    return list(map(tuple, found))


def _orders(connection: AsyncConnection) -> str:
    is_ours = f"WHEN currency = CAST(:currency AS TEXT) THEN {OURS}"
    currency = f"CASE WHEN currency IS NULL THEN {UNSAID} {is_ours} ELSE {OTHERS} END"
    packed = f"{PACKED} * {_ordinal(connection)} + {currency}"
    money = "CAST(amount AS DOUBLE PRECISION), CAST(cost AS DOUBLE PRECISION)"
    return f"SELECT customer_id, {packed}, {money} FROM customer_order"


def _ordinal(connection: AsyncConnection) -> str:
    """`date` as date.toordinal(): 1721424.5 is the Julian date at the beginning of the day before 1 January 1."""
    if connection.dialect.name == "sqlite":
        return "CAST(julianday(date) - 1721424.5 AS INTEGER)"
    return "(date - DATE '0001-01-01' + 1)"


def _typed(query: TextClause) -> TextClause:
    return query.bindparams(bindparam("today", type_=Date))


async def currencies(connection: AsyncConnection, today: date) -> dict[str, int]:
    """How many orders by a day name each currency."""
    query = text(
        "SELECT currency, COUNT(*) FROM customer_order WHERE date <= :today AND currency IS NOT NULL"
        " AND customer_id NOT IN (SELECT id FROM customer WHERE erased_at IS NOT NULL) GROUP BY currency"
    )
    found = await connection.execute(_typed(query), {"today": today})
    return dict(found.all())


def former(connection: AsyncConnection, place: str) -> AsyncIterator[Rows]:
    """All judgements that stand, by customer: (customer, place, orders, value, total); `place` is SQL for a number."""
    query = f"SELECT customer_id, {place}, order_count, value, total FROM score ORDER BY customer_id"
    return (
        _driven(connection, query, {})
        if connection.dialect.name == "sqlite"
        else _streamed(connection, text(query), {})
    )


async def former_of(connection: AsyncConnection, ids: Sequence[int], place: str) -> Rows:
    """The same of some customers."""
    query = text(
        f"SELECT customer_id, {place}, order_count, value, total FROM score WHERE customer_id IN :ids"
        " ORDER BY customer_id"
    )
    query = query.bindparams(bindparam("ids", expanding=True, type_=BigInteger))
    return list(map(tuple, await connection.execute(query, {"ids": list(ids)})))


def never_ordered(
    connection: AsyncConnection, as_of: datetime, since: datetime, until: datetime, categories: Sequence[str]
) -> AsyncIterator[Rows]:
    """Who can be reached and was not judged by their orders as of `as_of`: (customer, asked, sessions).

    `asked`: whether they were answered about an entry of these categories before `until`; `sessions` are the
    conversations that began from `since` on and before `until`.
    """
    judged = "SELECT 1 FROM score AS s WHERE s.customer_id = c.id AND s.order_count > 0 AND s.as_of = :as_of"
    query = text(f"{_NEVER_ORDERED} AND NOT EXISTS ({judged}) ORDER BY c.id")
    values = {"as_of": as_of, "since": since, "until": until, "categories": list(categories)}
    return _streamed(connection, _moments(query, "as_of", "since", "until"), values)


async def never_ordered_of(
    connection: AsyncConnection, ids: Sequence[int], since: datetime, until: datetime, categories: Sequence[str]
) -> Rows:
    """The same of customers of whom it is known that they have no order."""
    query = text(f"{_NEVER_ORDERED} AND c.id IN :ids ORDER BY c.id")
    query = _moments(query, "since", "until").bindparams(bindparam("ids", expanding=True, type_=BigInteger))
    values = {"ids": list(ids), "since": since, "until": until, "categories": list(categories)}
    return (await connection.execute(query, values)).all()


def _moments(query: TextClause, *names: str) -> TextClause:
    moments = (bindparam(name, type_=UtcDateTime()) for name in names)
    return query.bindparams(bindparam("categories", expanding=True), *moments)


async def _streamed(connection: AsyncConnection, query: TextClause, values: dict[str, Any]) -> AsyncIterator[Rows]:
    async with connection.stream(query, values) as result:
        async for rows in result.partitions(ROWS_AT_ONCE):
            yield list(map(tuple, rows))


async def _driven(connection: AsyncConnection, query: str, values: dict[str, Any]) -> AsyncIterator[Rows]:
    """SQLite's rows as its driver gives them: of millions, that saves more than half of the time."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    async with driver.execute(query, values) as cursor:
        while rows := await cursor.fetchmany(ROWS_AT_ONCE):
            yield rows
