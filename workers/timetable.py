"""Runs what is due: rows with next_run_at, each claimed, then its job in a unit of its own, one after the other.

A job that takes long belongs into a timetable of its own, so that what must be on time does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from crm_store.repositories import schedule
from crm_store.storable import storable
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from support.meters import Meters
from workers.claims import Claim, ClaimLostError, Claims

log = structlog.get_logger()

LOOK_SECONDS = 1.0
TRIES = 5
RETRY = timedelta(minutes=1)
LONGEST_RETRY = 10 * RETRY

Job = Callable[[Unit, dict[str, Any]], Awaitable[datetime | None]]
"""May say when it is to run again, if it is recurring; else that is one period later."""


class Timetable:
    """`jobs` are named in the rows, and others' rows left alone.

    A job that fails, or ends the whole process, is tried again; after TRIES it is given up, unless it is recurring.
    """

    def __init__(self, store: Store, jobs: Mapping[str, Job], meters: Meters | None = None) -> None:
        self._meters = meters or Meters()
        self._store, self._jobs, self._claims = store, jobs, Claims(store)
        self._cut_short: list[Claim] = []

    async def run(self, stopping: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(self._claims.keep())
            await self._look(stopping)
            keeping.cancel()

    async def _look(self, stopping: asyncio.Event) -> None:
        with self._store.signals.listen("stop") as changed:
            while not stopping.is_set():
                try:
                    await self.step(stopping)
                except StoreUnavailableError as error:
                    log.error("timetable.unavailable", problem=str(error))
                await changed.wait(LOOK_SECONDS)

    async def step(self, stopping: asyncio.Event | None = None) -> int:
        """Runs what is due now and nobody else has claimed; returns how many rows. Begins none when stopping.

        Raises StoreUnavailableError.
        """
        await self._forgive()
        async with self._store.read() as session:
            due = await schedule.due(session, self._store.clock(), self._jobs.keys())
        ran = 0
        for row in due:
            if stopping and stopping.is_set():
                break
            if claim := await self._claims.take(row):
                await self._work(claim)
                ran += 1
        return ran

    async def _work(self, claim: Claim) -> None:
        try:
            await self._try(claim)
        except ClaimLostError as error:  # whoever has the row now does it, and nothing of ours was written
            log.warning("timetable.lost", problem=str(error))
            self._count(claim, "lost")

    async def _try(self, claim: Claim) -> None:
        if claim.row.attempts >= TRIES and not claim.row.every_seconds:  # no failure was seen: it ended the process
            await self._store.run(partial(self._give_up, claim))
            self._count(claim, "failed")
            return
        try:
            await self._store.run(partial(self._run, claim))
            self._count(claim, "done")
        except ClaimLostError:
            raise
        except StoreUnavailableError:
            self._cut_short.append(claim)
            await self._forgive()
            raise
        except Exception as error:  # noqa: BLE001 - one broken job must not stop the clock for the others
            await self._store.run(partial(self._failed, claim, error))
            self._count(claim, "failed")

    async def _forgive(self) -> None:
        """Attempts that ended with the database do not count, as soon as it is back."""
        while self._cut_short:
            with suppress(ClaimLostError):  # another process has begun it meanwhile
                await self._store.run(self._cut_short[0].forgive)
            self._cut_short.pop(0)

    def _count(self, claim: Claim, result: str) -> None:
        self._meters.jobs.labels(claim.row.job, result).inc()

    async def _run(self, claim: Claim, unit: Unit) -> None:
        row = claim.row
        async with self._claims.held(claim):
            said = await self._jobs[row.job](unit, row.payload)
        if row.every_seconds:
            await claim.put_off(unit, said or unit.now + timedelta(seconds=row.every_seconds))
        else:
            await claim.end(unit)

    async def _failed(self, claim: Claim, error: Exception, unit: Unit) -> None:
        row, attempts = claim.row, claim.row.attempts + 1
        log.error("timetable.failed", job=row.job, error=type(error).__name__)
        if attempts >= TRIES and not row.every_seconds:
            await self._give_up(claim, unit)
        else:
            until = unit.now + min(RETRY * attempts, LONGEST_RETRY)
            await claim.put_off(unit, until, attempts, storable(f"{type(error).__name__}: {error}"))

    async def _give_up(self, claim: Claim, unit: Unit) -> None:
        log.error("timetable.given_up", job=claim.row.job, key=claim.row.key)
        await claim.end(unit)
