"""Telegram's error table: the agents' group and its topics."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import ForumTopic, OutboxRow, Setting
from crm_store.unit import Unit
from tests.dialogues.conftest import FORUM, Shop
from tests.faults.at_work import at_work, lines, refuse
from tests.telegram.faults import Kind

NEW_FORUM = -100_9_007_199_254_740_993
"""Needs 64 bits."""


@pytest.mark.parametrize("learnt", ["outbound", "inbound"])
async def test_migrate_to_chat_id(shop: Shop, learnt: str) -> None:
    """By a refusal, or by the message that says so: everything follows, and nothing is lost or said twice."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    if learnt == "outbound":
        shop.tg.world.queue.allowed = ["poll"]  # the message gets lost
    shop.group.migrate(NEW_FORUM)
    shop.tg.world.queue.allowed = []
    if learnt == "inbound":
        await shop.settled()
        assert not shop.tg.counters()["refusals"]
        assert NEW_FORUM in await shop.rows(select(Setting.value).where(Setting.key == f"forum_chat:{FORUM}"))
    for word in ("word 1", "word 2"):
        nia.say(word)
    await shop.settled()
    assert shop.tg.counters()["refusals"] == ({"sendmessage 400": 1} if learnt == "outbound" else {})
    assert lines(shop, topic)[-2:] == ["Nia: word 1", "Nia: word 2"]
    assert await shop.rows(select(ForumTopic.chat_id)) == [NEW_FORUM]
    bob.say_in(shop.group, topic, "I am still here")
    assert (await nia.hears(1))[0].text == "I am still here"


@pytest.mark.parametrize("words", ["message thread not found", "TOPIC_DELETED"])
async def test_400_message_thread_not_found_and_none_can_be_made(shop: Shop, words: str) -> None:
    """Everything goes to General under the ticket's number; the next words try again to make a topic."""
    nia, bob = shop.customer(), shop.agent()
    topic = await at_work(shop, nia, bob)
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": FORUM}, times=None, seconds=1)
    for word in ("word 1", "word 2"):
        nia.say(word)
    nia.photo("word 3")
    waiting = select(OutboxRow.id).where(OutboxRow.chat_id == FORUM, OutboxRow.state == "waiting")
    async with asyncio.timeout(10):
        while len(await shop.rows(waiting)) < 3:
            await asyncio.sleep(0.02)
    shop.tg.heal()
    refuse(shop, 400, "Bad Request: the chat is not a forum", "createForumTopic", times=None)
    if words == "TOPIC_DELETED":
        refuse(shop, 400, f"Bad Request: {words}", "sendMessage", times=None, message_thread_id=topic)
    shop.group.delete_topic(topic)
    await shop.settled()
    general = lines(shop, 0)
    assert general[0] == "#1001 Nia", "the card"
    assert general[-3:] == ["#1001 Nia: word 1", "#1001 Nia: word 2", "#1001 Nia: word 3"]
    assert not [message for message in shop.group.messages(0) if message.labels], "buttons need their topic"
    assert not await shop.rows(select(ForumTopic))
    shop.tg.heal()
    nia.say("word 4")
    await shop.settled()
    (row,) = await shop.rows(select(ForumTopic))
    assert shop.in_topic(row.thread_id).endswith("Nia: word 4")


async def test_a_first_topic_that_cannot_be_made(shop: Shop) -> None:
    nia = shop.customer()
    refuse(shop, 400, "Bad Request: the chat is not a forum", "createForumTopic")
    nia.say("a human please")
    assert await nia.hears(1)
    await shop.settled()
    card, said = shop.group.messages(0)
    assert card.text.startswith("#1001 Nia\n")
    assert said.text == "#1001 Nia: a human please"


async def test_words_decided_in_the_moment_in_which_their_topic_fails(shop: Shop) -> None:
    """They speak of a topic that came to nothing, after everybody else's were led to General: so are they."""
    nia = shop.customer()
    refuse(shop, 400, "Bad Request: the chat is not a forum", "createForumTopic")
    nia.say("a human please")
    await nia.hears(1)
    await shop.settled()
    (made,) = await shop.rows(select(OutboxRow).where(OutboxRow.method == "createForumTopic"))

    async def decide(unit: Unit) -> None:
        for method, words in (("sendMessage", {"text": "Nia: hello?"}), ("reopenForumTopic", {})):
            payload = {"chat_id": FORUM, "message_thread_id": -made.id, **words}
            row = {"bot_id": made.bot_id, "chat_id": FORUM, "method": method, "payload": payload}
            unit.add(OutboxRow(id=new_id(), created_at=unit.now, **row))
        unit.touch("outbox")

    await shop.store.run(decide)
    await shop.settled()
    assert lines(shop, 0)[-1] == "Nia: hello?"
    opened = await shop.rows(select(OutboxRow.state).where(OutboxRow.method == "reopenForumTopic"))
    assert opened == ["dropped"]


async def test_200_but_wrong_thread(shop: Shop) -> None:
    """Words to a deleted topic fell into General: they are said again in a topic of their own, in order."""
    nia, bob = shop.customer(), shop.agent()
    former = await at_work(shop, nia, bob)
    shop.tg.fault(Kind.WRONG_THREAD, "sendMessage", times=None, where={"message_thread_id": former})
    for word in ("word 1", "word 2"):
        nia.say(word)
    await shop.settled()
    (row,) = await shop.rows(select(ForumTopic))
    assert row.thread_id != former
    assert lines(shop, row.thread_id)[-2:] == lines(shop, 0) == ["Nia: word 1", "Nia: word 2"]
    bob.say_in(shop.group, row.thread_id, "I am here")
    assert (await nia.hears(1))[0].text == "I am here"
