"""The service in several processes on one PostgreSQL: each does its part, and another goes on where one has stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from sqlalchemy import func, select

from bot.readiness import problems
from bot.roles import Role, RoleNeedsPostgresError
from bot.runtime import serve
from bot.settings import Settings
from crm_store.models import InboxRow, OutboxRow, Process, Touchpoint
from crm_store.store import Store
from support.desk import Desk
from tests.databases import Databases, opened
from tests.dialogues.conftest import fill, free_port, settings_for
from tests.dialogues.test_whole_dialogue import WEBHOOK_SECRET
from tests.telegram.server import FakeTelegram

QUESTION = "how often do I descale?"


@dataclass
class Running:
    """One process of the service, for a test in a task of its own."""

    role: Role
    settings: Settings
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Queue[Desk] = field(default_factory=asyncio.Queue)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self) -> None:
        store = Store(self.settings.database_url)
        try:
            await serve(self.settings, store, self.ready.put, self.stopping, self.role)
        finally:
            await store.close()
            self.stopped.set()

    async def stop(self) -> None:
        self.stopping.set()
        async with asyncio.timeout(30):
            await self.stopped.wait()

    async def get(self, path: str) -> int:
        async with ClientSession() as session, session.get(f"{self.settings.base_url}{path}") as response:
            return response.status


@pytest.fixture
async def shared(databases: Databases) -> AsyncIterator[Store]:
    """The sample shop on PostgreSQL."""
    url = await databases.lend()
    async with opened(url) as store:
        await fill(store)
        yield store
    await databases.take_back(url)


@asynccontextmanager
async def running(
    tg: FakeTelegram, store: Store, tmp_path: Path, roles: Sequence[tuple[Role, int]], **changes: Any
) -> AsyncIterator[list[Running]]:
    """Processes of these roles, each on its port."""
    processes = [Running(role, settings_for(tg, store, tmp_path, http_port=port, **changes)) for role, port in roles]
    async with asyncio.TaskGroup() as tasks:
        for process in processes:
            tasks.create_task(process.serve())
            await asyncio.wait_for(process.ready.get(), 60)
        try:
            yield processes
        finally:
            for process in processes:
                process.stopping.set()


def webhook(port: int) -> dict[str, Any]:
    return {"webhook_url": f"http://127.0.0.1:{port}/telegram/webhook", "webhook_secret": WEBHOOK_SECRET}


async def one(store: Store, query: Any) -> Any:
    async with store.read() as session:
        return await session.scalar(query)


async def test_a_file_is_shared_by_nobody(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> None:
    settings = settings_for(tg, shop_store, tmp_path)
    for role in (Role.WEB, Role.WORKER):
        with pytest.raises(RoleNeedsPostgresError, match=f"touchdesk {role} .* needs PostgreSQL"):
            await serve(settings, shop_store, role=role)


async def test_a_web_takes_updates_and_workers_answer_them(tg: FakeTelegram, shared: Store, tmp_path: Path) -> None:
    port = free_port()
    roles = [(Role.WEB, port), (Role.WORKER, free_port()), (Role.WORKER, free_port())]
    async with running(tg, shared, tmp_path, roles, **webhook(port)) as (web, *workers):
        assert await one(shared, select(func.count()).select_from(Process)) == 3
        assert [await web.get(path) for path in ("/chat", "/readyz")] == [200, 200]
        for worker in workers:
            assert [await worker.get(path) for path in ("/chat", "/readyz", "/healthz")] == [404, 200, 200]
        people = [tg.user(100 + n, "Nia", language_code="en") for n in range(10)]
        for person in people:
            person.say(QUESTION)
        for person in people:
            assert (await person.hears(1))[0].text.startswith("Every two to three months")
        assert tg.counters()["calls"]["setwebhook"] == 1
        assert await everything_once(shared, len(people))


@pytest.mark.parametrize("by_webhook", [False, True])
async def test_another_worker_goes_on_where_one_has_stopped(
    tg: FakeTelegram, shared: Store, tmp_path: Path, by_webhook: bool
) -> None:
    port = free_port()
    roles = [(Role.WEB, port), (Role.WORKER, free_port()), (Role.WORKER, free_port())]
    way = webhook(port) if by_webhook else {}
    async with running(tg, shared, tmp_path, roles, **way) as (_, first, second):
        nia = tg.user(101, "Nia", language_code="en")
        nia.say(QUESTION)
        await nia.hears(1)
        await first.stop()
        assert await one(shared, select(func.count()).select_from(Process)) == 2
        nia.say(QUESTION)
        async with asyncio.timeout(5):
            await nia.hears(1)
        assert await second.get("/readyz") == 200
        assert await everything_once(shared, 2)
    assert await one(shared, select(func.count()).select_from(Process)) == 0


async def test_who_stops_says_so_before(tg: FakeTelegram, shared: Store, tmp_path: Path) -> None:
    stopping = asyncio.Event()
    assert await problems(shared, None, stopping) == []
    stopping.set()
    assert await problems(shared, None, stopping) == ["the service is stopping"]


async def everything_once(store: Store, messages: int) -> bool:
    """Each update was done, and said one thing that was sent."""
    async with asyncio.timeout(10):
        while await one(store, select(func.count()).where(OutboxRow.state != "sent")):
            await asyncio.sleep(0.02)
    done = await one(store, select(func.count()).where(InboxRow.state == "done"))
    heard = await one(store, select(func.count()).where(Touchpoint.direction == "in", Touchpoint.kind == "text"))
    return done == heard == messages and not await one(store, select(func.count()).where(InboxRow.lease.is_not(None)))
