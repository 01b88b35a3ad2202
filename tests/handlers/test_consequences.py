"""What the fate of a call means for the agents' forum and for the customer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crm_store.models import ContactPoint, ForumTopic, OutboxRow, StoredFile
from crm_store.store import Store
from crm_store.unit import Unit
from handlers.channel import TelegramChannel
from handlers.consequences import Consequences
from handlers.forum.room import ForumRoom
from handlers.recording import make_bot, recording
from handlers.telegram_files import keep_telegram_file
from support.talk import conversation
from support.talk.inbound import Attachment, Inbound, Sender
from tests.support.shop import Shop, open_shop
from workers.outcomes import Fate, Outcome
from workers.settling import apply

FORUM = -100_500
NIA = Sender("telegram", "101", 101, "Nia")


class Desk:
    """The shop with a forum; calls are settled by the test instead of by Telegram."""

    def __init__(self, shop: Shop) -> None:
        self.bot = bot = make_bot("42:TEST")
        self.shop = shop
        shop.desk.channels = {**shop.desk.channels, "telegram": TelegramChannel(bot.id)}
        ForumRoom(bot, FORUM).serve(shop.desk)
        self.bot_id = bot.id
        self.follow = Consequences(shop.desk, bot, FORUM)

    async def hear(self, text: str) -> None:
        await self.shop.run(lambda unit: conversation.hear(self.shop.desk, unit, Inbound(NIA, text)))

    async def calls(self, method: str | None = None, state: str = "waiting") -> list[OutboxRow]:
        rows = [row for row in await self.shop.rows(OutboxRow) if row.state == state]
        return [row for row in rows if method in (None, row.method)]

    async def settle(self, row: OutboxRow, fate: Fate, **outcome: Any) -> None:
        """As the sender does it."""

        async def work(unit: Unit) -> None:
            found = await unit.session.get(OutboxRow, row.id)
            assert found
            result = Outcome(fate, **outcome)
            apply(found, result, unit)
            await self.follow(unit, found, result)

        await self.shop.run(work)

    async def topics(self) -> list[ForumTopic]:
        return await self.shop.rows(ForumTopic)


@pytest.fixture
async def desk(sqlite_store: Store) -> Desk:
    return Desk(await open_shop(sqlite_store))


async def test_a_new_topics_number_is_kept(desk: Desk) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    (topic,) = await desk.topics()
    assert topic.thread_id == -made.id
    await desk.settle(made, Fate.SENT, message_id=77)
    (topic,) = await desk.topics()
    assert topic.thread_id == 77
    await desk.hear("it leaks")
    said = [row.payload for row in await desk.calls("sendMessage") if row.chat_id == FORUM]
    assert said[-1]["message_thread_id"] == 77


@pytest.mark.parametrize(
    ("fate", "outcome"),
    [
        (Fate.FAILED, {"error": "Bad Request: the chat is not a forum"}),
        (Fate.BLOCKED, {"error": "Bad Request: chat not found"}),
        (Fate.SENT, {"error": "the answer could not be read"}),
    ],
)
async def test_a_topic_that_could_not_be_made_is_made_with_the_next_words(
    desk: Desk, fate: Fate, outcome: dict[str, Any]
) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    await desk.settle(made, fate, **outcome)
    assert not await desk.topics()
    await desk.hear("hello?")
    (again,) = await desk.calls("createForumTopic")
    (topic,) = await desk.topics()
    assert topic.thread_id == -again.id
    words = [row.payload for row in await desk.calls("sendMessage") if row.chat_id == FORUM]
    assert words[-1]["text"] == "Nia: hello?"
    assert words[-1]["message_thread_id"] == -again.id


async def test_a_group_that_put_the_bot_out_is_not_asked_for_topics(desk: Desk) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    await desk.settle(made, Fate.SHUT_OUT, error="Forbidden: bot was kicked from the supergroup chat")
    await desk.hear("hello?")
    assert not await desk.topics()
    assert not await desk.calls("createForumTopic")


async def test_words_for_a_topic_that_nobody_knows_any_more_go_to_general(desk: Desk) -> None:
    """They were decided while no new topic could be made in the place of a deleted one."""

    async def say(unit: Unit) -> None:
        with recording(unit):
            await desk.bot.send_message(FORUM, "Nia: hello?", message_thread_id=77)
            await desk.bot.reopen_forum_topic(FORUM, 77)

    await desk.shop.run(say)
    words, opening = await desk.calls()
    await desk.settle(words, Fate.TOPIC_GONE, error="Bad Request: message thread not found")
    await desk.settle(opening, Fate.TOPIC_GONE, error="Bad Request: TOPIC_DELETED")
    (waiting,) = await desk.calls()
    assert waiting.payload == {"chat_id": FORUM, "text": "Nia: hello?"}
    assert len(await desk.calls(state="dropped")) == 1


async def test_a_topic_that_may_have_been_made_is_asked_for_once_more_and_then_forgotten(desk: Desk) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    await desk.settle(made, Fate.MAYBE, error="TimeoutError")
    assert len(await desk.topics()) == 1
    assert (await desk.calls("createForumTopic"))[0].repeated
    await desk.settle(made, Fate.MAYBE, error="TimeoutError")
    assert not await desk.topics()


async def test_a_missing_right_keeps_the_topic_waiting(desk: Desk) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    await desk.settle(made, Fate.PARKED, error="Bad Request: not enough rights", delay=60)
    assert len(await desk.topics()) == 1
    (row,) = await desk.calls("createForumTopic")
    assert row.not_before


@pytest.mark.parametrize(
    ("error", "state"),
    [("Forbidden: bot was blocked by the user", "blocked"), ("Forbidden: user is deactivated", "deactivated")],
)
async def test_a_customer_who_cannot_be_reached_is_marked(desk: Desk, error: str, state: str) -> None:
    await desk.hear("hello")
    (answer,) = await desk.calls("sendMessage")
    await desk.settle(answer, Fate.BLOCKED, error=error)
    (contact,) = await desk.shop.rows(ContactPoint)
    assert contact.state == state


async def test_a_refusal_in_the_forum_says_nothing_about_the_customer(desk: Desk) -> None:
    await desk.hear("a human please")
    for row in await desk.calls():
        if row.chat_id == FORUM:
            await desk.settle(row, Fate.SHUT_OUT, error="Forbidden: bot was kicked")
    (contact,) = await desk.shop.rows(ContactPoint)
    assert contact.state == "active"


@pytest.mark.parametrize("fate", [Fate.SENT, Fate.FAILED])
async def test_a_fetched_file_has_its_place_or_its_error(desk: Desk, fate: Fate) -> None:
    await desk.hear("hello")

    async def ask(unit: Unit) -> None:
        person = await desk.shop.known(unit, "101", "telegram")
        keep_telegram_file(unit, desk.bot_id, person, Attachment("photo", telegram_file_id="f"))

    await desk.shop.run(ask)
    (fetch,) = await desk.calls("getFile")
    kept = {"path": "ab/abc", "size": 5, "sha256": "0", "mime": "image/jpeg"} if fate is Fate.SENT else None
    await desk.settle(fetch, fate, result=kept, error=None if kept else "Bad Request: file is too big")
    (file,) = await desk.shop.rows(StoredFile)
    assert (file.path, file.error) == (("ab/abc", None) if kept else (None, "Bad Request: file is too big"))


async def test_words_that_may_not_have_arrived_are_shown_once_with_a_way_to_repeat_them(desk: Desk) -> None:
    await desk.hear("a human please")
    (made,) = await desk.calls("createForumTopic")
    await desk.settle(made, Fate.SENT, message_id=77)
    (told,) = [row for row in await desk.calls("sendMessage") if row.chat_id == 101]
    for _ in range(2):
        await desk.settle(told, Fate.MAYBE, error="TimeoutError")
    async with desk.shop.store.read() as session:
        rows = (await session.scalars(select(OutboxRow).where(OutboxRow.chat_id == FORUM))).all()
    asked = [row.payload for row in rows if "reply_markup" in row.payload and "resend" in str(row.payload)]
    assert len(asked) == 1
    assert asked[0]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == f"a:resend:{told.id}"
