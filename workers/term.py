"""One term of a bot's sender: from the epoch that it is given to its last result.

`sending` is committed before a call, for no more rows than there are free slots, and the result after it; both are
gathered over a few milliseconds into one transaction (workers.marking). A row carries its term's epoch: after a crash
the next term finds what was under way, and only it may call that uncertain, unless its own process made the calls and
still knows what came of them. A sender that was only paused finds, when it wakes, that a later term has begun: it marks
nothing more, and its results change no row that the later one has taken over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from crm_store.signals import Listener
from crm_store.store import Store, StoreUnavailableError
from support.meters import Meters
from workers.calling import Caller
from workers.calls import Call
from workers.choosing import Choosing
from workers.following import Following
from workers.marking import Marking
from workers.outcomes import PARK_SECONDS, Fate, Outcome
from workers.pacing import Rates
from workers.settling import is_plain
from workers.turns import Turns

log = structlog.get_logger()

GATHER_SECONDS = 0.003
UNAVAILABLE_SECONDS = 1.0
SETTLE_SECONDS = 5.0
"""How long a term that ends goes on trying to write its last results: a database that is started anew takes less."""

NOT_MADE = Outcome(Fate.RETRY, counts=False)


class Term:
    """Begins with no calls under way, empty budgets, nobody at rest. `problem` is for people to mend.

    `heard` is what came of calls of a former term of this sender that could not write it.
    """

    def __init__(
        self,
        store: Store,
        bot_id: int,
        rates: Rates,
        caller: Caller,
        following: Following,
        meters: Meters,
        heard: Sequence[Call] = (),
    ) -> None:
        self._store, self._caller, self._following, self._meters = store, caller, following, meters
        self._ended = {fate: meters.sends.labels(fate.value) for fate in Fate}
        self._turns = Turns(rates, _now())
        self._choosing, self._marking = Choosing(store, bot_id, self._turns), Marking(store, bot_id)
        self._busy: dict[int, Call] = {}
        self._done = list(heard)
        self._superseded = self._was_refused = False
        self.problem: str | None = None

    @property
    def epoch(self) -> int:
        """0 until it has begun."""
        return self._marking.epoch

    @property
    def unwritten(self) -> list[Call]:
        """What is known of calls and not in the store, for this sender's next term. What was not begun may go again."""
        unmade = [Call(call.rows, call.payload, NOT_MADE, self.epoch) for call in self._marking.unsure]
        return [*self._done, *unmade]

    async def run(self, ending: asyncio.Event) -> None:
        """Until it is to end or a later term has begun; calls under way are finished, their results written first."""
        with self._store.signals.listen("outbox") as changed:
            async with asyncio.TaskGroup() as tasks:
                end = tasks.create_task(_wake_at(ending, changed.wake))
                standing = tasks.create_task(self._mind_standing(changed.wake))
                await self._begin(ending)
                while not ending.is_set() and not self._superseded:
                    await self._go_on(tasks, changed)
                end.cancel()
                standing.cancel()
            await self._settle_at_last()

    async def _go_on(self, tasks: asyncio.TaskGroup, changed: Listener) -> None:
        """Makes the calls of one round, and waits until there may be something to do again."""
        try:
            for call in await self._round(_now()):
                tasks.create_task(self._make(call, changed.wake))
            if self._was_refused:
                await self._look_for_a_later_term()
        except StoreUnavailableError as error:
            await _rest(error)
            return
        if not self._done:
            await changed.wait(self._turns.longest_wait(_now()))
        await asyncio.sleep(GATHER_SECONDS)

    async def _mind_standing(self, wake: Callable[[], None]) -> None:
        """Telegram has said that our standing somewhere has changed: what waits for that is tried at once."""
        with self._store.signals.listen("standing") as changed:
            while True:
                if await changed.wait(PARK_SECONDS):
                    self._turns.unpark()
                    wake()

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
        left = await self._marking.begin()
        heard = {(row.id, call.epoch) for call in self._done for row in call.rows}
        for row in left:
            if (row.id, row.epoch) not in heard:
                self._end(Call([row], row.payload, Outcome(Fate.MAYBE, "the process ended during the call"), row.epoch))
        await self._settle()

    async def _round(self, now: float) -> list[Call]:
        """Writes the results so far and begins what can be begun; returns the calls to make."""
        await self._marking.take_back()
        await self._follow_up()
        finished = [call for call in self._done if self._is_plain(call)]
        busy = [call for call in self._busy.values() if call not in finished]
        wanted = await self._choosing(busy, now)
        calls = await self._write(finished, wanted)
        self._was_refused = len(calls) < len(wanted)  # some were erased, or a later term keeps all of them from us
        self._busy |= {call.row.chat_id: call for call in calls}
        for call in calls:
            if call.is_to_be_made:
                self._turns.take(call.row, now)
            else:
                self._end(call)
        return [call for call in calls if call.is_to_be_made]

    async def _write(self, finished: Sequence[Call], wanted: Sequence[Call]) -> list[Call]:
        """Plain results, and marks of what is wanted; returns the calls that were to be had."""
        calls = await self._marking(finished, wanted)
        if finished:
            self.problem = None
        for call in finished:
            self._tell(call)
        self._forget(finished)
        return calls

    async def _look_for_a_later_term(self) -> None:
        self._superseded = await self._marking.is_superseded()
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

    async def _settle_at_last(self) -> None:
        """What cannot be written in time our next term knows; another's finds the rows and calls them uncertain."""
        until = _now() + SETTLE_SECONDS
        while True:
            try:
                return await self._settle()
            except StoreUnavailableError as error:
                if _now() >= until:
                    log.error("sender.unsettled", calls=len(self.unwritten), problem=str(error))
                    return None
                await _rest(error)

    async def _settle(self) -> None:
        """Writes what is left when no call is under way any more."""
        await self._marking.take_back()
        await self._follow_up()
        await self._write(self._done, [])

    async def _follow_up(self) -> None:
        """Results that mean more than "sent", before anything else of their chats is begun: a head may go again."""
        for call in [call for call in self._done if not self._is_plain(call)]:
            self._turns.heed(call.row, call.outcome, _now(), self._store.clock())
            if call.outcome.fate is Fate.REVOKED:
                self.problem = f"Telegram refuses the token: {call.outcome.error}"
            await self._following(call)
            self._forget([call])

    def _is_plain(self, call: Call) -> bool:
        """Of this term, whose results are written in bulk."""
        return call.epoch == self.epoch and is_plain(call)

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
