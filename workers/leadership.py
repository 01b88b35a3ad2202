"""One leader for each name: the only process that sends for a bot, or the only one that asks Telegram for updates."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from crm_store.signals import Signals
from crm_store.store import StoreUnavailableError
from crm_store.wire import LOST, FileWire, Wire
from support.meters import Meters

log = structlog.get_logger()

CHANGED: Final = "leader"
"""The topic that wakes candidates: somebody gave a leadership back, or died."""
LOOK_SECONDS: Final = 1.0

Term = Callable[[asyncio.Event], Awaitable[None]]
"""What a leader does until the event is set."""


class Leadership:
    """Who holds the lock of this name on its wire leads, as long as the wire holds."""

    def __init__(self, name: str, signals: Signals, meters: Meters) -> None:
        self._name, self._signals, self._meters = name, signals, meters

    async def stand(self, wire: Callable[[], Wire | FileWire], term: Term, stopping: asyncio.Event) -> None:
        """Runs `term` whenever nobody else leads; `wire` is the one that holds now."""
        with self._signals.listen(CHANGED, LOST) as woken:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(stopped(stopping, woken.wake))
                while not stopping.is_set():
                    if await self._win(holding := wire()):
                        await self._serve(holding, term, stopping)
                    if not stopping.is_set():
                        await woken.wait(LOOK_SECONDS)

    async def _win(self, wire: Wire | FileWire) -> bool:
        try:
            return await wire.lock(self._name)
        except StoreUnavailableError:  # which Member.run sees too, tells and mends
            return False

    async def _serve(self, wire: Wire | FileWire, term: Term, stopping: asyncio.Event) -> None:
        self._meters.terms_won.inc()
        log.info("leader.begins", name=self._name)
        ending = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                causes = [tasks.create_task(stopped(cause, ending.set, self._wake)) for cause in (stopping, wire.lost)]
                try:
                    await term(ending)
                except StoreUnavailableError as error:
                    log.error("leader.unavailable", name=self._name, problem=str(error))
                for cause in causes:
                    cause.cancel()
        finally:
            await self._give_back(wire)

    def _wake(self) -> None:
        """The term may be waiting for something else than its event."""
        self._signals.deliver(["stop"])

    async def _give_back(self, wire: Wire | FileWire) -> None:
        if wire.lost.is_set():
            self._meters.terms_lost.inc()
            log.warning("leader.lost", name=self._name)
            return
        log.info("leader.ends", name=self._name)
        with suppress(StoreUnavailableError):  # which has cut the wire, and so the lock is given back all the same
            await wire.unlock(self._name)
        if self._signals.outward:
            self._signals.outward([CHANGED])


async def stopped(stopping: asyncio.Event, *wake: Callable[[], None]) -> None:
    """Calls these once the event is set."""
    await stopping.wait()
    for call in wake:
        call()
