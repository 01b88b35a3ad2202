"""Sends what was decided: in order per chat, within Telegram's limits, each row at most once unless uncertain.

`sending` is committed before a call, for no more rows than there are free slots, and the result after it; both are
gathered over a few milliseconds into one transaction. A row carries its sender's epoch: after a crash the next epoch
finds what was under way, and only it may call that uncertain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from aiohttp import ClientError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import OutboxRow
from crm_store.repositories import files as file_rows
from crm_store.repositories import outbox, settings
from crm_store.repositories.outbox import Queued, Settled
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Ephemeral, Unit
from workers import references
from workers.api import BotApi, Upload
from workers.calls import MOST_JOINED, Call, in_right_topic, joined, may_join
from workers.outcomes import Fate, Outcome, backoff, of_reading, read_answer, read_error
from workers.pacing import Pacer, Rates
from workers.settling import REVOKED_SECONDS, apply, is_plain, settled

log = structlog.get_logger()

SLOTS = 32
SPARE = 32  # heads looked at beyond the free slots, because some may have to rest
CALL_SECONDS = 20.0
EPHEMERAL_SECONDS = 5.0
GATHER_SECONDS = 0.003
LOOK_SECONDS = 1.0
UNAVAILABLE_SECONDS = 1.0

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

    def __init__(self, store: Store, api: BotApi, rates: Rates, files: Files, consequence: Consequence) -> None:
        self._store, self._api, self._files, self._consequence = store, api, files, consequence
        self._rates = rates
        self._epoch = 0
        self._busy: set[int] = set()
        self._paused: dict[int, float] = {}
        self._done: list[Call] = []
        self._halted_until = 0.0
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
        self._done = [
            Call([row], row.payload, Outcome(Fate.MAYBE, "the process ended during the call")) for row in left
        ]
        await self._settle()

    async def _round(self, pacer: Pacer, now: float) -> list[Call]:
        """Writes the results so far and starts what can be started."""
        await self._follow_up()
        finished = [call for call in self._done if is_plain(call)]
        self._paused = {chat: until for chat, until in self._paused.items() if until > now}
        free = 0 if now < self._halted_until else max(0, SLOTS - len(self._busy) + len(finished))
        async with self._store.read() as session:
            skipped = (self._busy - {call.row.chat_id for call in finished}) | self._paused.keys()
            heads = await outbox.heads(session, self._api.bot_id, skipped, free + SPARE)
            ready = [head for head in heads if self._may_start(head, pacer, now)][:free]
            lost, calls = await self._calls(session, ready)
        await self._write(finished, lost, calls)
        for call in calls:
            pacer.take(call.row.chat_id, now)
        self._busy |= {call.row.chat_id for call in calls}
        return calls

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

    async def _write(self, finished: Sequence[Call], lost: list[Settled], calls: list[Call]) -> None:
        """Plain results and `sending` marks in one transaction."""
        results = lost + [result for call in finished for result in settled(call)]
        if results or calls:
            async with self._store.write() as connection:
                if results:
                    await outbox.settle(connection, results)
                if calls:
                    await outbox.mark_sending(connection, [row.id for c in calls for row in c.rows], self._epoch)
        if finished:
            self.problem = None
        for call in finished:
            self._store.signals.send({f"delivery:{row.touchpoint_id}" for row in call.rows if row.touchpoint_id})
        self._forget(finished)

    async def _settle(self) -> None:
        """Writes what is left when no call is under way any more."""
        await self._follow_up()
        await self._write(list(self._done), [], [])

    async def _follow_up(self) -> None:
        """Results that mean more than "sent", before anything else of their chats is begun: a head may go again."""
        for call in [call for call in self._done if not is_plain(call)]:
            await self._follow(call)
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

        async def follow(unit: Unit) -> None:
            for stale in call.rows:
                row = await unit.session.get(OutboxRow, stale.id)
                if row is None:  # erased during the call
                    await _let_go(unit, stale, outcome)
                    continue
                apply(row, outcome, unit)
                await self._consequence(unit, row, outcome)

        await self._store.run(follow)
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
        self._done.append(call)
        wake()

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
        return max(0.001, min(LOOK_SECONDS, soonest - now))


async def _let_go(unit: Unit, gone: Queued, outcome: Outcome) -> None:
    """A file that was fetched for nobody is not kept."""
    if gone.method == FETCH and outcome.fate is Fate.SENT:
        await file_rows.discard(unit, outcome.result)


async def _rest(error: StoreUnavailableError) -> None:
    log.error("sender.unavailable", problem=str(error))
    await asyncio.sleep(UNAVAILABLE_SECONDS)
