"""The FAQ's drafts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import FaqDraft, FaqEntryRow
from crm_store.unit import Unit


async def get(unit: Unit, entry_id: str) -> FaqDraft | None:
    """Also what this unit has only just made, and None for what it has thrown away."""
    row: FaqDraft | None = await unit.once(_key(entry_id), lambda: unit.session.get(FaqDraft, entry_id))
    return row


def add(unit: Unit, row: FaqDraft) -> None:
    unit.memory[_key(row.entry_id)] = unit.add(row)


async def remove(unit: Unit, row: FaqDraft) -> None:
    unit.memory[_key(row.entry_id)] = None
    if row in unit.session.new:
        unit.session.expunge(row)
    else:
        await unit.session.delete(row)


async def newest(unit: Unit, limit: int, offset: int) -> Sequence[FaqDraft]:
    """A page of the drafts, the one changed last first."""
    query = select(FaqDraft).order_by(FaqDraft.at.desc(), FaqDraft.entry_id).limit(limit).offset(offset)
    return (await unit.session.scalars(query)).all()


async def contents(session: AsyncSession) -> dict[str, dict[str, Any]]:
    """All drafts: an entry's id, and what it is to say."""
    rows = await session.execute(select(FaqDraft.entry_id, FaqDraft.content).order_by(FaqDraft.entry_id))
    return dict(rows.all())


async def exist(session: AsyncSession) -> bool:
    return await session.scalar(select(FaqDraft.entry_id).limit(1)) is not None


async def taken_ids(session: AsyncSession) -> set[str]:
    """Every id that an entry has, had before it was withdrawn, or will have."""
    return set(await session.scalars(union(select(FaqEntryRow.id), select(FaqDraft.entry_id))))


def _key(entry_id: str) -> tuple[str, str]:
    return "faq_draft", entry_id
