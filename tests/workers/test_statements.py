"""A batch of messages costs a handful of statements, however many people wrote."""

from __future__ import annotations

import json
from itertools import count

import pytest
from sqlalchemy import func, select

from crm_store.models import OutboxRow, Touchpoint
from crm_store.repositories import inbox
from crm_store.store import Store
from handlers.channel import TelegramChannel
from handlers.dispatch import Dispatch
from handlers.recording import make_bot
from tests.crm_store.test_indexes import statements
from tests.support.shop import open_shop
from tests.workers.holders import Holder
from workers.processing import Processor

MOST = 16
_updates = count(1)


async def write(store: Store, people: int, text: str) -> None:
    rows = []
    for n in range(1000, 1000 + people):
        user = {"id": n, "is_bot": False, "first_name": f"Nia {n}", "language_code": "en"}
        message = {"message_id": 1, "date": 0, "chat": {"id": n, "type": "private"}, "from": user, "text": text}
        update_id = next(_updates)
        rows.append((update_id, n, json.dumps({"update_id": update_id, "message": message})))
    async with store.write() as connection:
        await inbox.accept(connection, 42, rows, store.clock())


async def answered(store: Store) -> int:
    async with store.read() as session:
        return await session.scalar(select(func.count(OutboxRow.id))) or 0


@pytest.mark.parametrize("people", [10, 50])
async def test_a_batch_of_questions_costs_a_handful_of_statements(store: Store, people: int) -> None:
    shop = await open_shop(store)
    bot = make_bot("42:TEST")
    shop.desk.channels = {**shop.desk.channels, "telegram": TelegramChannel(bot.id)}
    dispatch = Dispatch(shop.desk, bot, None)
    processor = Processor(store, dispatch, dispatch.prepare, Holder())
    for is_new in (True, False):
        await write(store, people, "How often do I descale the machine?")
        with statements(store) as seen:
            assert await processor.step() == people
        assert len(seen) <= MOST, [statement.split(" FROM")[0][:80] for statement, _ in seen]
        assert await answered(store) == people * (1 if is_new else 2)
    async with store.read() as session:
        kinds = list(await session.scalars(select(Touchpoint.kind)))
    assert (kinds.count("text"), kinds.count("answer"), kinds.count("joined")) == (2 * people, 2 * people, people)
