"""The history of FAQ entries: what each was after a change."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm_store.models import FaqRevision
from crm_store.unit import Unit


async def get(unit: Unit, revision_id: int) -> FaqRevision | None:
    return await unit.session.get(FaqRevision, revision_id)


async def newest(unit: Unit, entry_id: str, limit: int, offset: int = 0) -> Sequence[FaqRevision]:
    """A page of an entry's history, the newest change first."""
    query = select(FaqRevision).where(FaqRevision.entry_id == entry_id).order_by(FaqRevision.id.desc())
    return (await unit.session.scalars(query.limit(limit).offset(offset))).all()
