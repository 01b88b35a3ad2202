"""What the doctor finds at Telegram, by asking only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.doctor import telegram
from bot.doctor.finding import Level
from bot.settings import read_settings
from tests.telegram.server import FakeTelegram

FORUM = -1001
HOOK = "https://shop.example/telegram/webhook"


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running


async def worst(fake: FakeTelegram, **settings: Any) -> list[tuple[Level, str]]:
    """What is not well."""
    given = {"bot_token": fake.token, "telegram_api_base": fake.url, "secret_key": "x"} | settings
    findings = await telegram.telegram(read_settings(**given))
    assert findings
    return [(finding.level, finding.what) for finding in findings if finding.level is not Level.OK]


async def test_a_known_bot_that_polls_is_well(fake: FakeTelegram) -> None:
    assert await worst(fake) == []


async def test_without_a_token_nobody_is_asked(fake: FakeTelegram) -> None:
    await fake.unplug()
    assert await worst(fake, bot_token=None) == []


async def test_an_unknown_token_is_told_and_stays_out_of_the_words(fake: FakeTelegram) -> None:
    ((level, what),) = await worst(fake, bot_token="99:HUSH")
    assert (level, what) == (Level.ERROR, "Telegram does not know BOT_TOKEN")


async def test_a_telegram_out_of_reach_is_told(fake: FakeTelegram) -> None:
    await fake.unplug()
    ((level, what),) = await worst(fake)
    assert level is Level.ERROR
    assert "cannot be reached" in what
    assert fake.token not in what


async def test_an_address_that_is_not_ours_is_told(fake: FakeTelegram) -> None:
    hooked = {"webhook_url": HOOK, "webhook_secret": "abc"}
    ((level, what),) = await worst(fake, **hooked)
    assert (level, what) == (Level.WARNING, f"Telegram sends updates to whoever polls, and WEBHOOK_URL is {HOOK}")


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"url": HOOK, "pending_update_count": 3}, []),
        ({"url": HOOK, "pending_update_count": 101}, ["101 updates wait at Telegram"]),
        ({"url": HOOK, "last_error_message": "Connection refused"}, ["Connection refused"]),
        ({"url": "https://other.example/hook", "pending_update_count": 999}, ["https://other.example/hook"]),
    ],
)
def test_the_webhook_is_judged(info: dict[str, Any], expected: list[str]) -> None:
    settings = read_settings(webhook_url=HOOK, webhook_secret="abc", secret_key="x")
    found = [finding.what for finding in telegram._webhook(settings, info) if finding.level is Level.WARNING]
    assert len(found) == len(expected)
    assert all(words in what for words, what in zip(expected, found, strict=True))


async def test_a_forum_where_the_bot_may_manage_topics_is_well(fake: FakeTelegram) -> None:
    fake.group(FORUM, "Agents", forum=True)
    assert await worst(fake, agent_chat_id=FORUM) == []


async def test_rights_that_are_missing_are_told(fake: FakeTelegram) -> None:
    fake.group(FORUM, "Agents", forum=True).demote_bot(fake.user(201, "Carol"))
    ((level, what),) = await worst(fake, agent_chat_id=FORUM)
    assert (level, what) == (Level.ERROR, "the bot may not manage topics in the agents' group")


async def test_a_group_without_topics_or_without_the_bot_is_told(fake: FakeTelegram) -> None:
    fake.group(FORUM, "Agents")
    assert await worst(fake, agent_chat_id=FORUM) == [(Level.ERROR, "the agents' group has no topics")]
    ((level, what),) = await worst(fake, agent_chat_id=-1009)
    assert level is Level.ERROR
    assert "chat not found" in what
