"""Runs what is due: rows with next_run_at, each job in a unit of its own, one after the other.

A job that takes long belongs into a timetable of its own, so that what must be on time does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from crm_store.models import Schedule
from crm_store.repositories import schedule
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit

log = structlog.get_logger()

LOOK_SECONDS = 1.0
TRIES = 5
RETRY = timedelta(minutes=1)

Job = Callable[[Unit, dict[str, Any]], Awaitable[None]]


class Timetable:
    """`jobs` are named in the rows, and others' rows left alone; a job that fails is tried again, then given up."""

    def __init__(self, store: Store, jobs: Mapping[str, Job]) -> None:
        self._store, self._jobs = store, jobs

    async def run(self, stopping: asyncio.Event) -> None:
        with self._store.signals.listen("stop") as changed:
            while not stopping.is_set():
                try:
                    await self.step()
                except StoreUnavailableError as error:
                    log.error("timetable.unavailable", problem=str(error))
                await changed.wait(LOOK_SECONDS)

    async def step(self) -> int:
        """Runs what is due now; returns how many rows. Raises StoreUnavailableError."""
        async with self._store.read() as session:
            due = await schedule.due(session, self._store.clock(), self._jobs.keys())
        for row in due:
            try:
                await self._store.run(partial(self._run, row.id))
            except StoreUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - one broken job must not stop the clock for the others
                await self._store.run(partial(self._failed, row.id, error))
        return len(due)

    async def _run(self, row_id: int, unit: Unit) -> None:
        row = await unit.session.get(Schedule, row_id)
        if row is None or row.next_run_at > unit.now:
            return
        if row.every_seconds:
            row.next_run_at, row.attempts = unit.now + timedelta(seconds=row.every_seconds), 0
        else:
            await unit.session.delete(row)
        await self._jobs[row.job](unit, row.payload)

    async def _failed(self, row_id: int, error: Exception, unit: Unit) -> None:
        row = await unit.session.get(Schedule, row_id)
        if row is None:
            return
        log.error("timetable.failed", job=row.job, error=type(error).__name__)
        row.attempts, row.error = row.attempts + 1, f"{type(error).__name__}: {error}"
        if row.attempts >= TRIES and not row.every_seconds:
            await unit.session.delete(row)
        else:
            row.next_run_at = unit.now + RETRY * row.attempts
