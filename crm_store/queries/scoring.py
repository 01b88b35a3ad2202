"""What judging reads: orders and former judgements as plain numbers, many rows at a time, and who has not ordered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Text,
    TextClause,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import InstrumentedAttribute

from crm_store.columns import UtcDateTime
from crm_store.models import Customer, Order, OrderHistory, Score
from crm_store.store import Store

CUSTOMERS_AT_ONCE, ROWS_AT_ONCE = 30_000, 20_000
OURS, UNSAID, OTHERS, COSTED = 1, 0, 2, 4
"""Whether an order's money is in the currency that was asked for, and whether its cost is known; see `orders`."""
PACKED = 8
"""So much of a NUMERIC(18, 2) in hundredths is still a whole number of 64 bits."""
RFM_PACKED = 1024
Rows = Sequence[Sequence[Any]]
Figure = ColumnElement[Any] | InstrumentedAttribute[Any]
Number = TypeVar("Number", int, Any)
"""Whole numbers: one, an array of them, or a column."""
Columns = tuple[str, ...]
"""A text for each column with commas between the figures: whole numbers, and as many, unless it says otherwise. Rows
come in any order, the same in each column."""

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
AND c.id IN (SELECT customer_id FROM contact_point)"""


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


@dataclass(frozen=True, slots=True)
class Span:
    """The customers after an id and up to another one, who is among them; none is no bound."""

    after: int = 0
    until: int | None = None


Whose = Span | Collection[int]


async def all_spans(connection: AsyncConnection) -> list[Span]:
    """All customers in handfuls of CUSTOMERS_AT_ONCE, by their ids, which are above 0; whoever comes later is in the
    last."""
    after, found = 0, []
    while (until := await _last_of_next(connection, after)) is not None:
        found.append(Span(after, until))
        after = until
    return [*found, Span(after)]


async def _last_of_next(connection: AsyncConnection, after: int) -> int | None:
    query = select(Customer.id).where(Customer.id > after).order_by(Customer.id)
    found: int | None = await connection.scalar(query.offset(CUSTOMERS_AT_ONCE - 1).limit(1))
    return found


async def count_orders(connection: AsyncConnection) -> int:
    """Of all days."""
    return await connection.scalar(select(func.count()).select_from(Order)) or 0


async def orders(connection: AsyncConnection, whose: Whose, currency: str | None) -> Columns:
    """Orders of all days: customer (how far after `first_of`), date as YYYY-MM-DD, `packed` and cost.

    `packed` is PACKED × amount + COSTED if the cost is known + OURS, UNSAID or OTHERS. Money is in hundredths; of costs
    there are the known ones alone.
    """
    asked = literal(currency, Text)  # none equals nothing, not the orders that name none
    is_ours = case((Order.currency == asked, OURS), (Order.currency.is_(None), UNSAID), else_=OTHERS)
    costed = case((Order.cost.is_(None), 0), else_=COSTED)
    packed = PACKED * _hundredths(Order.amount) + costed + is_ours
    figures = Order.customer_id - first_of(whose), _day(connection, Order.date), packed, _hundredths(Order.cost)
    return await _columns(connection, figures, _within(Order.customer_id, whose))


def _day(connection: AsyncConnection, day: Figure) -> ColumnElement[str]:
    """SQLite keeps it as that text; to make it a number there takes longer than all else of an order."""
    if connection.dialect.name == "sqlite":
        return type_coerce(day, Text)
    return func.to_char(day, "YYYY-MM-DD")


def _hundredths(money: Figure) -> ColumnElement[int]:
    return cast(func.round(money * 100), BigInteger)


async def erased(connection: AsyncConnection) -> Sequence[int]:
    return (await connection.scalars(select(Customer.id).where(Customer.erased_at.is_not(None)))).all()


async def places(connection: AsyncConnection, whose: Whose) -> Columns:
    """Judgements that stand: customer (how far after `first_of`), and RFM_PACKED × `packed_place` + rfm or 0."""
    figures = Score.customer_id - first_of(whose), RFM_PACKED * _PLACE + func.coalesce(Score.rfm, 0)
    return await _columns(connection, figures, _within(Score.customer_id, whose))


def packed_place(tier: Number, stage: Number, at_risk: Number) -> Number:
    """The codes in the rows, 0 for none, as one number."""
    return (tier * 16 + stage) * 2 + at_risk


def unpacked_place(place: int) -> tuple[int, int, int]:
    return place >> 5, place >> 1 & 15, place & 1


def _code(column: InstrumentedAttribute[Any]) -> ColumnElement[int]:
    return func.coalesce(type_coerce(column, Integer), 0)


_PLACE: ColumnElement[int] = packed_place(_code(Score.tier), _code(Score.stage), cast(Score.at_risk, Integer))


async def ranks(connection: AsyncConnection, ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Of those customers who have a rank, by customer and tier."""
    query = select(Score.customer_id, Score.tier, Score.rank).where(Score.customer_id.in_(ids), Score.rank.is_not(None))
    return {(who, tier): rank for who, tier, rank in await connection.execute(query) if tier and rank}


