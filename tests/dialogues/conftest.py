"""The sample shop, open in Telegram: the whole service against the fake Bot API, by polling or by webhook."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.runtime import serve
from bot.sample_shop import load_sample
from bot.settings import Settings, read_settings
from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, ForumTopic, InboxRow, OutboxRow, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support.desk import Desk
from tests.databases import SECRET, opened, sqlite_copy, sqlite_file
from tests.telegram.group import Group
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram
from tests.telegram.waiting import until

TOKEN = "42:TEST"
FORUM = -100_1001
VIP, REGULAR, AT_RISK, MAJOR = 9990000001, 9990000002, 9990000003, 9990000008
AGENT, OTHER_AGENT, ADMIN = 900, 901, 902


@dataclass
class Shop:
    """The running shop with its people."""

    tg: FakeTelegram
    store: Store
    desk: Desk
    settings: Settings
    group: Group

    def customer(self, id_: int = 101, name: str = "Nia", language: str = "en") -> Person:
        return self.tg.user(id_, name, language_code=language)

    def agent(self, id_: int = AGENT, name: str = "Bob") -> Person:
        return self.tg.user(id_, name, language_code="en")

    async def ledger(self, person: Person) -> list[Touchpoint]:
        """What the store remembers of a Telegram user, in order."""
        query = (
            select(Touchpoint)
            .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
            .where(ContactPoint.channel == "telegram", ContactPoint.address == str(person.id))
            .order_by(Touchpoint.id)
        )
        async with self.store.read() as session:
            return list((await session.scalars(query)).all())

    async def rows(self, query: Any) -> list[Any]:
        async with self.store.read() as session:
            return list((await session.scalars(query)).all())

    async def topic(self) -> int:
        """The newest topic of the agents' group, once there is one: its thread id."""
        await until(lambda: self.group.topics or None, 15, lambda: "no topic was made")
        await self.settled()
        return self.group.topics[-1].thread_id

    async def handed_over(self, person: Person, words: str = "a human please") -> int:
        """The person asks for a human and is told; returns their topic."""
        person.say(words)
        await self.settled()
        assert await person.hears(1)
        query = (
            select(ForumTopic)
            .join(ContactPoint, ContactPoint.id == ForumTopic.contact_point_id)
            .where(ContactPoint.address == str(person.id))
        )
        (topic,) = await self.rows(query)
        return int(topic.thread_id)

    async def outbox(self, person: Person) -> list[OutboxRow]:
        """The calls that were to reach a person, in order."""
        return await self.rows(select(OutboxRow).where(OutboxRow.chat_id == person.id).order_by(OutboxRow.id))

    def in_topic(self, thread_id: int) -> str:
        """What stands in a topic of the agents' group."""
        return "\n".join(self.tg.transcript(self.group.id, thread_id))

    async def settled(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109 - names the test's patience
        """Everything accepted has taken effect and everything decided was sent."""
        await self.tg.quiet(timeout=timeout)
        async with asyncio.timeout(timeout):
            while await self._under_way():
                await asyncio.sleep(0.02)
                await self.tg.quiet(timeout=timeout)

    async def _under_way(self) -> bool:
        taken = select(InboxRow.id).where(InboxRow.state == "waiting")
        decided = select(OutboxRow.id).where(OutboxRow.state.in_(("waiting", "sending")))
        return bool(await self.rows(taken) or await self.rows(decided))

    async def set_aside(self) -> list[InboxRow]:
        """Updates that were given up."""
        return await self.rows(select(InboxRow).where(InboxRow.state == "failed"))


@asynccontextmanager
async def open_shop(tg: FakeTelegram, store: Store, tmp_path: Path, **changes: Any) -> AsyncIterator[Shop]:
    """Runs the service until the block ends, and then sees it stop by itself."""
    settings = settings_for(tg, store, tmp_path, **changes)
    ready: asyncio.Queue[Desk] = asyncio.Queue()
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(settings, store, ready.put, stopping))
        desk = await asyncio.wait_for(ready.get(), 60)
        group = tg.group(FORUM, "Agents", forum=True)
        try:
            yield Shop(tg, store, desk, settings, group)
        finally:
            stopping.set()


def settings_for(tg: FakeTelegram, store: Store, tmp_path: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "bot_token": TOKEN,
        "telegram_api_base": tg.url,
        "database_url": store.url.render_as_string(hide_password=False),
        "secret_key": SECRET,
        "agent_chat_id": FORUM,
        "agent_ids": f"{AGENT},{OTHER_AGENT}",
        "admin_ids": str(ADMIN),
        "http_port": free_port(),
        "files_dir": tmp_path / "files",
        "shop_name": "Kaffa Tools",
        "send_rate": 0,
        "send_rate_chat": 0,
        "send_rate_group": 0,
    }
    return read_settings(_env_file=None, **(values | changes))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def fill(store: Store) -> None:
    """The sample shop, its VIP with a Telegram account."""
    await load_sample(store, datetime.now(UTC))

    async def connect(unit: Unit) -> None:
        customer = (await unit.session.scalars(select(Customer).where(Customer.external_id == "C-1001"))).one()
        unit.add(
            ContactPoint(
                id=new_id(),
                customer_id=customer.id,
                channel="telegram",
                address=str(VIP),
                chat_id=VIP,
                created_at=unit.now,
            )
        )

    await store.run(connect)


@pytest.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(token=TOKEN) as tg:
        yield tg


@pytest.fixture(scope="session")
def filled(stores: Path) -> bytes:
    """A SQLite file with the sample shop, made once and copied by every test."""
    path = stores / "filled.db"

    async def make() -> None:
        async with opened(await sqlite_file(path)) as store:
            await fill(store)

    asyncio.run(make())
    return path.read_bytes()


@pytest.fixture
async def shop_store(filled: bytes, stores: Path) -> AsyncIterator[Store]:
    """The sample shop's store, a copy for one test."""
    async with opened(await asyncio.to_thread(sqlite_copy, filled, stores / "shop.db")) as store:
        yield store


@pytest.fixture
async def shop(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tg, shop_store, tmp_path) as shop:
        yield shop
