"""One term of a bot's sender: from the epoch that it is given to its last result.

`sending` is committed before a call, for no more rows than there are free slots, and the result after it; both are
gathered over a few milliseconds into one transaction. A row carries its term's epoch: after a crash the next term finds
what was under way, and only it may call that uncertain. A sender that was only paused finds, when it wakes, that a
later term has begun: it marks nothing more, and its results change no row that the later one has taken over.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.repositories import outbox, settings
from crm_store.repositories.outbox import Queued, Settled
from crm_store.store import Store, StoreUnavailableError
from support.meters import Meters
from workers.calling import Caller
from workers.calls import Call
from workers.choosing import Choosing
from workers.following import Following
from workers.outcomes import Fate, Outcome
from workers.pacing import Rates
from workers.settling import REVOKED_SECONDS, is_plain, settled
from workers.turns import Turns

log = structlog.get_logger()

GATHER_SECONDS = 0.003
UNAVAILABLE_SECONDS = 1.0


class Term:
    """Begins with nothing: no calls under way, empty budgets, nobody at rest. `problem` is for people to mend."""

    def __init__(
        self, store: Store, bot_id: int, rates: Rates, caller: Caller, following: Following, meters: Meters
    ) -> None:
        self._store, self._bot_id, self._caller, self._following = store, bot_id, caller, following
        self._meters = meters
        self._ended = {fate: meters.sends.labels(fate.value) for fate in Fate}
        self._turns = Turns(rates, _now())
        self._choosing = Choosing(store, bot_id, self._turns)
        self._busy: dict[int, Call] = {}
        self._done: list[Call] = []
        self._superseded = False
        self.epoch = 0
        self.problem: str | None = None

    async def run(self, ending: asyncio.Event) -> None:
        """Until it is to end or a later term has begun; calls under way are finished, their results written first."""
        with self._store.signals.listen("outbox") as changed:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(_wake_at(ending, changed.wake))
                await self._begin(ending)
                while not ending.is_set() and not self._superseded:
                    try:
                        started = await self._round(_now())
                    except StoreUnavailableError as error:
                        await _rest(error)
                        continue
                    for call in started:
                        tasks.create_task(self._make(call, changed.wake))
                    if not self._done:
                        await changed.wait(self._turns.longest_wait(_now()))
                    await asyncio.sleep(GATHER_SECONDS)
                watch.cancel()
            try:
                await self._settle()
            except StoreUnavailableError as error:  # the next term finds the rows and calls them uncertain
                log.error("sender.unavailable", problem=str(error))

    async def _begin(self, ending: asyncio.Event) -> None:
        """A new epoch; what a former term left half-way may have arrived."""
        while not ending.is_set():
            try:
                await self._take_over()
            except StoreUnavailableError as error:
                await _rest(error)
            else:
                return

    async def _take_over(self) -> None:
        self.epoch = await self._store.run(lambda unit: settings.next_epoch(unit, self._bot_id))
        async with self._store.read() as session:
            left = await outbox.left_behind(session, self._bot_id, self.epoch)
        self._done = []
        for row in left:
            self._end(Call([row], row.payload, Outcome(Fate.MAYBE, "the process ended during the call"), row.epoch))
        await self._settle()

    async def _round(self, now: float) -> list[Call]:
        """Writes the results so far and begins what can be begun; returns the calls to make."""
        await self._follow_up()
        finished = [call for call in self._done if is_plain(call)]
        busy = [call for call in self._busy.values() if call not in finished]
        lost, wanted = await self._choosing(busy, now)
        calls = await self._write(finished, lost, wanted)
        if len(calls) < len(wanted):
            await self._look_for_a_later_term()
        self._busy |= {call.row.chat_id: call for call in calls}
        for call in calls:
            if call.outcome.fate is Fate.LATE:
                self._end(call)
            else:
                self._turns.take(call.row, now)
        return [call for call in calls if call not in self._done]

    async def _write(self, finished: Sequence[Call], lost: list[Settled], wanted: list[Call]) -> list[Call]:
        """Plain results and `sending` marks in one transaction; returns the calls that were marked."""
        results = [result for call in finished for result in settled(call)]
        calls: list[Call] = []
        if results or lost or wanted:
            async with self._store.write() as connection:
                if results:
                    await outbox.settle(connection, results, self.epoch)
                if lost:
                    await outbox.give_up(connection, lost)
                if wanted:
                    calls = await self._mark(connection, wanted)
        if finished:
            self.problem = None
        for call in finished:
            self._tell(call)
        self._forget(finished)
        return calls

    async def _mark(self, connection: AsyncConnection, wanted: list[Call]) -> list[Call]:
        """The calls all of whose words are still to be sent, marked as ours."""
        ids = [row.id for call in wanted for row in call.rows]
        marked = await outbox.mark_sending(connection, self._bot_id, ids, self.epoch)
        calls = [call for call in wanted if marked.issuperset(row.id for row in call.rows)]
        if stray := marked.difference(row.id for call in calls for row in call.rows):
            await outbox.unmark(connection, stray, self.epoch)
        for call in calls:
            call.epoch = self.epoch
        return calls

    async def _look_for_a_later_term(self) -> None:
        """Rows that were not to be had were erased meanwhile, or a later term keeps all of them from us."""
        async with self._store.read() as session:
            self._superseded = not await outbox.is_latest(session, self._bot_id, self.epoch)
        if self._superseded:
            log.warning("sender.superseded", epoch=self.epoch)

    def _tell(self, call: Call) -> None:
        """Whoever looks at these words sees that they were sent."""
        now = self._store.clock()
        said = [row for row in call.rows if row.touchpoint_id]
        for row in said:
            self._meters.sent_after(now - row.created_at)
        self._store.signals.send([f"delivery:{row.touchpoint_id}" for row in said])

    async def _make(self, call: Call, wake: Callable[[], None]) -> None:
        """One call; its outcome waits in `_done` to be written."""
        call.outcome = await self._caller.make(call)
        self._end(call)
        wake()

    def _end(self, call: Call) -> None:
        """The call is over; its outcome is written in the next round."""
        self._ended[call.outcome.fate].inc()
        self._done.append(call)

    async def _settle(self) -> None:
        """Writes what is left when no call is under way any more."""
        await self._follow_up()
        await self._write(list(self._done), [], [])

    async def _follow_up(self) -> None:
        """Results that mean more than "sent", before anything else of their chats is begun: a head may go again."""
        for call in [call for call in self._done if not is_plain(call)]:
            self._heed(call)
            await self._following(call)
            self._forget([call])

    def _heed(self, call: Call) -> None:
        """What a result means for those that come after it."""
        outcome, now = call.outcome, _now()
        if outcome.fate is Fate.REVOKED:
            self.problem = f"Telegram refuses the token: {outcome.error}"
            self._turns.halt(now + REVOKED_SECONDS)
        if outcome.fate is Fate.FLOOD:
            self._turns.rest_campaigns(now + outcome.delay)
        if outcome.delay:
            self._turns.rest(call.row.chat_id, now + min(outcome.delay, self._wanted_for(call.row)))

    def _wanted_for(self, row: Queued) -> float:
        """Seconds until nobody wants these words any more."""
        return (row.expires_at - self._store.clock()).total_seconds() if row.expires_at else math.inf

    def _forget(self, written: Sequence[Call]) -> None:
        """The results are in the store: their chats may go on."""
        self._done = [call for call in self._done if call not in written]
        for call in written:
            self._busy.pop(call.row.chat_id, None)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _wake_at(ending: asyncio.Event, wake: Callable[[], None]) -> None:
    await ending.wait()
    wake()


async def _rest(error: StoreUnavailableError) -> None:
    log.error("sender.unavailable", problem=str(error))
    await asyncio.sleep(UNAVAILABLE_SECONDS)
