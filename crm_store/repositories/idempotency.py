"""Requests that took effect, by their caller and their Idempotency-Key."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import IdempotencyKey


async def find(session: AsyncSession, api_key_id: int, key: str) -> IdempotencyKey | None:
    query = select(IdempotencyKey).where(IdempotencyKey.api_key_id == api_key_id, IdempotencyKey.key == key)
    return (await session.scalars(query)).one_or_none()


async def keep(connection: AsyncConnection, **values: Any) -> None:
    """In the transaction of the request's effect. Raises IntegrityError if the same request was faster."""
    await connection.execute(insert(IdempotencyKey).values(**values))
