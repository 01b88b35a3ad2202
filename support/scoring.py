"""Judges every customer anew from their orders, and keeps the judgements."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from analytics.scoring import CustomerScore, score
from crm_store.models import Customer, Order, Score
from crm_store.store import Store

HORIZON_DAYS = 90
"""The period that value and risk speak of: a quarter."""

KEPT = tuple(name for name in CustomerScore._fields if name in Score.__table__.columns)
"""A score's columns that are figures of the judgement, by the same names."""


async def rescore(store: Store, as_of: date) -> int:
    """Scores all customers with an order by `as_of` and drops the scores of all others; returns how many have one.

    Money in another currency than the shop's most frequent one is left out of sums (analytics.orders).
    Raises StoreUnavailableError.
    """
    async with store.read() as session:
        orders, currency = await _read_orders(session, as_of)
    scores = await asyncio.to_thread(score, orders, as_of, HORIZON_DAYS)
    rows = [_row(judged, as_of, currency) for judged in scores]
    async with store.write() as connection:
        await _keep(connection, rows)
        scored = select(Order.customer_id).where(Order.date <= as_of, _of_somebody())
        await connection.execute(delete(Score).where(Score.customer_id.not_in(scored)))
    return len(rows)


async def _read_orders(session: AsyncSession, as_of: date) -> tuple[dict[str, Sequence[Any]], str | None]:
    """The columns that scoring wants, and the most frequent currency."""
    columns_read = (Order.customer_id, Order.date, Order.amount, Order.currency, Order.cost)
    query = select(*columns_read).where(Order.date <= as_of, _of_somebody())
    rows = (await session.execute(query)).all()
    columns: dict[str, Sequence[Any]] = {
        "customer_id": [row.customer_id for row in rows],
        "date": [row.date for row in rows],
        "amount": [row.amount for row in rows],
        "currency": [row.currency for row in rows],
        "cost": [row.cost for row in rows],
    }
    return columns, _most_frequent(row.currency for row in rows)


def _of_somebody() -> ColumnElement[bool]:
    """Erased customers keep their orders, and nobody is judged by them any more."""
    return Order.customer_id.not_in(select(Customer.id).where(Customer.erased_at.is_not(None)))


def _most_frequent(currencies: Iterable[str | None]) -> str | None:
    counted = Counter(filter(None, currencies))
    return min(counted, key=lambda currency: (-counted[currency], currency), default=None)


def _row(judged: CustomerScore, as_of: date, currency: str | None) -> dict[str, Any]:
    figures = {name: getattr(judged, name) for name in KEPT}
    return {"as_of": datetime.combine(as_of, time(tzinfo=UTC)), "currency": currency} | figures


async def _keep(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    statement = insert(Score)
    replaced = {column.name: column for column in statement.excluded if column.name != "customer_id"}
    await connection.execute(statement.on_conflict_do_update(index_elements=["customer_id"], set_=replaced), rows)
