"""Finding the keys of programs."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ApiKey
from crm_store.unit import Unit


async def by_hash(session: AsyncSession, key_hash: str) -> ApiKey | None:
    """Revoked ones too."""
    return (await session.scalars(select(ApiKey).where(ApiKey.key_hash == key_hash))).one_or_none()


async def by_name(unit: Unit, name: str) -> ApiKey | None:
    """Revoked ones too."""
    return (await unit.session.scalars(select(ApiKey).where(ApiKey.name == name))).one_or_none()


async def newest(session: AsyncSession, limit: int) -> Sequence[ApiKey]:
    return (await session.scalars(select(ApiKey).order_by(ApiKey.id.desc()).limit(limit))).all()
