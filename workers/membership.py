"""This process among those that share its database: it lives as long as the others see it.

What it has taken carries its token. One that was silent for too long is taken for dead: what it held is given to others
and its token is worth nothing, whatever it still believes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.hints import Hints
from crm_store.ids import new_id
from crm_store.queries.processes import SILENT
from crm_store.repositories import processes
from crm_store.signals import EVERYTHING
from crm_store.store import Store, StoreUnavailableError
from crm_store.wire import LOST, FileWire, Wire
from support.meters import Meters
from workers.leadership import CHANGED, Leadership, Term, stopped

log = structlog.get_logger()

BEAT_SECONDS: Final = 5.0
DEAD_SECONDS: Final = SILENT.total_seconds()
SURE_SECONDS: Final = DEAD_SECONDS - 2.0
"""So long after its last sign of life a process believes in itself: it gives up before others take over."""
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = BEAT_SECONDS
"""Between attempts to come back: after a restart of the database everybody is there before anybody is missed."""
LEAVE_SECONDS: Final = 5.0

TROUBLES = (StoreUnavailableError, TimeoutError, processes.NoNumberLeftError)


class Member:
    """One process. `join` first, `run` beside everything else, `leave` when nothing is in hand any more."""

    def __init__(self, store: Store, role: str, meters: Meters | None = None) -> None:
        self._store, self._role, self._meters = store, role, meters or Meters()
        self._hints = Hints(store)
        self._wire = self._new_wire()
        self._token = 0
        self._fuse: asyncio.TimerHandle | None = None
        self._problem: str | None = None

    @property
    def token(self) -> int:
        """What this process takes is marked with it; another one after it was taken for dead."""
        return self._token

    async def join(self) -> None:
        """Raises AlreadyRunningError, NoNumberLeftError and StoreUnavailableError."""
        await self._connect()
        if not self._store.is_sqlite:
            self._store.signals.outward = self._hints.gather
            await self._hints.tell(["process"])

    async def run(self, stopping: asyncio.Event) -> None:
        """Gives signs of life and looks after the dead until asked to stop; whatever the database does, it goes on."""
        with self._store.signals.listen(LOST) as woken:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hints.run(stopping))
                tasks.create_task(stopped(stopping, woken.wake, self._hints.wake))
                pause = FIRST_PAUSE_SECONDS
                while not stopping.is_set():
                    if await self._live():
                        pause = FIRST_PAUSE_SECONDS
                        await woken.wait(BEAT_SECONDS)
                    else:
                        await _wait(stopping, pause)
                        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def lead(self, name: str, term: Term, stopping: asyncio.Event) -> None:
        """Runs `term` whenever no other process leads `name`, until asked to stop.

        The event that `term` is given is set when stopping and when the leadership is lost. A term that ends by itself
        gives it back and stands for it again.
        """
        leadership = Leadership(name, self._store.signals, self._meters)
        await leadership.stand(lambda: self._wire, term, stopping)

    async def leave(self, *, failed: bool = False) -> None:
        """Gives everything back, so that nobody has to wait until this process is missed. `failed` is one that ends by
        an error of its own: what it held counts as when it is found dead.
        """
        self._store.signals.outward = None
        self._put_out()
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                async with self._store.write() as connection:
                    await processes.leave(connection, self._token, failed=failed)
                if not self._wire.lost.is_set():
                    await self._wire.unlock_all()
                if not self._store.is_sqlite:
                    await self._hints.tell(["inbox", CHANGED])
        except (StoreUnavailableError, TimeoutError) as error:
            log.warning("member.left_silently", problem=_words(error))
        await self._wire.close()

    async def _live(self) -> bool:
        """A sign of life, or a new connection; False if the database lets neither through."""
        try:
            if self._wire.lost.is_set() or not await self._beat():
                await self._connect()
                self._store.signals.deliver([EVERYTHING])
            if not self._store.is_sqlite:
                await self._reap()
        except TROUBLES as error:
            self._wire.cut()
            self._note(_words(error))
            return False
        self._note(None)
        return True

    async def _connect(self) -> None:
        """Takes a place among the living, the former one if it is still there."""
        await self._wire.close()
        wire = self._new_wire()
        try:
            async with asyncio.timeout(SURE_SECONDS):
                await wire.open()
            self._burn(wire, asyncio.get_running_loop().time())
            async with wire.use() as connection:
                await self._enter(connection)
            await wire.call_it(f"{processes.NAME}{self._token}")
        except BaseException:
            await wire.close()
            raise
        self._wire = wire

    async def _enter(self, connection: AsyncConnection) -> None:
        if self._store.is_sqlite:
            await processes.take_over(connection)
        if not (self._token and await processes.beat(connection, self._token)):
            number, self._token = await processes.join(connection, self._role)
            self._hints.token = self._token
            new_id.become(number)
            log.info("member.joined", role=self._role, number=number)
        new_id.go_beyond(await processes.newest_id(connection))
        if not self._store.is_sqlite:
            new_id.follow(await processes.clock_ms(connection))
            await processes.cut_off(connection, self._token, DEAD_SECONDS)

    async def _beat(self) -> bool:
        """False if this process was taken for dead."""
        async with self._wire.use() as connection:
            sent = asyncio.get_running_loop().time()
            if not await processes.beat(connection, self._token):
                log.warning("member.taken_for_dead")
                return False
            self._burn(self._wire, sent)
            if not self._store.is_sqlite:
                new_id.follow(await processes.clock_ms(connection))
        return True

    def _burn(self, wire: Wire | FileWire, since: float) -> None:
        """Unless another sign of life arrives in time, the wire is cut, and with it whatever depends on it ends: before
        others take over, even if the database or `run` hangs.
        """
        self._put_out()
        self._fuse = asyncio.get_running_loop().call_at(since + SURE_SECONDS, wire.cut)

    def _put_out(self) -> None:
        if self._fuse:
            self._fuse.cancel()

    async def _reap(self) -> None:
        async with self._wire.use() as connection:
            reaped = await processes.reap(connection, self._token, BEAT_SECONDS, DEAD_SECONDS)
            await processes.cut_off(connection, self._token, DEAD_SECONDS)
        self._hints.in_company = reaped.others > 0
        if reaped.processes:
            self._meters.reaped.inc(reaped.processes)
            log.warning("member.reaped", processes=reaped.processes, updates=reaped.leases)
        if reaped.processes or reaped.leases:
            self._store.signals.send(["inbox", CHANGED])

    def _new_wire(self) -> Wire | FileWire:
        return (FileWire if self._store.is_sqlite else Wire)(self._store, self._hints.hear)

    def _note(self, problem: str | None) -> None:
        """Logs what has changed since the last time, once."""
        if problem and not self._problem:
            log.error("member.unavailable", problem=problem, will="keep trying")
        elif self._problem and not problem:
            log.info("member.available")
        self._problem = problem


def _words(error: BaseException) -> str:
    return str(error) or "the database does not answer"


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
