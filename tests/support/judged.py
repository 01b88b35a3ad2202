"""What is kept of customers' judgements and orders, by their numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from analytics.rfm import segment_of
from crm_store.models import Customer, OrderHistory, Score
from crm_store.store import Store

COUNTED = {"currency": None, "order_count": 0, "order_days": 0, "first_order": None, "last_order": None} | {
    "usual_gap_days": None, "total": 0.0, "cost": 0.0, "uncosted": 0.0, "left_out": 0
}  # fmt: skip


async def scores(store: Store) -> dict[str, Any]:
    """The columns of Score and, of whoever has ordered, of OrderHistory, by their names, with the segment."""
    query = (
        select(Customer.external_id, Score, OrderHistory)
        .join(Score, Score.customer_id == Customer.id)
        .outerjoin(OrderHistory, OrderHistory.customer_id == Score.customer_id)
    )
    async with store.read() as session:
        return {str(number): _all_of(score, history) for number, score, history in await session.execute(query)}


def _all_of(score: Score, history: OrderHistory | None) -> SimpleNamespace:
    counted = _columns(history) if history else COUNTED
    return SimpleNamespace(segment=segment_of(score.rfm) if score.rfm else None, **counted | _columns(score))


def _columns(row: Score | OrderHistory) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
