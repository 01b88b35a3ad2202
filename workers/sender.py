"""Sends what was decided: in order per chat, within Telegram's limits, each row at most once unless uncertain.

`sending` is committed before a call, for no more rows than there are free slots, and the result after it; both are
gathered over a few milliseconds into one transaction. A row carries its sender's epoch: after a crash the next epoch
finds what was under way, and only it may call that uncertain. A sender that was only paused finds, when it wakes, that
a later one has begun: it marks nothing more, and its results change no row that the later one has taken over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from aiohttp import ClientError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import OutboxRow
from crm_store.repositories import files as file_rows
from crm_store.repositories import outbox, settings
from crm_store.repositories.outbox import Queued, Settled
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Ephemeral, Unit
from support.meters import Meters
from workers import references
from workers.api import BotApi, Upload
from workers.calls import MOST_JOINED, Call, in_right_topic, joined, may_join
from workers.outcomes import Fate, Outcome, backoff, of_reading, read_answer, read_error
from workers.pacing import Pacer, Rates
from workers.settling import REVOKED_SECONDS, apply, give_up, is_plain, settled
from workers.tracing import place

log = structlog.get_logger()

SLOTS = 32
SPARE = 32  # heads looked at beyond the free slots, because some may have to rest
CALL_SECONDS = 20.0
EPHEMERAL_SECONDS = 5.0
GATHER_SECONDS = 0.003
LOOK_SECONDS = 1.0
UNAVAILABLE_SECONDS = 1.0

SUPERSEDED = "another sender of this bot has begun: this one sends nothing more"

FETCH = "getFile"
LARGEST_DOWNLOAD = 20 * 1024 * 1024

ALARMING = frozenset({Fate.REVOKED, Fate.PARKED, Fate.SHUT_OUT})
"""What only the shop's own people can mend."""

Consequence = Callable[[Unit, OutboxRow, Outcome], Awaitable[None]]


class Files(Protocol):
    """Where stored files are."""

    async def uploads(self, wanted: Mapping[str, int]) -> dict[str, Upload]:
        """Stored files by the names under which they are attached. Raises FileNotFoundError."""

    async def keep(self, data: bytes) -> dict[str, Any]:
        """Keeps fetched bytes; returns path, size, sha256 and mime."""


