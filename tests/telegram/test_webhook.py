"""Webhook delivery: secret, order per chat, retries, Retry-After."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.telegram.conftest import Bot
from tests.telegram.server import FakeTelegram


@dataclass
class Hook:
    """A bot's webhook; answers as `outcomes` say, oldest first, then 200."""

    url: str = ""
    outcomes: list[web.Response] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)

    async def take(self, request: web.BaseRequest) -> web.Response:
        self.secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        self.received.append(await web.BaseRequest.json(request))
        return self.outcomes.pop(0) if self.outcomes else web.Response()

    @property
    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.received]


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    runner = web.ServerRunner(web.Server(hook.take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret_also_those_that_waited(
    tg: FakeTelegram, bot: Bot, hook: Hook
) -> None:
    anna = tg.user(101, "Anna")
    anna.say("one")
    await bot.call("setWebhook", url=hook.url, secret_token="s3cret")
    anna.say("two")
    await tg.quiet()
    assert hook.texts == ["one", "two"]
    assert hook.secrets == ["s3cret", "s3cret"]
    assert tg.counters()["confirmed"] == 2


async def test_a_failed_delivery_is_repeated_before_the_next_of_its_chat(
    tg: FakeTelegram, bot: Bot, hook: Hook
) -> None:
    hook.outcomes = [web.Response(status=500), web.Response(status=500)]
    await bot.call("setWebhook", url=hook.url)
    anna = tg.user(101, "Anna")
    anna.say("one")
    anna.say("two")
    await tg.quiet()
    assert hook.texts == ["one", "one", "one", "two"]
    info = await bot.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    assert info["pending_update_count"] == 0


async def test_a_button_press_may_overtake_a_message(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    hook.outcomes = [web.Response(status=500)]
    await bot.call("setWebhook", url=hook.url)
    anna = tg.user(101, "Anna")
    anna.say("held up")
    anna.press_data("swift")
    await tg.quiet()
    assert ["message" in update for update in hook.received] == [True, False, True]


async def test_retry_after_is_kept_and_other_chats_do_not_wait(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    hook.outcomes = [web.Response(status=503, headers={"Retry-After": "1"})]
    await bot.call("setWebhook", url=hook.url)
    started = time.monotonic()
    tg.user(101, "Anna").say("held")
    tg.user(102, "Bo").say("free")
    await tg.quiet()
    assert time.monotonic() - started >= 1
    assert hook.texts == ["held", "free", "held"]


async def test_delivery_goes_on_when_the_bot_comes_up(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    await bot.call("setWebhook", url="http://127.0.0.1:9/nobody")
    tg.user(101, "Anna").say("hello?")
    with pytest.raises(AssertionError, match="not at rest"):
        await tg.quiet(timeout=0.1)
    assert (await bot.call("getWebhookInfo"))["last_error_message"] == "Connection refused"
    await bot.call("setWebhook", url=hook.url)
    await tg.quiet()
    assert hook.texts == ["hello?"]


async def test_the_answer_may_be_a_method(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    hook.outcomes = [
        web.json_response(True),
        web.Response(text="{"),
        web.json_response({"method": "sendMessage", "chat_id": 101, "text": "at once"}),
    ]
    await bot.call("setWebhook", url=hook.url)
    anna = tg.user(101, "Anna")
    for _ in range(3):
        anna.start()
    assert [seen.text for seen in await anna.hears()] == ["at once"]


async def test_an_update_can_be_delivered_twice(tg: FakeTelegram, bot: Bot, hook: Hook) -> None:
    await bot.call("setWebhook", url=hook.url)
    tg.user(101, "Anna").say("once")
    await tg.quiet()
    tg.push([hook.received[0]])
    await tg.quiet()
    assert hook.received[0] == hook.received[1]


async def test_a_secret_of_forbidden_characters_is_refused(bot: Bot) -> None:
    words = "Bad Request: secret token contains unallowed characters"
    assert await bot.refused("setWebhook", url="https://example.org", secret_token="geheim!") == (400, words)
