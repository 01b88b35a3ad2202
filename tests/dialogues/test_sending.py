"""Answers that do not get through, as the chat and the health page show it."""

import asyncio
import time

from aiohttp import ClientSession
from sqlalchemy import select

from crm_store.models import InboxRow, OutboxRow
from tests.dialogues.conftest import Shop
from tests.dialogues.test_webhook import QUESTION, update
from tests.telegram.faults import Kind


async def get(shop: Shop, path: str) -> tuple[int, str]:
    async with ClientSession() as session, session.get(f"{shop.settings.base_url}{path}") as response:
        return response.status, await response.text()


async def not_ready(shop: Shop) -> str:
    """What the health page says once something is wrong."""
    async with asyncio.timeout(5):
        while True:
            status, words = await get(shop, "/readyz")
            if status == 503:
                return words
            await asyncio.sleep(0.02)


async def test_updates_that_come_again_and_numbers_that_begin_anew(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("hi")
    await nia.hears(1)
    newest = shop.tg.world.queue.newest_id
    for _ in range(5):
        shop.tg.push([update(newest + number) for number in (1, 2, 3)])
    await shop.settled()
    shop.tg.restart_update_ids(7)
    nia.say(QUESTION)
    await shop.settled()
    assert len(nia.unheard()) == 4
    said = [row for row in await shop.ledger(nia) if row.kind == "text" and row.direction == "in"]
    assert len(said) == len(await shop.rows(select(InboxRow))) == 5


async def test_what_waits_keeps_its_order_and_holds_up_no_other(shop: Shop) -> None:
    nia, ann = shop.customer(), shop.customer(102, "Ann")
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": nia.id}, seconds=2)
    began = time.monotonic()
    for question in (QUESTION, "hi", "thanks"):
        nia.say(question)
    await shop.tg.quiet()
    ann.say(QUESTION)
    await ann.hears(1)
    assert time.monotonic() - began < 1.9
    heard = await nia.hears(3)
    assert time.monotonic() - began > 1.9
    assert heard[0].text.startswith("Every two to three months")
    await shop.settled()
    rows = await shop.outbox(nia)
    assert [row.message_id for row in rows] == [message.id for message in heard]
    assert not rows[0].repeated


async def test_a_chat_that_never_began(shop: Shop) -> None:
    """Telegram knows no chat with this person: nothing can be sent, and nobody else suffers."""
    shop.tg.user(101, "Nia")
    shop.tg.push([update(1), update(2)])
    ann = shop.customer(102, "Ann")
    ann.say(QUESTION)
    await ann.hears(1)
    await shop.settled()
    rows = await shop.rows(select(OutboxRow).where(OutboxRow.chat_id == 101))
    assert {(row.state, row.error) for row in rows} == {("failed", "Bad Request: chat not found")}


async def test_another_program_polls_the_same_bot(shop: Shop) -> None:
    nia = shop.customer()
    words = "Conflict: terminated by other getUpdates request"
    shop.tg.fault(Kind.REFUSE, "getUpdates", code=409, description=words, times=2)
    nia.say("hi")
    assert "another program polls this bot" in await not_ready(shop)
    nia.say(QUESTION)
    assert await nia.hears(2, timeout=8)
    assert (await get(shop, "/readyz"))[0] == 200


async def test_a_revoked_token_stops_the_sending_and_keeps_the_queue(shop: Shop) -> None:
    nia = shop.customer()
    shop.tg.fault(Kind.REFUSE, "sendMessage", code=401, description="Unauthorized", times=None)
    nia.say(QUESTION)
    nia.say("hi")
    assert "Unauthorized" in await not_ready(shop)
    assert (await get(shop, "/healthz"))[0] == 200
    await shop.tg.quiet()
    await asyncio.sleep(0.3)
    assert shop.tg.counters()["calls"]["sendmessage"] == 1
    assert [row.state for row in await shop.outbox(nia)] == ["waiting", "waiting"]
