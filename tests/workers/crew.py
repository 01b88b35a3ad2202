"""Several processes on one database, as members of one test; they end in order, as a program does, or as by kill -9."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from crm_store.models import InboxRow
from crm_store.store import Store
from support.meters import Meters
from workers.membership import Member


@dataclass
class Reigns:
    """Who leads now and who ever did, by name."""

    now: list[str] = field(default_factory=list)
    past: list[str] = field(default_factory=list)
    most: int = 0

    def of(self, who: str) -> Any:
        async def term(ending: asyncio.Event) -> None:
            self.now.append(who)
            self.most = max(self.most, len(self.now))
            await ending.wait()
            self.now.remove(who)
            self.past.append(who)

        return term

    async def begun(self, *who: str, seconds: float = 3.0) -> None:
        """Raises TimeoutError unless exactly these lead within so many seconds."""
        async with asyncio.timeout(seconds):
            while self.now != list(who):
                await asyncio.sleep(0.01)


class Crewman:
    """A member at work. `store` is its own, as a process has one."""

    def __init__(self, store: Store, tasks: asyncio.TaskGroup) -> None:
        self.store, self.meters, self.over = store, Meters(), False
        self.member = Member(store, "worker", self.meters)
        self._tasks = tasks
        self._stopping, self._ended = asyncio.Event(), asyncio.Event()
        self._running: list[asyncio.Task[None]] = []
        self._terms: list[asyncio.Task[None]] = []

    async def start(self) -> Crewman:
        await self.member.join()
        self._running.append(self._tasks.create_task(self.member.run(self._ended)))
        return self

    def lead(self, name: str, term: Any) -> None:
        self._terms.append(self._tasks.create_task(self.member.lead(name, term, self._stopping)))

    async def stop(self) -> None:
        """In order, as a program does."""
        self.over = True
        self._stopping.set()
        await asyncio.gather(*self._terms)
        self._ended.set()
        await asyncio.gather(*self._running)
        await self.member.leave()

    async def faint(self) -> None:
        """No sign of life any more, but the rest goes on: `run` is not scheduled."""
        await _cancelled(self._running)

    async def freeze(self) -> None:
        """As by SIGSTOP: nothing goes on; the connections stay."""
        await self.faint()
        self.member._put_out()

    async def go_on(self) -> None:
        """As by SIGCONT."""
        self._running = [self._tasks.create_task(self.member.run(self._ended))]

    async def die(self) -> None:
        """As by kill -9: nothing is given back, and the system closes the connections."""
        self.over = True
        await self.freeze()
        await _cancelled(self._terms)
        await self.member._wire.close()


@asynccontextmanager
async def crew(url: str, size: int) -> AsyncIterator[list[Crewman]]:
    """So many living members; those who have neither stopped nor died are stopped at the end."""
    stores = [Store(url) for _ in range(size)]
    try:
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            men = [Crewman(store, tasks) for store in stores]
            try:
                yield [await man.start() for man in men]
                for man in men:
                    if not man.over:
                        await man.stop()
            finally:
                for man in men:
                    await man.member._wire.close()
    finally:
        for store in stores:
            await store.close()


async def _cancelled(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    tasks.clear()


def address(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


async def ask(store: Store, statement: str, **values: Any) -> list[Any]:
    async with store.read() as session:
        return list((await session.execute(text(statement), values)).all())


async def change(store: Store, statement: str, **values: Any) -> None:
    async with store.write() as connection:
        await connection.execute(text(statement), values)


async def cut_by_the_server(store: Store, token: int) -> None:
    """Ends the wire of the process with this token, as a server's operator may."""
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    assert await ask(store, cut, name=f"touchdesk-{token}") == [(True,)]


async def held(store: Store, row_id: int, token: int) -> None:
    """Puts an update there that the process with this token works on."""
    async with store.unit() as unit:
        unit.add(
            InboxRow(
                id=row_id, bot_id=1, update_id=row_id, chat_id=row_id, received_at=unit.now, body="{}", lease=token
            )
        )


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Raises TimeoutError unless the condition comes true in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def until_found(store: Store, statement: str, *expected: Any, seconds: float = 5.0) -> None:
    """Waits until these rows are found. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while await ask(store, statement) != list(expected):
            await asyncio.sleep(0.02)
