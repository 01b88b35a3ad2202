"""The timetable's rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Schedule
from crm_store.unit import Unit


async def ask_for(
    unit: Unit,
    key: str,
    job: str,
    at: datetime,
    payload: dict[str, Any] | None = None,
    *,
    every_seconds: int | None = None,
) -> None:
    """Plans a job once per key; asking again while it waits changes nothing."""

    async def load() -> Schedule | None:
        return (await unit.session.scalars(select(Schedule).where(Schedule.key == key))).one_or_none()

    if await unit.once(("schedule", key), load) is None:
        unit.memory["schedule", key] = unit.add(
            Schedule(id=new_id(), key=key, job=job, payload=payload or {}, next_run_at=at, every_seconds=every_seconds)
        )


async def due(session: AsyncSession, now: datetime, jobs: Collection[str], limit: int = 50) -> Sequence[Schedule]:
    """The oldest of these jobs; others', which pile up where nobody runs them, must not take their places."""
    query = select(Schedule).where(Schedule.next_run_at <= now, Schedule.job.in_(jobs))
    return (await session.scalars(query.order_by(Schedule.next_run_at).limit(limit))).all()
