"""What a sender begins next: the heads whose turn it is, as calls with real numbers in them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.repositories import lanes, outbox
from crm_store.repositories.lanes import Lane
from crm_store.repositories.outbox import Queued
from crm_store.store import Store
from workers import references
from workers.calls import MOST_JOINED, Call, joined, lost, may_join, too_late
from workers.turns import NOT_YET_SECONDS, Turns

SPARE = 32
"""Heads looked at beyond the free slots, because some may have to rest."""


class Choosing:
    """Of one term, whose `turns` it asks."""

    def __init__(self, store: Store, bot_id: int, turns: Turns) -> None:
        self._store, self._bot_id, self._turns = store, bot_id, turns

    async def __call__(self, under_way: Sequence[Call], now: float) -> list[Call]:
        free = self._turns.free_slots(len(under_way), now)
        if not free:
            return []
        async with self._store.read() as session:
            return await self._calls(session, await self._turn(session, under_way, free, now), now)

    async def _turn(self, session: AsyncSession, under_way: Sequence[Call], free: int, now: float) -> list[Queued]:
        """Those whose turn it is. As long as all who were seen had to rest, others may stand behind them."""
        busy = {call.row.chat_id for call in under_way}
        campaigns = sum(call.row.lane == Lane.CAMPAIGN for call in under_way)
        campaigns = self._turns.campaign_slots(free, campaigns, now)
        while True:
            at_rest = self._turns.resting(now)
            heads = await lanes.heads(session, self._bot_id, busy | at_rest, free + SPARE, campaigns)
            chosen = self._turns.choose(heads, free, campaigns, now, self._store.clock())
            if chosen or self._turns.resting(now) == at_rest:
                return chosen

    async def _calls(self, session: AsyncSession, heads: Sequence[Queued], now: float) -> list[Call]:
        needed = {row_id for head in heads for row_id in references.wanted(head.payload)}
        results = await outbox.results(session, needed) if needed else {}
        calls = []
        for head in heads:
            try:
                calls.append(await self._call(session, head, results))
            except references.NotYetError:
                self._turns.rest(head.chat_id, now + NOT_YET_SECONDS)
        return calls

    async def _call(self, session: AsyncSession, head: Queued, results: outbox.Results) -> Call:
        """Raises NotYetError."""
        moment = self._store.clock()
        if late := too_late(head, moment):
            return late
        try:
            payload = references.resolve(head.payload, results)
        except references.LostReferenceError as error:
            return lost(head, error)
        if may_join(head, moment.timestamp()):
            return joined(await outbox.queue_of(session, self._bot_id, head, MOST_JOINED), payload)
        return Call([head], payload)
