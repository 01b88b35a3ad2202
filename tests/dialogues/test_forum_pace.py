"""So many messages a minute are all that the group takes: the card waits its turn, and words that wait are joined."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from crm_store.models import ForumTopic, OutboxRow, Schedule
from crm_store.store import Store
from crm_store.unit import Unit
from tests.dialogues.conftest import FORUM, TOKEN, Shop, open_shop
from tests.telegram.limits import Limits
from tests.telegram.server import FakeTelegram
from tests.telegram.waiting import until

RATE = 60
"""Messages a minute: three times Telegram's, for the sake of those who wait for this test."""


@pytest.fixture
async def tg() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(TOKEN, limits=Limits(overall=1000, chat=1000, group=RATE / 60, group_burst=RATE)) as tg:
        yield tg


async def test_words_that_wait_are_joined_and_the_limit_is_kept(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path
) -> None:
    async with open_shop(tg, shop_store, tmp_path, send_rate_group=RATE) as shop:
        nia, bob = shop.customer(), shop.agent()
        topic = await shop.handed_over(nia)
        bob.say_in(shop.group, topic, "/claim")
        await shop.settled()
        said = [f"word {n}" for n in range(30)]
        for word in said:
            nia.say(word)
        await shop.settled(20)
        messages = [message.text for message in shop.group.messages(topic) if "Nia: word" in message.text]
        assert [line.removeprefix("Nia: ") for text in messages for line in text.splitlines()] == said
        assert len(messages) < len(said), "words that waited share a message"
        assert not tg.counters()["violations"]
        assert {row.state for row in await shop.rows(select(OutboxRow))} == {"sent"}


async def test_the_card_is_edited_at_most_once_a_minute(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    for verb in ("/claim", "/release", "/claim", "/release", "/claim"):
        bob.say_in(shop.group, topic, verb)
    await shop.settled()
    assert not shop.tg.calls("editMessageText")
    (job,) = await shop.rows(select(Schedule).where(Schedule.job == "card"))
    (row,) = await shop.rows(select(ForumTopic))
    assert job.next_run_at - row.card_at == timedelta(minutes=1)

    async def a_minute_later(unit: Unit) -> None:
        await unit.session.execute(update(Schedule).where(Schedule.job == "card").values(next_run_at=unit.now))

    await shop.store.run(a_minute_later)
    (card,) = [message for message in shop.group.messages(topic) if message.labels]
    assert card.labels[:2] == ["Claim", "Resolve"]
    await until(lambda: shop.tg.calls("editMessageText") or None, 5, lambda: "the card was not edited")
    await shop.settled()
    card = shop.group.messages(topic)[0]
    assert "With Bob" in card.text
    assert card.labels[:2] == ["Release", "Resolve"]
    assert len(shop.tg.calls("editMessageText")) == 1
    (row,) = await shop.rows(select(ForumTopic))
    assert datetime.now(UTC) - row.card_at < timedelta(seconds=10)
    assert row.chat_id == FORUM
