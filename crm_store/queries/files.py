"""Stored files and whose they are."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactPoint, StoredFile


class FileRow(NamedTuple):
    """A file with the address of the person whose chat it belongs to."""

    path: str | None
    name: str | None
    channel: str
    address: str


async def stored(session: AsyncSession, file_id: int) -> FileRow | None:
    query = (
        select(StoredFile.path, StoredFile.name, ContactPoint.channel, ContactPoint.address)
        .join(ContactPoint, ContactPoint.id == StoredFile.contact_point_id)
        .where(StoredFile.id == file_id)
    )
    row = (await session.execute(query)).one_or_none()
    return FileRow(*row) if row else None
