"""Finding FAQ entries by what is written in them, withdrawn ones too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from crm_store.models import FaqEntryRow, FaqPhrasing
from crm_store.unit import Unit


async def by_ids(unit: Unit, ids: Iterable[str]) -> Sequence[FaqEntryRow]:
    """The stored ones of these entries, whole, in no order."""
    whole = (selectinload(FaqEntryRow.phrasings), selectinload(FaqEntryRow.answers))
    return (await unit.session.scalars(select(FaqEntryRow).where(FaqEntryRow.id.in_(ids)).options(*whole))).all()


async def ids_with(unit: Unit, words: str, limit: int) -> Sequence[str]:
    """At most `limit` entries whose id or question holds the words as they stand, in the FAQ's own order."""
    asked = select(FaqPhrasing.entry_id).where(FaqPhrasing.text.icontains(words, autoescape=True))
    query = (
        select(FaqEntryRow.id)
        .where(or_(FaqEntryRow.id.icontains(words, autoescape=True), FaqEntryRow.id.in_(asked)))
        .order_by(FaqEntryRow.position, FaqEntryRow.id)
        .limit(limit)
    )
    return (await unit.session.scalars(query)).all()


async def last_position(unit: Unit) -> int:
    """Where the FAQ ends; 0 for an empty one."""
    newest = select(FaqEntryRow.position).order_by(FaqEntryRow.position.desc()).limit(1)
    return await unit.session.scalar(newest) or 0
