"""Telegram's limits against a Bot API that enforces them, whatever becomes of the sender (reliability, row 9)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import ClientSession, web

from crm_store.repositories.lanes import Lane
from crm_store.store import Store
from tests.telegram.limits import Limits
from tests.telegram.server import FakeTelegram
from tests.workers.line import TOKEN, Line, Post, PostOffice, post_office, refused
from workers.api import BotApi
from workers.pacing import Rates
from workers.sender import Sender

GROUP = -100_500
CHATS = range(1, 121)
BUSY = range(1, 4)
LIVES = 3
LIFE_SECONDS = 3.4
SETTLED = {"sent", "uncertain"}


@pytest.fixture
async def office(sqlite_store: Store) -> AsyncIterator[tuple[PostOffice, FakeTelegram]]:
    async with FakeTelegram(TOKEN, limits=Limits()) as tg, ClientSession() as session:
        for chat in CHATS:
            tg.user(chat, f"Customer {chat}").start()
        tg.group(GROUP, "Agents")
        yield PostOffice(sqlite_store, BotApi(session, TOKEN, tg.url), Line()), tg


async def killed_after(sender: Sender, seconds: float) -> None:
    """A term that is not asked to end: its calls are cut wherever they are, and nothing is written any more."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await sender.run(asyncio.Event())


async def test_9_limits_kept_by_all(office: tuple[PostOffice, FakeTelegram]) -> None:
    post, tg = office
    for chat in CHATS:
        await post.put(f"first to {chat}", chat=chat, lane=Lane.CAMPAIGN if chat % 3 == 0 else Lane.ANSWER)
    for number in range(8):
        for chat in BUSY:
            await post.put(f"{number} to {chat}", chat=chat)
    await post.put(*(f"{number} to all" for number in range(3)), chat=GROUP)
    sender = post.sender(Rates())
    for _ in range(LIVES):
        await killed_after(sender, LIFE_SECONDS)
    async with asyncio.timeout(60), post.sending(sender):
        while set(await post.states()) - SETTLED:
            await asyncio.sleep(0.05)
    assert tg.counters()["violations"] == {}
    rows = await post.rows()
    assert len([row for row in rows if row.epoch == 1]) > 40, "each sender had sent when it was killed"
    assert {row.epoch for row in rows} >= {1, 2, 3}
    assert max(row.attempts for row in rows) <= 1 + LIVES


async def test_9_a_chat_that_is_told_to_wait_delays_nobody(sqlite_store: Store) -> None:
    async with post_office(sqlite_store) as post:
        calm = await seconds_for(post, told_to_wait=None)
        assert await seconds_for(post, told_to_wait=1) - calm < 2
        assert (await post.states()).count("waiting") == 2


async def seconds_for(post: PostOffice, told_to_wait: int | None) -> float:
    """How long it takes until twenty chats have two messages each, in the 95th percentile."""
    loop = asyncio.get_running_loop()
    arrived: list[float] = []

    async def answer(came: Post) -> web.StreamResponse:
        if came.params["chat_id"] == told_to_wait:
            return refused(429, "Too Many Requests: retry after 10072", retry_after=10_072)
        arrived.append(loop.time())
        return await post.line.sent(came)

    post.line.answer = answer
    began = loop.time()
    for chat in range(1, 22):
        await post.put("a", "b", chat=chat)
    async with asyncio.timeout(30), post.sending(post.sender(Rates(overall=60, chat=4))):
        while len(arrived) < (42 if told_to_wait is None else 40):
            await asyncio.sleep(0.01)
    return sorted(arrived)[int(len(arrived) * 0.95)] - began
