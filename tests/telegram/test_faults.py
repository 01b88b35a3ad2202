"""What goes wrong on the way, and Telegram's sending limits."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from aiohttp import ClientConnectionError, ClientSession

from tests.telegram.conftest import Bot
from tests.telegram.faults import Kind
from tests.telegram.limits import Limits
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram
from tests.telegram.waiting import until


@pytest.fixture
def anna(tg: FakeTelegram) -> Person:
    anna = tg.user(101, "Anna")
    anna.start()
    return anna


async def test_a_line_that_breaks_before_the_effect_leaves_nothing(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.DROP_BEFORE, "sendMessage")
    with pytest.raises(ClientConnectionError):
        await bot.call("sendMessage", chat_id=101, text="a")
    assert anna.unheard() == []
    await bot.call("sendMessage", chat_id=101, text="a")
    assert [seen.text for seen in await anna.hears()] == ["a"]


async def test_a_line_that_breaks_after_the_effect_has_delivered(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.DROP_AFTER, "sendMessage")
    with pytest.raises(ClientConnectionError):
        await bot.call("sendMessage", chat_id=101, text="a")
    assert [seen.text for seen in await anna.hears()] == ["a"]


@pytest.mark.parametrize(("kind", "delivered"), [(Kind.BAD_GATEWAY, 0), (Kind.BAD_GATEWAY_AFTER, 1)])
async def test_a_gateway_answers_in_html(tg: FakeTelegram, anna: Person, kind: Kind, delivered: int) -> None:
    tg.fault(kind, "sendMessage")
    url = f"{tg.url}/bot{tg.token}/sendMessage"
    async with ClientSession() as session, session.post(url, json={"chat_id": 101, "text": "a"}) as response:
        assert (response.status, response.content_type) == (502, "text/html")
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.text())
    assert len(anna.unheard()) == delivered


async def test_retry_after_and_the_429_without_it(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.TOO_MANY, "sendMessage", seconds=7)
    tg.fault(Kind.TOO_MANY, "sendMessage")
    refusal = await bot.ask("sendMessage", chat_id=101, text="a")
    assert refusal["description"] == "Too Many Requests: retry after 7"
    assert refusal["parameters"] == {"retry_after": 7}
    assert "parameters" not in await bot.ask("sendMessage", chat_id=101, text="a")


async def test_any_refusal_can_be_ordered_for_one_chat(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.user(102, "Bo").start()
    tg.fault(Kind.REFUSE, times=None, where={"chat_id": 101}, code=400, description="Bad Request: CHAT_WRITE_FORBIDDEN")
    await bot.call("sendMessage", chat_id=102, text="a")
    for _ in range(2):
        assert await bot.refused("sendChatAction", chat_id=101) == (400, "Bad Request: CHAT_WRITE_FORBIDDEN")
    tg.heal()
    await bot.call("sendMessage", chat_id=101, text="a")


async def test_every_third_call_after_the_first_two(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.TOO_MANY, "sendMessage", times=None, every=3, skip=2, seconds=1)
    outcomes = [(await bot.ask("sendMessage", chat_id=101, text="a"))["ok"] for _ in range(8)]
    assert outcomes == [True, True, True, True, False, True, True, False]
    assert tg.counters()["faults"] == 2


async def test_answers_that_cannot_be_read_though_the_message_is_out(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.GARBLED, "sendMessage")
    tg.fault(Kind.TRUNCATED, "sendMessage")
    garbled = await bot.call("sendMessage", chat_id=101, text="a")
    assert garbled["chat"]["type"] == ["hologram"]
    assert garbled["message_id"] == (await anna.last()).id
    with pytest.raises(json.JSONDecodeError):
        await bot.ask("sendMessage", chat_id=101, text="b")
    assert [seen.text for seen in await anna.hears(2)] == ["a", "b"]


async def test_500_and_garbage_though_the_message_is_out(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.SERVER_ERROR_AFTER, "sendMessage")
    tg.fault(Kind.GARBAGE, "sendMessage")
    assert await bot.refused("sendMessage", chat_id=101, text="a") == (500, "Internal Server Error")
    with pytest.raises(json.JSONDecodeError):
        await bot.ask("sendMessage", chat_id=101, text="b")
    assert [seen.text for seen in await anna.hears(2)] == ["a", "b"]


async def test_an_answer_that_trickles_is_complete_in_the_end(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    tg.fault(Kind.TRICKLE, "sendMessage", seconds=0.2)
    started = time.monotonic()
    sending = asyncio.ensure_future(bot.call("sendMessage", chat_id=101, text="a"))
    assert [seen.text for seen in await anna.hears()] == ["a"]
    assert tg.in_flight() == {"sendmessage": 1}
    assert (await sending)["text"] == "a"
    assert time.monotonic() - started >= 0.2
    await until(lambda: not tg.in_flight() or None, 5, lambda: "the call did not end")


async def test_a_share_of_the_calls_is_the_same_for_the_same_seed(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    async def outcomes(seed: int) -> list[bool]:
        tg.fault(Kind.TOO_MANY, "sendMessage", times=None, share=0.3, seed=seed)
        asked = [(await bot.ask("sendMessage", chat_id=101, text="a"))["ok"] for _ in range(100)]
        tg.heal()
        return asked

    first = await outcomes(1)
    assert 50 < sum(first) < 90
    assert await outcomes(1) == first != await outcomes(2)


async def test_delay_and_the_wrong_thread(tg: FakeTelegram, bot: Bot) -> None:
    forum = tg.group(-1001, "Agents", forum=True)
    thread = (await bot.call("createForumTopic", chat_id=-1001, name="Anna"))["message_thread_id"]
    tg.fault(Kind.WRONG_THREAD, "sendMessage")
    sent = await bot.call("sendMessage", chat_id=-1001, message_thread_id=thread, text="lost")
    assert "message_thread_id" not in sent
    assert [seen.text for seen in forum.messages(topic=0)] == ["lost"]
    tg.fault(Kind.DELAY, "sendMessage", seconds=0.1)
    started = time.monotonic()
    await bot.call("sendMessage", chat_id=-1001, message_thread_id=thread, text="late")
    assert time.monotonic() - started >= 0.1


async def test_an_unplugged_telegram_refuses_and_keeps_its_memory(tg: FakeTelegram, bot: Bot, anna: Person) -> None:
    url = tg.url
    await tg.unplug()
    with pytest.raises(ClientConnectionError):
        await bot.call("getMe")
    anna.say("anyone there?")
    await tg.plug()
    assert tg.url == url
    assert [update["message"]["text"] for update in await bot.updates()] == ["/start", "anyone there?"]


@pytest.mark.parametrize("enforce", [True, False])
async def test_limits_per_chat_and_per_group(enforce: bool) -> None:
    async with FakeTelegram(limits=Limits(enforce=enforce)) as tg, ClientSession() as session:
        bot = Bot(tg, session)
        tg.user(101, "Anna").start()
        tg.group(-5, "Agents")
        private = [await bot.ask("sendMessage", chat_id=101, text="a") for _ in range(6)]
        group = [await bot.ask("sendMessage", chat_id=-5, text="a") for _ in range(21)]
        assert [answer["ok"] for answer in private] == [True] * 5 + [not enforce]
        assert [answer["ok"] for answer in group] == [True] * 20 + [not enforce]
        assert tg.counters()["violations"] == {"chat": 1, "group": 1}
        if enforce:
            assert private[-1]["parameters"] == {"retry_after": 1}
            assert group[-1]["parameters"] == {"retry_after": 3}


async def test_the_overall_limit_counts_all_chats_together() -> None:
    async with FakeTelegram(limits=Limits(overall=1.0, overall_burst=3)) as tg, ClientSession() as session:
        bot = Bot(tg, session)
        tg.flood(chats=4, per_chat=1, texts=["hi"], first_user=1)
        answers = await asyncio.gather(*(bot.ask("sendMessage", chat_id=chat, text="a") for chat in (1, 2, 3, 4)))
        assert sorted(answer["ok"] for answer in answers) == [False, True, True, True]
        assert tg.counters()["violations"] == {"overall": 1}
