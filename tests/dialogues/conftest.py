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
from crm_store.models import ContactPoint, Customer, OutboxRow, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support.desk import Desk
from tests.telegram.group import Group
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram

TOKEN = "42:TEST"
FORUM = -100_1001
VIP, REGULAR, AT_RISK = 9990000001, 9990000002, 9990000003
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
        async with asyncio.timeout(5):
            while not self.group.topics:
                await asyncio.sleep(0.02)
        await self.tg.quiet()
        return self.group.topics[-1].thread_id

    def in_topic(self, thread_id: int) -> str:
        """What stands in a topic of the agents' group."""
        return "\n".join(self.tg.transcript(self.group.id, thread_id))

    async def settled(self) -> None:
        """Everything accepted has taken effect and everything decided was sent."""
        await self.tg.quiet()
        async with asyncio.timeout(10):
            while await self.rows(select(OutboxRow.id).where(OutboxRow.state.in_(("waiting", "sending")))):
                await asyncio.sleep(0.02)
        await self.tg.quiet()


@asynccontextmanager
async def open_shop(tg: FakeTelegram, store: Store, tmp_path: Path, **changes: Any) -> AsyncIterator[Shop]:
    """Runs the service until the block ends, and then sees it stop by itself."""
    settings = settings_for(tg, store, tmp_path, **changes)
    ready: asyncio.Queue[Desk] = asyncio.Queue()
    stopping = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(settings, store, ready.put, stopping))
        desk = await asyncio.wait_for(ready.get(), 20)
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
        "secret_key": "a secret for tests",
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


@pytest.fixture
async def shop(tg: FakeTelegram, sqlite_store: Store, tmp_path: Path) -> AsyncIterator[Shop]:
    await fill(sqlite_store)
    async with open_shop(tg, sqlite_store, tmp_path) as shop:
        yield shop
