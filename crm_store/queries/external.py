"""Customers by the id that the shop's own system gives them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Customer


async def customer_of(session: AsyncSession, external_id: str) -> int | None:
    """The row's id, also of a customer who became part of another."""
    row_id: int | None = await session.scalar(select(Customer.id).where(Customer.external_id == external_id))
    return row_id
