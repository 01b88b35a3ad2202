"""Accepted updates take effect: in order per chat, many chats in one unit of work, each update exactly once.

A batch holds the first waiting update of each of many chats. If anything in it fails, the unit is forgotten and each
update runs alone, so a poison update harms only itself: it is tried again and then set aside with its error. One that
kills the process is known by its count of attempts, which is written before the work begins.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from crm_store.repositories import inbox
from crm_store.repositories.inbox import Accepted
from crm_store.store import CONFLICTS, Store, StoreUnavailableError
from crm_store.unit import Ephemeral, Unit
from support.meters import Meters
from workers.tracing import place

log = structlog.get_logger()

BATCH = 100
TRIES = 3
STARTS = 6
RETRY_SECONDS = 0.2
LOOK_SECONDS = 1.0
UNAVAILABLE_SECONDS = 1.0

Update = dict[str, Any]
Dispatch = Callable[[Unit, Update], Awaitable[None]]
Prepare = Callable[[Unit, Sequence[Update]], Awaitable[None]]


class Processor:
    """Works the inbox off. `prepare` reads ahead for a batch; `dispatch` lets one update take effect in a unit."""

    def __init__(
        self,
        store: Store,
        dispatch: Dispatch,
        prepare: Prepare,
        after: Callable[[Sequence[Ephemeral]], None] = lambda _: None,
        meters: Meters | None = None,
    ) -> None:
        self._meters = meters or Meters()
        self._store, self._dispatch, self._prepare, self._after = store, dispatch, prepare, after
        self._resting: dict[int, float] = {}
        self._started: set[int] = set()
        self._forgiven: Counter[int] = Counter()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; what has begun is finished first."""
        with self._store.signals.listen("inbox", "stop") as changed:
            while not stopping.is_set():
                try:
                    worked = await self.step()
                except StoreUnavailableError as error:
                    log.error("processing.unavailable", problem=str(error))
                    await asyncio.sleep(UNAVAILABLE_SECONDS)
                    continue
                if not worked:
                    await changed.wait(RETRY_SECONDS if self._resting else LOOK_SECONDS)

    async def step(self) -> int:
        """Works on the first update of each chat; returns how many there were. Raises StoreUnavailableError."""
        now = asyncio.get_running_loop().time()
        self._resting = {chat: until for chat, until in self._resting.items() if until > now}
        async with self._store.read() as session:
            rows = await inbox.oldest_per_chat(session, BATCH, list(self._resting))
        if not rows:
            return 0
        self._started.clear()
        try:
            await self._work(rows)
        except StoreUnavailableError:  # no fault of the updates: these starts are not held against them
            self._forgiven.update(self._started)
            raise
        if not self._resting:
            self._forgiven.clear()
        return len(rows)

    async def _work(self, rows: Sequence[Accepted]) -> None:
        """Those that were never begun in one unit; one that was, and did not end, is begun and counted by itself."""
        fresh = [row for row in rows if row.attempts == 0]
        if fresh:
            await self._start(fresh)
        together = [row for row in fresh if row.chat_id > 0]
        alone = [row for row in fresh if row.chat_id <= 0]
        if together and not await self._together(together):
            alone = [*together, *alone]
        for row in alone:
            await self._alone(row)
        for row in (row for row in rows if row.attempts > 0):
            await self._start([row])
            await self._alone(row)

    async def _start(self, rows: Sequence[Accepted]) -> None:
        async with self._store.write() as connection:
            await inbox.start(connection, [row.id for row in rows])
        self._started.update(row.id for row in rows)

    async def _together(self, rows: Sequence[Accepted]) -> bool:
        """One unit for all; False if it had to be forgotten."""
        try:
            await self._effect(rows)
        except CONFLICTS:
            self._meters.conflicts.inc()
            return False
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others must not suffer from it
            log.info("processing.batch_split", updates=len(rows), error=type(error).__name__)
            return False
        return True

    async def _alone(self, row: Accepted) -> None:
        before = row.attempts - self._forgiven[row.id]
        if before >= STARTS:
            await self._set_aside(row, "the process ended each time while working on this update")
            return
        try:
            await self._effect_with_conflicts(row)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - a poison update is kept with its error and blocks only itself
            log.warning(
                "processing.failed", update=row.update_id, chat=row.chat_id, attempt=before + 1, at=place(error)
            )
            if before + 1 >= TRIES:
                await self._set_aside(row, f"{type(error).__name__}: {error} at {place(error)}")
            else:
                self._meters.update_retries.inc()
                self._resting[row.chat_id] = asyncio.get_running_loop().time() + RETRY_SECONDS * 2**before

    async def _effect_with_conflicts(self, row: Accepted) -> None:
        """Somebody else changed the same rows: simply once more."""
        for _ in range(2):
            try:
                await self._effect([row])
            except CONFLICTS:
                self._meters.conflicts.inc()
                continue
            return
        await self._effect([row])

    async def _effect(self, rows: Sequence[Accepted]) -> None:
        updates = [json.loads(row.body) for row in rows]
        async with self._store.unit() as unit:
            await self._prepare(unit, updates)
            for row, update in zip(rows, updates, strict=True):
                with structlog.contextvars.bound_contextvars(update=row.update_id, chat=row.chat_id):
                    await self._dispatch(unit, update)
            await inbox.finish(unit, [row.id for row in rows])
        now = self._store.clock()
        for row in rows:
            self._meters.decided_after(now - row.received_at)
        self._after(unit.ephemeral)

    async def _set_aside(self, row: Accepted, error: str) -> None:
        log.error("processing.set_aside", update=row.update_id, chat=row.chat_id)
        async with self._store.write() as connection:
            await inbox.set_aside(connection, row.id, error)
        self._meters.set_aside.inc()
