"""A customer's orders."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm_store.models import Order
from crm_store.unit import Unit


async def latest(unit: Unit, customer_id: int, limit: int = 1) -> Sequence[Order]:
    """The newest first."""
    query = (
        select(Order).where(Order.customer_id == customer_id).order_by(Order.date.desc(), Order.id.desc()).limit(limit)
    )
    return (await unit.session.scalars(query)).all()


async def get(unit: Unit, order_id: int) -> Order | None:
    return await unit.session.get(Order, order_id)