async def stood(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, tuple[int, float, float]]:
    """The figures that customers were judged by: orders, value, total."""
    kept = OrderHistory
    query = select(Score.customer_id, kept.order_count, Score.value, kept.total).where(Score.customer_id.in_(ids))
    rows = await connection.execute(query.outerjoin(kept, kept.customer_id == Score.customer_id))
    return {who: (count or 0, value, total or 0.0) for who, count, value, total in rows}


async def with_history(connection: AsyncConnection) -> Sequence[int]:
    """Whose orders are kept as a line."""
    return (await connection.scalars(select(OrderHistory.customer_id))).all()


def first_of(whose: Whose) -> int:
    """From where on customers are counted: whole ids are long numbers, which take longer to write and to read."""
    return whose.after if isinstance(whose, Span) else min(whose, default=0)


async def _columns(connection: AsyncConnection, figures: Sequence[Figure], where: ColumnElement[bool]) -> Columns:
    """Each figure of all rows as one text: of millions of rows, that takes half the time of a Python object for each.
    What is null is left out. The rows are not sorted first: to pass them through a sorted query takes a fifth of the
    time, and as a rule they come by their customers' ids anyway.
    """
    query = select(*(_joined(connection, figure) for figure in figures)).where(where)
    (row,) = (await connection.execute(query)).all()
    return tuple(text or "" for text in row)


def _joined(connection: AsyncConnection, figure: Figure) -> ColumnElement[str]:
    if connection.dialect.name == "sqlite":
        return func.group_concat(figure)  # with its own comma: one that is passed to it takes twice the time
    return func.string_agg(cast(figure, Text), ",")


def _within(who: InstrumentedAttribute[int], whose: Whose) -> ColumnElement[bool]:
    if not isinstance(whose, Span):
        return who.in_(whose)
    after = who > whose.after
    return after if whose.until is None else after & (who <= whose.until)


async def currencies(connection: AsyncConnection, today: date) -> dict[str, int]:
    """How many orders by a day name each currency, those of the erased left out."""
    erased = select(Customer.id).where(Customer.erased_at.is_not(None))
    query = select(Order.currency, func.count()).where(Order.date <= today, Order.currency.is_not(None))
    rows = await connection.execute(query.where(Order.customer_id.not_in(erased)).group_by(Order.currency))
    return {str(currency): count for currency, count in rows}


def never_ordered(
    connection: AsyncConnection, as_of: date, since: datetime, until: datetime, categories: Sequence[str]
) -> AsyncIterator[Rows]:
    """Who can be reached and was not judged by their orders as of `as_of`: (customer, asked, sessions).

    `asked`: whether they were answered about an entry of these categories before `until`; `sessions` are the
    conversations that began from `since` on and before `until`.
    """
    judged = "SELECT 1 FROM score AS s WHERE s.customer_id = c.id AND s.tier IS NOT NULL AND s.as_of = :as_of"
    query = text(f"{_NEVER_ORDERED} AND NOT EXISTS ({judged}) ORDER BY c.id")
    values = {"as_of": as_of, "since": since, "until": until, "categories": list(categories)}
    query = _moments(query, "since", "until").bindparams(bindparam("as_of", type_=Date))
    return _streamed(connection, query, values)


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
