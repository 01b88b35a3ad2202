"""A customer by what staff call them: the shop's number, or ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Customer
from crm_store.queries.external import customer_of
from crm_store.repositories import merges
from support.customers.errors import UnknownCustomerError

LARGEST_ID = 2**63 - 1
ID_DIGITS = len(str(LARGEST_ID))
"""Looked at first: Python refuses to read numbers of thousands of digits."""


async def named(session: AsyncSession, name: str) -> int:
    """The customer of this name; for a merged record, the one it became part of. Raises UnknownCustomerError."""
    record = await record_named(session, name)
    return await merges.living(session, record) or record


async def record_named(session: AsyncSession, name: str) -> int:
    """The record of this very name, even if it was merged. Raises UnknownCustomerError."""
    found = await customer_of(session, name)
    if found is None and _may_be_id(name):
        found = await session.scalar(select(Customer.id).where(Customer.id == int(name)))
    if found is None:
        raise UnknownCustomerError(name)
    return found


def _may_be_id(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) <= ID_DIGITS and int(name) <= LARGEST_ID


async def erased_at(session: AsyncSession, customer_id: int) -> datetime | None:
    """When the customer was erased; None for one who was not, or is not there."""
    found: datetime | None = await session.scalar(select(Customer.erased_at).where(Customer.id == customer_id))
    return found
