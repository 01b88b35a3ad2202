"""The FAQ's drafts, and the former states that may become one again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm_store.models import FaqDraft, FaqEntryRow, FaqRevision
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


async def every(unit: Unit) -> dict[str, set[str]]:
    """All drafts: an entry's id, and the wordings that it is to have."""
    rows = (await unit.session.execute(select(FaqDraft.entry_id, FaqDraft.content))).all()
    return {entry_id: {text for texts in kept["questions"].values() for text in texts} for entry_id, kept in rows}


async def entry_ids(unit: Unit) -> set[str]:
    """All that the store keeps, withdrawn ones too."""
    return set(await unit.session.scalars(select(FaqEntryRow.id)))


async def revision(unit: Unit, revision_id: int) -> FaqRevision | None:
    return await unit.session.get(FaqRevision, revision_id)


async def revisions(unit: Unit, entry_id: str, limit: int, offset: int) -> Sequence[FaqRevision]:
    """A page of an entry's history, the newest change first."""
    query = select(FaqRevision).where(FaqRevision.entry_id == entry_id).order_by(FaqRevision.id.desc())
    return (await unit.session.scalars(query.limit(limit).offset(offset))).all()


def _key(entry_id: str) -> tuple[str, str]:
    return "faq_draft", entry_id
