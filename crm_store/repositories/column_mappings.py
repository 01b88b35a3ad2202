"""How other departments name their columns, remembered by the header of their files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ColumnMapping
from crm_store.unit import Unit


async def remembered(session: AsyncSession, kind: str, header: str) -> dict[str, str]:
    """Theirs to ours; empty if no such file was imported yet."""
    row = await session.get(ColumnMapping, (kind, header))
    return dict(row.columns) if row else {}


async def remember(unit: Unit, kind: str, header: str, columns: dict[str, str], now: datetime) -> None:
    row = await unit.session.get(ColumnMapping, (kind, header))
    if row is None:
        unit.add(ColumnMapping(kind=kind, header=header, columns=columns, at=now))
    elif row.columns != columns:
        row.columns, row.at = columns, now
