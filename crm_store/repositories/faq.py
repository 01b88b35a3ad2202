"""The FAQ's rows: what is published, one entry, and how often anything was changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from crm_store.models import FaqEntryRow, FaqIndex, FaqRevision
from crm_store.unit import Unit

_WHOLE = (selectinload(FaqEntryRow.phrasings), selectinload(FaqEntryRow.answers))


async def revision(session: AsyncSession) -> int:
    """A number that grows with every change; 0 for an FAQ that was never written.

    A count, not the largest id: ids are made before the commit, so a smaller one may come later.
    """
    return await session.scalar(select(func.count(FaqRevision.id))) or 0


async def published(session: AsyncSession) -> Sequence[FaqEntryRow]:
    """Everything that customers may be answered from, in the FAQ's own order."""
    query = (
        select(FaqEntryRow).where(FaqEntryRow.withdrawn_at.is_(None)).options(*_WHOLE).order_by(FaqEntryRow.position)
    )
    return (await session.scalars(query)).all()


async def get(unit: Unit, entry_id: str) -> FaqEntryRow | None:
    return await unit.session.get(FaqEntryRow, entry_id, options=_WHOLE)


async def kept_index(session: AsyncSession, fingerprint: str) -> bytes | None:
    """The trained index of this very FAQ, if one was kept."""
    return await session.scalar(select(FaqIndex.content).where(FaqIndex.fingerprint == fingerprint))


async def keep_index(unit: Unit, fingerprint: str, content: bytes) -> None:
    """Keeps the index in the place of any other; another process may have kept the same in the meantime."""
    await unit.session.execute(delete(FaqIndex))
    unit.add(FaqIndex(fingerprint=fingerprint, built_at=unit.now, content=content))
