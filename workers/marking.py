"""The two writes around a call: `sending` before it and its result after it, those of many calls in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.repositories import outbox, settings
from crm_store.repositories.outbox import Queued
from crm_store.store import Store
from workers.calls import Call
from workers.settling import settled


class Marking:
    """Of one term, whose rows carry its `epoch`. Raises StoreUnavailableError; nothing is written then, or all of it
    and only the answer was lost: `unsure` are calls that were not made and whose marks may stand."""

    def __init__(self, store: Store, bot_id: int) -> None:
        self._store, self._bot_id = store, bot_id
        self.epoch = 0
        self.unsure: Sequence[Call] = ()

    async def begin(self) -> list[Queued]:
        """Takes a new epoch, from which on former terms can mark nothing; returns the calls that they left half-way."""
        self.epoch = await self._store.run(lambda unit: settings.next_epoch(unit, self._bot_id))
        async with self._store.read() as session:
            return await outbox.left_behind(session, self._bot_id, self.epoch)

    async def __call__(self, finished: Sequence[Call], wanted: Sequence[Call]) -> list[Call]:
        """Writes plain results, and marks what is wanted; returns the calls that were to be had: they are ours now."""
        if not finished and not wanted:
            return []
        self.unsure = wanted
        async with self._store.write() as connection:
            if finished:
                await outbox.settle(connection, [result for call in finished for result in settled(call)], self.epoch)
            calls = await self._mark(connection, wanted) if wanted else []
        self.unsure = ()
        return calls

    async def take_back(self) -> None:
        """Marks whose commit was not answered: else they would stand for the whole term, and others overtake them."""
        if not self.unsure:
            return
        async with self._store.write() as connection:
            await outbox.take_back(connection, [row.id for call in self.unsure for row in call.rows], self.epoch)
        self.unsure = ()

    async def _mark(self, connection: AsyncConnection, wanted: Sequence[Call]) -> list[Call]:
        """Those all of whose words are still to be sent."""
        ids = [row.id for call in wanted for row in call.rows]
        marked = await outbox.mark_sending(connection, self._bot_id, ids, self.epoch)
        calls = [call for call in wanted if marked.issuperset(row.id for row in call.rows)]
        if stray := marked.difference(row.id for call in calls for row in call.rows):
            await outbox.unmark(connection, stray, self.epoch)
        for call in calls:
            call.epoch = self.epoch
        return calls

    async def is_superseded(self) -> bool:
        """Whether a later term has begun: it keeps all rows from us."""
        async with self._store.read() as session:
            return not await outbox.is_latest(session, self._bot_id, self.epoch)
