"""The timetable's rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Schedule
from crm_store.store import Store
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


async def move(store: Store, row_id: int, since: datetime, to: datetime) -> bool:
    """Moves a row's time in a transaction of its own, if it is still `since`; says whether it was."""
    async with store.write() as connection:
        hit = await connection.execute(update(Schedule).where(_marked(row_id, since)).values(next_run_at=to))
    return hit.rowcount == 1


async def remove(unit: Unit, row_id: int, mark: datetime) -> bool:
    """Removes a row in the unit's transaction, if its time is still `mark`; says whether it was."""
    return await _write(unit, delete(Schedule).where(_marked(row_id, mark)))


async def change(unit: Unit, row_id: int, mark: datetime, values: Mapping[str, Any]) -> bool:
    """Changes a row in the unit's transaction, if its time is still `mark`; says whether it was."""
    return await _write(unit, update(Schedule).where(_marked(row_id, mark)).values(**values))


def _marked(row_id: int, mark: datetime) -> ColumnElement[bool]:
    return and_(Schedule.id == row_id, Schedule.next_run_at == mark)


async def _write(unit: Unit, statement: Update | Delete) -> bool:
    """Begins the unit's transaction, so it comes last."""
    result = await unit.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount == 1
