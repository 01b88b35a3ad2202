"""Requests that took effect, by their caller and their Idempotency-Key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import IdempotencyKey
from crm_store.unit import Unit


async def find(session: AsyncSession, api_key_id: int, key: str) -> IdempotencyKey | None:
    query = select(IdempotencyKey).where(IdempotencyKey.api_key_id == api_key_id, IdempotencyKey.key == key)
    return (await session.scalars(query)).one_or_none()


async def keep(connection: AsyncConnection, **values: Any) -> None:
    """In the transaction of the request's effect. Raises IntegrityError if the same request was faster."""
    await connection.execute(insert(IdempotencyKey).values(**values))


async def forget(unit: Unit, before: datetime) -> None:
    await unit.session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < before))
