"""Accepted updates take effect: in order per chat, many chats in one unit of work, each update exactly once.

A batch holds the first waiting update of each of many chats, which this process has taken for itself. If anything in it
fails, the unit is forgotten and each update runs alone, so a poison update harms only itself: it is tried again and
then set aside with its error. One that kills is known by the count of processes that ended with it in their hands. A
process that was taken for dead has lost what it held: the unit that would have finished it is forgotten.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

import structlog

from crm_store.repositories import inbox
from crm_store.repositories.inbox import Accepted, LeaseLostError
from crm_store.store import CONFLICTS, Store, StoreUnavailableError
from crm_store.unit import Ephemeral, Unit
from support.meters import Meters
from workers.tracing import place

log = structlog.get_logger()

BATCH = 100
SHARED_BATCH = 50
"""Where other processes may work too: one must not take all chats that wait while the others stand idle."""
TRIES = 3
STARTS = 6
RETRY_SECONDS = 0.2
LOOK_SECONDS = 1.0
UNAVAILABLE_SECONDS = 1.0

Update = dict[str, Any]
Dispatch = Callable[[Unit, Update], Awaitable[None]]
Prepare = Callable[[Unit, Sequence[Update]], Awaitable[None]]


class Holder(Protocol):
    """In whose name updates are taken: this process among those that share the database (workers.membership)."""

    @property
    def token(self) -> int:
        """What is taken carries it; another one after this process was taken for dead."""
        ...


class Processor:
    """Works the inbox off. `prepare` reads ahead for a batch; `dispatch` lets one update take effect in a unit."""

    def __init__(
        self,
        store: Store,
        dispatch: Dispatch,
        prepare: Prepare,
        holder: Holder,
        after: Callable[[Sequence[Ephemeral]], None] = lambda _: None,
        meters: Meters | None = None,
    ) -> None:
        self._store, self._dispatch, self._prepare, self._after = store, dispatch, prepare, after
        self._holder, self._token = holder, holder.token
        self._meters = meters or Meters()
        self._batch = BATCH if store.is_sqlite else SHARED_BATCH
        self._held: dict[int, Accepted] = {}
        self._knows_all = True
        self._tries: Counter[int] = Counter()
        self._resting: dict[int, float] = {}

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; what has begun is finished first, and what is held is given back."""
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
        try:
            await self._give_back(list(self._held))
        except StoreUnavailableError as error:  # they are freed when this process leaves, or is missed
            log.warning("processing.kept", updates=len(self._held), problem=str(error))

    async def step(self) -> int:
        """Works on what is held, or on the first update of each chat; how many there were. Raises
        StoreUnavailableError; what was held then stays so and comes first next time.
        """
        if self._token != self._holder.token:
            self._forget(list(self._held))
            self._token = self._holder.token
        rows = self._due() or await self._claim()
        try:
            await self._work(rows)
        except LeaseLostError as error:
            log.warning("processing.lease_lost", problem=str(error))
            await self._give_back([row.id for row in rows])
        return len(rows)

    def _due(self) -> list[Accepted]:
        now = asyncio.get_running_loop().time()
        self._resting = {row: until for row, until in self._resting.items() if until > now}
        return [row for row in self._held.values() if row.id not in self._resting]

    async def _claim(self) -> list[Accepted]:
        """Nothing if others take the same at this moment: the next look finds what is left."""
        try:
            return await self._take()
        except CONFLICTS:
            self._meters.conflicts.inc()
            return []

    async def _take(self) -> list[Accepted]:
        """If the last answer was lost, there may be what this process has taken without hearing of it."""
        knew_all, self._knows_all = self._knows_all, False
        async with self._store.write() as connection:
            taken = [] if knew_all else await inbox.taken(connection, self._token)
            rows = [row for row in taken if row.id not in self._held]
            rows = rows or await inbox.claim(connection, self._token, self._batch)
        self._knows_all = True
        self._held |= {row.id: row for row in rows}
        return rows

    async def _work(self, rows: Sequence[Accepted]) -> None:
        """In one unit, but for groups and what has failed or ended a process before: that is by itself."""
        together = [row for row in rows if self._is_harmless(row)]
        alone = [row for row in rows if not self._is_harmless(row)]
        if together and not await self._together(together):
            alone = [*together, *alone]
        for row in alone:
            await self._alone(row)

    def _is_harmless(self, row: Accepted) -> bool:
        return row.chat_id > 0 and not row.attempts and row.id not in self._tries

    async def _together(self, rows: Sequence[Accepted]) -> bool:
        """One unit for all; False if it had to be forgotten."""
        try:
            await self._effect(rows)
        except CONFLICTS:
            self._meters.conflicts.inc()
            return False
        except (StoreUnavailableError, LeaseLostError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the others must not suffer from it
            log.info("processing.batch_split", updates=len(rows), error=type(error).__name__)
            return False
        return True

    async def _alone(self, row: Accepted) -> None:
        if row.attempts >= STARTS:
            await self._set_aside(row, "the process ended each time while working on this update")
            return
        try:
            await self._effect_with_conflicts(row)
        except (StoreUnavailableError, LeaseLostError):
            raise
        except Exception as error:  # noqa: BLE001 - a poison update is kept with its error and blocks only itself
            await self._failed(row, error)

    async def _failed(self, row: Accepted, error: Exception) -> None:
        self._tries[row.id] += 1
        tries, at = self._tries[row.id], place(error)
        log.warning("processing.failed", update=row.update_id, chat=row.chat_id, attempt=tries, at=at)
        if tries >= TRIES:
            await self._set_aside(row, f"{type(error).__name__}: {error} at {at}")
        else:
            self._meters.update_retries.inc()
            self._resting[row.id] = asyncio.get_running_loop().time() + RETRY_SECONDS * 2 ** (tries - 1)

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
            await inbox.finish(unit, [row.id for row in rows], self._token)
        self._forget(row.id for row in rows)
        now = self._store.clock()
        for row in rows:
            self._meters.decided_after(now - row.received_at)
        self._after(unit.ephemeral)

    async def _set_aside(self, row: Accepted, error: str) -> None:
        log.error("processing.set_aside", update=row.update_id, chat=row.chat_id)
        async with self._store.write() as connection:
            await inbox.set_aside(connection, row.id, error, self._token)
        self._forget([row.id])
        self._meters.set_aside.inc()

    async def _give_back(self, ids: Sequence[int]) -> None:
        """What has not ended is anybody's again; what is not ours any more stays as it is."""
        if left := [row for row in ids if row in self._held]:
            async with self._store.write() as connection:
                ours = await inbox.release(connection, self._token, left)
            self._meters.lease_lost.inc(len(left) - ours)
            self._forget(left)

    def _forget(self, ids: Iterable[int]) -> None:
        for row in ids:
            self._held.pop(row, None)
            self._tries.pop(row, None)
            self._resting.pop(row, None)
