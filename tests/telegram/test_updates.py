"""getUpdates: delivered again until confirmed, one poller at a time."""

from __future__ import annotations

import asyncio
import time

from tests.telegram.conftest import Bot
from tests.telegram.server import FakeTelegram


async def test_updates_come_again_until_the_next_offset_confirms_them(tg: FakeTelegram, bot: Bot) -> None:
    anna = tg.user(101, "Anna")
    anna.say("one")
    anna.say("two")
    first = await bot.updates()
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert await bot.updates() == first
    assert await bot.updates(offset=first[0]["update_id"] + 1) == first[1:]
    assert await bot.updates(offset=first[1]["update_id"] + 1) == []
    assert tg.counters()["confirmed"] == 2


async def test_ids_rise_by_one_and_limit_caps_a_batch_at_a_hundred(tg: FakeTelegram, bot: Bot) -> None:
    tg.flood(chats=30, per_chat=4, texts=["hello"])
    batch = await bot.updates(limit=500)
    ids = [update["update_id"] for update in batch]
    assert ids == list(range(ids[0], ids[0] + 100))
    assert len(await bot.updates(offset=ids[-1] + 1)) == 20


async def test_a_negative_offset_keeps_only_the_newest(tg: FakeTelegram, bot: Bot) -> None:
    tg.flood(chats=1, per_chat=5, texts=["a", "b", "c", "d", "e"])
    assert [update["message"]["text"] for update in await bot.updates(offset=-2)] == ["d", "e"]
    assert len(await bot.updates()) == 2


async def test_a_long_poll_ends_when_something_comes_and_after_its_time(tg: FakeTelegram, bot: Bot) -> None:
    anna = tg.user(101, "Anna")
    asyncio.get_running_loop().call_later(0.05, anna.say, "hi")
    started = time.monotonic()
    updates = await bot.updates(timeout=5)
    assert [update["message"]["text"] for update in updates] == ["hi"]
    assert time.monotonic() - started < 2
    assert await bot.updates(offset=updates[0]["update_id"] + 1, timeout=1) == []


async def test_a_second_poller_ends_the_first_with_409(tg: FakeTelegram, bot: Bot) -> None:
    async with asyncio.TaskGroup() as polls:
        first = polls.create_task(bot.refused("getUpdates", timeout=5))
        await asyncio.sleep(0.05)
        second = polls.create_task(bot.updates(timeout=5))
        await asyncio.sleep(0.05)
        tg.user(101, "Anna").say("hi")
    assert first.result()[0] == 409
    assert "terminated by other getUpdates request" in first.result()[1]
    assert len(second.result()) == 1


async def test_polling_is_refused_while_a_webhook_is_set(tg: FakeTelegram, bot: Bot) -> None:
    await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
    code, words = await bot.refused("getUpdates")
    assert code == 409
    assert "can't use getUpdates method while webhook is active" in words
    assert (await bot.call("getWebhookInfo"))["url"] == "http://127.0.0.1:9/hook"
    await bot.call("deleteWebhook")
    assert await bot.updates() == []


async def test_allowed_updates_are_remembered_and_silent_kinds_must_be_named(tg: FakeTelegram, bot: Bot) -> None:
    anna = tg.user(101, "Anna")
    reaction = {"message_reaction": {"chat": {"id": 101, "type": "private"}, "message_id": 1, "date": 1}}
    assert tg.push([reaction]) == [None]
    await bot.updates(allowed_updates=["message"])
    message_id = anna.say("hi")
    anna.edit(message_id, "hello")
    kinds = [sorted(update.keys() - {"update_id"}) for update in await bot.updates()]
    assert kinds == [["message"]]


async def test_update_ids_may_begin_anew_below_the_old_ones(tg: FakeTelegram, bot: Bot) -> None:
    anna = tg.user(101, "Anna")
    anna.say("before the idle week")
    (old,) = await bot.updates()
    assert await bot.updates(offset=old["update_id"] + 1) == []
    tg.restart_update_ids(5)
    anna.say("after it")
    (new,) = await bot.updates(offset=old["update_id"] + 1)
    assert (new["update_id"], new["message"]["text"]) == (5, "after it")
    assert await bot.updates(offset=6) == []


async def test_quiet_waits_for_the_confirmation(tg: FakeTelegram, bot: Bot) -> None:
    tg.user(101, "Anna").say("hi")
    async with asyncio.TaskGroup() as tasks:
        rest = tasks.create_task(tg.quiet())
        (update,) = await bot.updates()
        await asyncio.sleep(0.1)
        assert not rest.done()
        await bot.updates(offset=update["update_id"] + 1)


async def test_waits_are_counted_from_the_first_handing_out_to_the_answer(tg: FakeTelegram, bot: Bot) -> None:
    anna, ben = tg.user(101, "Anna"), tg.user(102, "Ben")
    for person in (anna, anna, ben):
        person.say("hello")
    await bot.updates()
    await asyncio.sleep(0.1)
    await bot.updates()
    await bot.call("sendMessage", chat_id=102, text="a")
    await bot.call("sendMessage", chat_id=101, text="b")
    await asyncio.sleep(0.1)
    await bot.call("sendMessage", chat_id=101, text="c")
    await bot.call("sendMessage", chat_id=101, text="answers nothing")
    first, second, third = tg.latencies()
    assert 0.1 <= first <= second < third
    assert third >= 0.2
    assert tg.latencies() == []