class Sender:
    """The one sender of a bot. `consequence` runs, in a unit of its own, for results that somebody waits for."""

    def __init__(
        self,
        store: Store,
        api: BotApi,
        rates: Rates,
        files: Files,
        consequence: Consequence,
        meters: Meters | None = None,
    ) -> None:
        self._store, self._api, self._files, self._consequence = store, api, files, consequence
        self._rates = rates
        self._meters = meters or Meters()
        self._ended = {fate: self._meters.sends.labels(fate.value) for fate in Fate}
        self._epoch = 0
        self._superseded = False
        self._busy: set[int] = set()
        self._paused: dict[int, float] = {}
        self._done: list[Call] = []
        self._halted_until = self._spent_until = 0.0
        self.problem: str | None = None

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop; calls under way are finished and their results written first."""
        loop = asyncio.get_running_loop()
        pacer = Pacer(self._rates, loop.time())
        with self._store.signals.listen("outbox", "stop") as changed:
            async with asyncio.TaskGroup() as calls:
                await self._begin()
                while not stopping.is_set():
                    try:
                        started = await self._round(pacer, loop.time())
                    except StoreUnavailableError as error:
                        await _rest(error)
                        continue
                    for call in started:
                        calls.create_task(self._make(call, changed.wake))
                    if not self._done:
                        await changed.wait(self._longest_wait(pacer, loop.time()))
                    await asyncio.sleep(GATHER_SECONDS)
            try:
                await self._settle()
            except StoreUnavailableError as error:  # the next sender finds the rows and calls them uncertain
                log.error("sender.unavailable", problem=str(error))

    async def _begin(self) -> None:
        """A new epoch; what a former one left half-way may have arrived."""
        while True:
            try:
                await self._take_over()
            except StoreUnavailableError as error:
                await _rest(error)
            else:
                return

    async def _take_over(self) -> None:
        self._epoch = await self._store.run(lambda unit: settings.next_epoch(unit, self._api.bot_id))
        async with self._store.read() as session:
            left = await outbox.left_behind(session, self._api.bot_id, self._epoch)
        self._done = []
        for row in left:
            self._end(Call([row], row.payload, Outcome(Fate.MAYBE, "the process ended during the call"), row.epoch))
        await self._settle()

    async def _round(self, pacer: Pacer, now: float) -> list[Call]:
        """Writes the results so far and starts what can be started."""
        await self._follow_up()
        finished = [call for call in self._done if is_plain(call)]
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        may_send = now >= self._halted_until and not self._superseded
        free = max(0, SLOTS - len(self._busy) + len(finished)) if may_send else 0
        async with self._store.read() as session:
            skipped = (self._busy - {call.row.chat_id for call in finished}) | self._paused.keys()
            heads = await outbox.heads(session, self._api.bot_id, skipped, free + SPARE)
            lost, wanted = await self._calls(session, self._ready(heads, pacer, now, free))
        calls = await self._write(finished, lost, wanted)
        if len(calls) < len(wanted):
            await self._look_for_a_later_sender()
        for call in calls:
            pacer.take(call.row.chat_id, now)
        self._busy |= {call.row.chat_id for call in calls}
        return calls

    def _ready(self, heads: Sequence[Queued], pacer: Pacer, now: float, free: int) -> list[Queued]:
        """Those that may be sent now, together, and for which there is a slot."""
        ready: list[Queued] = []
        for head in heads:
            wait = pacer.any_ready_in(now, promised=len(ready))
            if wait > 0:
                self._spent_until = now + wait
            if wait > 0 or len(ready) == free:
                break
            if self._may_start(head, pacer, now):
                ready.append(head)
        return ready

    def _may_start(self, head: Queued, pacer: Pacer, now: float) -> bool:
        """Whether the head's time has come and the limits allow it; otherwise its chat rests for so long."""
        wait = pacer.ready_in(head.chat_id, now)
        if head.not_before:
            wait = max(wait, (head.not_before - self._store.clock()).total_seconds())
        if wait > 0:
            self._paused[head.chat_id] = now + wait
        return wait <= 0

    async def _calls(self, session: AsyncSession, heads: Sequence[Queued]) -> tuple[list[Settled], list[Call]]:
        """The calls to make for these heads; those that speak of what was never sent are lost."""
        needed = {row_id for head in heads for row_id in references.wanted(head.payload)}
        results = await outbox.results(session, needed) if needed else {}
        lost, calls = [], []
        for head in heads:
            try:
                payload = references.resolve(head.payload, results)
            except references.NotYetError:
                continue
            except references.LostReferenceError as error:
                lost.append(Settled(head.id, "failed", head.payload, error=str(error)))
                continue
            if may_join(head, self._store.clock().timestamp()):
                calls.append(joined(await outbox.queue_of(session, head, MOST_JOINED), payload))
            else:
                calls.append(Call([head], payload))
        return lost, calls

    async def _write(self, finished: Sequence[Call], lost: list[Settled], wanted: list[Call]) -> list[Call]:
        """Plain results and `sending` marks in one transaction; returns the calls that may be made."""
        results = [result for call in finished for result in settled(call)]
        calls: list[Call] = []
        if results or lost or wanted:
            async with self._store.write() as connection:
                if results:
                    await outbox.settle(connection, results, self._epoch)
                if lost:
                    await outbox.give_up(connection, lost)
                if wanted:
                    calls = await self._mark(connection, wanted)
        if finished and not self._superseded:
            self.problem = None
        for call in finished:
            self._tell(call)
        self._forget(finished)
        return calls

    async def _mark(self, connection: AsyncConnection, wanted: list[Call]) -> list[Call]:
        """The calls all of whose words are still to be sent, marked as ours."""
        ids = [row.id for call in wanted for row in call.rows]
        marked = await outbox.mark_sending(connection, self._api.bot_id, ids, self._epoch)
        calls = [call for call in wanted if marked.issuperset(row.id for row in call.rows)]
        if stray := marked.difference(row.id for call in calls for row in call.rows):
            await outbox.unmark(connection, stray, self._epoch)
        for call in calls:
            call.epoch = self._epoch
        return calls

    async def _look_for_a_later_sender(self) -> None:
        """Rows that were not to be had were erased meanwhile, or a later sender keeps all of them from us."""
        async with self._store.read() as session:
            self._superseded = not await outbox.is_latest(session, self._api.bot_id, self._epoch)
        if self._superseded:
            self.problem = SUPERSEDED
            log.error("sender.superseded", epoch=self._epoch)

    def _tell(self, call: Call) -> None:
        """Whoever looks at these words sees that they were sent."""
        now = self._store.clock()
        said = [row for row in call.rows if row.touchpoint_id]
        for row in said:
            self._meters.sent_after(now - row.created_at)
        self._store.signals.send([f"delivery:{row.touchpoint_id}" for row in said])

    async def _settle(self) -> None:
        """Writes what is left when no call is under way any more."""
        await self._follow_up()
        await self._write(list(self._done), [], [])

    async def _follow_up(self) -> None:
        """Results that mean more than "sent", before anything else of their chats is begun: a head may go again."""
        for call in [call for call in self._done if not is_plain(call)]:
            try:
                await self._follow(call)
            except StoreUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - a fault of what follows must stop neither it for ever nor the others
                await self._give_up(call, error)
            self._forget([call])

    def _forget(self, written: Sequence[Call]) -> None:
        """The results are in the store: their chats may go on."""
        self._done = [call for call in self._done if call not in written]
        self._busy -= {call.row.chat_id for call in written}

    async def _follow(self, call: Call) -> None:
        """What a result means for the row and for whoever waits for it, in one unit."""
        outcome = call.outcome
        if outcome.fate is Fate.REVOKED:
            self.problem = f"Telegram refuses the token: {outcome.error}"
            self._halted_until = asyncio.get_running_loop().time() + REVOKED_SECONDS
        if outcome.delay:
            self._paused[call.row.chat_id] = asyncio.get_running_loop().time() + outcome.delay

        async def follow(unit: Unit, row: OutboxRow) -> None:
            apply(row, outcome, unit)
            await self._consequence(unit, row, outcome)

        await self._settle_ours(call, follow)
        if outcome.fate not in (Fate.SENT, Fate.FLOOD, Fate.RETRY):
            tell = log.error if outcome.fate in ALARMING else log.warning
            tell(
                "sender.outcome",
                row=call.row.id,
                chat=call.row.chat_id,
                method=call.row.method,
                fate=outcome.fate.value,
                error=outcome.error,
            )

    async def _give_up(self, call: Call, fault: Exception) -> None:
        """What was to follow cannot be done: the rows are settled without it."""
        why = f"{call.outcome.error or call.outcome.fate.value}; then {place(fault)}"
        log.error("sender.failed", row=call.row.id, chat=call.row.chat_id, method=call.row.method, error=why)

        async def settle(unit: Unit, row: OutboxRow) -> None:
            give_up(row, call.outcome, why, unit)
            await _let_go(unit, row, call.outcome)

        await self._settle_ours(call, settle)

    async def _settle_ours(self, call: Call, settle: Callable[[Unit, OutboxRow], Awaitable[None]]) -> None:
        """Lets each row of a call that is still ours take its next state, in one unit."""

        async def work(unit: Unit) -> list[OutboxRow]:
            ours = []
            for stale in call.rows:
                row = await unit.session.get(OutboxRow, stale.id)
                if row is None or (row.state, row.epoch) != ("sending", call.epoch):  # erased, or a later sender's
                    await _let_go(unit, stale, call.outcome)
                    continue
                await settle(unit, row)
                ours.append(row)
            if ours:
                await outbox.hold(unit, [row.id for row in ours], call.epoch)
            return ours

        for row in await self._store.run(work):
            self._meters.settled(row.state)

    async def _make(self, call: Call, wake: Callable[[], None]) -> None:
        """One call; its outcome waits in `_done` to be written."""
        row = call.row
        try:
            if row.method == FETCH:
                call.outcome = await self._fetch(call)
            else:
                uploads = await self._files.uploads(row.files) if row.files else None
                answer = await self._api.call(row.method, call.payload, uploads, seconds=CALL_SECONDS)
                call.outcome = in_right_topic(call, read_answer(answer, row.attempts + 1))
        except FileNotFoundError:
            call.outcome = Outcome(Fate.FAILED, "the file to send along is not here")
        except StoreUnavailableError as error:  # where the file is could not be read: nothing was sent
            call.outcome = Outcome(Fate.RETRY, str(error), delay=backoff(row.attempts + 1))
        except (ClientError, TimeoutError, OSError) as error:
            call.outcome = read_error(error, row.attempts + 1)
        if row.method == FETCH:
            call.outcome = of_reading(call.outcome, row.attempts + 1)
        self._end(call)
        wake()

    def _end(self, call: Call) -> None:
        """The call is over; its outcome is written in the next round."""
        self._ended[call.outcome.fate].inc()
        self._done.append(call)

    async def _fetch(self, call: Call) -> Outcome:
        """Asks where a file is and fetches it; reading is harmless to repeat."""
        outcome = read_answer(await self._api.call(FETCH, call.payload, seconds=CALL_SECONDS), call.row.attempts + 1)
        if outcome.fate is not Fate.SENT or not isinstance(outcome.result, dict):
            return outcome
        path = str(outcome.result.get("file_path", ""))
        data = await self._api.download(path, LARGEST_DOWNLOAD, seconds=CALL_SECONDS)
        if data is None:
            return Outcome(Fate.FAILED, "the file is gone or too large")
        return Outcome(Fate.SENT, result=await self._files.keep(data))

    async def fleeting(self, calls: Sequence[Ephemeral]) -> None:
        """Answers to presses and typing signs: at once, not kept, a failure harms nobody."""
        for method, payload in calls:
            try:
                await self._api.call(method, payload, seconds=EPHEMERAL_SECONDS)
            except (ClientError, TimeoutError) as error:
                log.debug("sender.fleeting_lost", method=method, error=type(error).__name__)

    def _longest_wait(self, pacer: Pacer, now: float) -> float:
        pacer.forget_idle(now)
        soonest = min(self._paused.values(), default=now + LOOK_SECONDS)
        if self._spent_until > now:
            soonest = min(soonest, self._spent_until)
        return max(0.001, min(LOOK_SECONDS, soonest - now))


async def _let_go(unit: Unit, gone: Queued | OutboxRow, outcome: Outcome) -> None:
    """A file that was fetched for nobody is not kept."""
    if gone.method == FETCH and outcome.fate is Fate.SENT:
        await file_rows.discard(unit, outcome.result)


async def _rest(error: StoreUnavailableError) -> None:
    log.error("sender.unavailable", problem=str(error))
    await asyncio.sleep(UNAVAILABLE_SECONDS)
