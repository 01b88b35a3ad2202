"""Rows of stored files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import StoredFile
from crm_store.repositories import schedule
from crm_store.unit import Unit

DISCARD = "discard_files"
"""The timetable's job that deletes bytes by their `paths`."""


async def get(unit: Unit, file_id: int) -> StoredFile | None:
    return await unit.session.get(StoredFile, file_id)


async def by_ids(session: AsyncSession, file_ids: Iterable[int]) -> dict[int, StoredFile]:
    rows = await session.scalars(select(StoredFile).where(StoredFile.id.in_(list(file_ids))))
    return {row.id: row for row in rows}


async def fetched(unit: Unit, file_id: int, kept: dict[str, Any] | None, error: str | None) -> None:
    """The bytes are here (`kept`: path, size, sha256, mime), or will never be."""
    row = await get(unit, file_id)
    if row is None:  # erased while it was fetched
        await discard(unit, kept)
        return
    if kept and "path" in kept:
        row.path, row.size, row.sha256, row.mime = kept["path"], kept["size"], kept["sha256"], kept["mime"]
    else:
        row.error = error or "not to be had"
    unit.touch(f"contact:{row.contact_point_id}")


async def discard(unit: Unit, kept: dict[str, Any] | None) -> None:
    """The timetable takes away bytes that nobody asks for any more."""
    if kept and "path" in kept:
        await schedule.ask_for(unit, f"{DISCARD}:{kept['path']}", DISCARD, unit.now, {"paths": [kept["path"]]})
