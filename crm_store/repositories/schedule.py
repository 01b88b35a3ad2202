"""The timetable's rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Delete, Table, Update, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Schedule
from crm_store.repositories.search_index import dialect_of
from crm_store.store import Store
from crm_store.unit import Unit

SCHEDULE = cast(Table, Schedule.__table__)


async def ask_for(
    unit: Unit,
    key: str,
    job: str,
    at: datetime,
    payload: dict[str, Any] | None = None,
    *,
    every_seconds: int | None = None,
) -> None:
    """Plans a job once per key: asking again while it waits changes nothing, asking while it runs plans it once more.

    Written at the unit's end, where a waiting row is held until the unit is written: its job begins later and sees
    what the unit wrote, or began before and does not count. What is recurring needs no second row.
    """
    if ("schedule", key) not in unit.memory:
        unit.memory["schedule", key] = True
        asked = {"id": new_id(), "key": key, "job": job, "payload": payload or {}, "next_run_at": at}
        unit.finish_with(partial(_ask, asked | {"every_seconds": every_seconds}))


async def _ask(asked: Mapping[str, Any], session: AsyncSession) -> None:
    insert = sqlite_insert if dialect_of(session).name == "sqlite" else postgres_insert
    held = {"key": asked["key"]}
    await session.execute(insert(SCHEDULE).values(asked).on_conflict_do_update(index_elements=["key"], set_=held))


async def is_asked_for(session: AsyncSession, key: str) -> bool:
    """Whether a job waits or runs that was asked for under this key."""
    running = Schedule.key.startswith(f"{key}:", autoescape=True)
    return await session.scalar(select(Schedule.id).where(or_(Schedule.key == key, running)).limit(1)) is not None


async def payloads(session: AsyncSession, job: str) -> Sequence[dict[str, Any]]:
    """Of all that waits or runs of a job."""
    return (await session.scalars(select(Schedule.payload).where(Schedule.job == job))).all()


async def due(session: AsyncSession, now: datetime, jobs: Collection[str], limit: int = 50) -> Sequence[Schedule]:
    """The oldest of these jobs; others', which pile up where nobody runs them, must not take their places."""
    query = select(Schedule).where(Schedule.next_run_at <= now, Schedule.job.in_(jobs))
    return (await session.scalars(query.order_by(Schedule.next_run_at).limit(limit))).all()


async def claim(store: Store, row: Schedule, until: datetime) -> bool:
    """Takes a row as it was read for an attempt, in a transaction of its own; says whether it was still so.

    From then on the key is free for whoever asks once more.
    """
    values = {"next_run_at": until, "attempts": Schedule.attempts + 1, "key": _running(row)}
    return await _move(store, row.id, row.next_run_at, values)


def _running(row: Schedule) -> str:
    own = f":{row.id}"
    return row.key if row.every_seconds or row.key.endswith(own) else row.key + own


async def move(store: Store, row_id: int, since: datetime, to: datetime) -> bool:
    """Moves a row's time in a transaction of its own, if it is still `since`; says whether it was."""
    return await _move(store, row_id, since, {"next_run_at": to})


async def _move(store: Store, row_id: int, since: datetime, values: Mapping[str, Any]) -> bool:
    async with store.write() as connection:
        hit = await connection.execute(update(Schedule).where(_marked(row_id, since)).values(values))
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
