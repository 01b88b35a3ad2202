"""Reading the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Touchpoint
from crm_store.unit import Unit


async def get(unit: Unit, touchpoint_id: int) -> Touchpoint | None:
    return await unit.session.get(Touchpoint, touchpoint_id)


async def by_ref(unit: Unit, contact_point_id: int, ref: int) -> Sequence[Touchpoint]:
    """All states of an inbound message that the channel numbers `ref`: the first, then its edits."""
    query = (
        select(Touchpoint)
        .where(Touchpoint.contact_point_id == contact_point_id, Touchpoint.channel_ref == ref)
        .order_by(Touchpoint.id)
    )
    return (await unit.session.scalars(query)).all()


async def by_client_key(unit: Unit, contact_point_id: int, key: str) -> Touchpoint | None:
    query = select(Touchpoint).where(Touchpoint.contact_point_id == contact_point_id, Touchpoint.client_key == key)
    return (await unit.session.scalars(query)).one_or_none()


async def latest(session: AsyncSession, contact_point_id: int, limit: int = 100, after: int = 0) -> list[Touchpoint]:
    """The newest touchpoints of a contact point, oldest first."""
    query = (
        select(Touchpoint)
        .where(Touchpoint.contact_point_id == contact_point_id, Touchpoint.id > after)
        .order_by(Touchpoint.id.desc())
        .limit(limit)
    )
    return list((await session.scalars(query)).all())[::-1]


async def has_said(unit: Unit, contact_point_id: int, *, before: int) -> bool:
    """Whether anything was heard from there before this touchpoint; what this very unit heard counts too."""
    fresh = (row for row in unit.session.new if isinstance(row, Touchpoint))
    if any(row.contact_point_id == contact_point_id and row.direction == "in" and row.id != before for row in fresh):
        return True
    query = select(Touchpoint.id).where(
        Touchpoint.contact_point_id == contact_point_id, Touchpoint.direction == "in", Touchpoint.id != before
    )
    return await unit.session.scalar(query.limit(1)) is not None
