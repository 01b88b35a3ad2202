"""The agents' group when Telegram or its people interfere: topics deleted and closed, a new id, blocks, faults."""

import pytest
from sqlalchemy import select

from crm_store.models import ForumTopic, OutboxRow, Setting
from tests.dialogues.conftest import FORUM, Shop
from tests.telegram.faults import Kind
from tests.telegram.waiting import until

NEW_FORUM = -100_2002
WAIT_TO_JOIN = 2
"""Seconds: words that wait so long share a message."""


def words(shop: Shop, topic: int) -> list[str]:
    """What Nia said in a topic, in order; joined or not."""
    lines = [line for message in shop.group.messages(topic) for line in message.text.splitlines()]
    return [line.removeprefix("Nia: ") for line in lines if line.startswith("Nia: word")]


@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("trouble", ["deleted", "closed", "migrated"])
async def test_nothing_said_is_lost_and_order_is_kept(shop: Shop, trouble: str, joined: bool) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    bob.say_in(shop.group, topic, "/claim")
    await nia.hears(1)
    await shop.settled()
    if joined:
        shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": FORUM}, seconds=WAIT_TO_JOIN)
    said = [f"word {n}" for n in range(4)]
    nia.say(said[0])
    if joined:
        await shop.tg.quiet()
    match trouble:
        case "deleted":
            shop.group.delete_topic(topic)
        case "closed":
            shop.group.close_topic(topic)
        case _:
            shop.group.migrate(NEW_FORUM)
    for word in said[1:]:
        nia.say(word)
    await shop.settled(20)
    (row,) = await shop.rows(select(ForumTopic))
    assert words(shop, row.thread_id) == said
    assert len([found for found in shop.group.topics if not found.deleted]) == 1
    bob.say_in(shop.group, row.thread_id, "I am still here")
    assert (await nia.hears(1))[0].text == "I am still here"
    if trouble == "deleted":
        first = shop.group.messages(row.thread_id)[0]
        assert first.labels[:2] == ["Release", "Resolve"], "the card stands at the head of the new topic"
        assert "The former topic was deleted" in shop.in_topic(row.thread_id)


async def test_a_new_topic_deleted_before_its_words_came(shop: Shop) -> None:
    """Words queued for a topic that had no number yet, and words for its number: neither is lost."""
    shop.tg.fault(Kind.TOO_MANY, "sendMessage", where={"chat_id": FORUM}, seconds=1)
    nia = shop.customer()
    nia.say("a human please")
    await nia.hears(1)
    await until(lambda: shop.group.topics or None, 5, lambda: "no topic was made")
    shop.group.delete_topic(shop.group.topics[0].thread_id)
    nia.say("word 1")
    nia.say("word 2")
    await shop.settled()
    (row,) = await shop.rows(select(ForumTopic))
    assert words(shop, row.thread_id) == ["word 1", "word 2"]
    assert shop.in_topic(row.thread_id).count("[Claim]") == 1


async def test_the_bot_stays_in_its_group_after_it_moved_and_leaves_others(shop: Shop) -> None:
    eve = shop.tg.user(666, "Eve")
    shop.group.migrate(NEW_FORUM)
    await shop.settled()
    (setting,) = await shop.rows(select(Setting).where(Setting.key == f"forum_chat:{FORUM}"))
    assert setting.value == NEW_FORUM
    shop.group.promote_bot(eve)
    strange = shop.tg.group(-100_6666, "Strangers")
    strange.promote_bot(eve)
    await shop.settled()
    assert [call["params"]["chat_id"] for call in shop.tg.calls("leaveChat")] == [strange.id]
    topic = await shop.handed_over(shop.customer())
    assert "Asked for a person" in shop.in_topic(topic)


async def test_a_strangers_group_that_moves_does_not_become_ours(shop: Shop) -> None:
    eve = shop.tg.user(666, "Eve")
    strange = shop.tg.group(-6666, "Strangers")
    shop.tg.fault(
        Kind.REFUSE, "leaveChat", code=400, description="Bad Request: upgraded", parameters={"migrate_to_chat_id": -667}
    )
    strange.promote_bot(eve)
    await shop.settled()
    assert not await shop.rows(select(Setting).where(Setting.key == f"forum_chat:{FORUM}"))
    topic = await shop.handed_over(shop.customer())
    assert "Asked for a person" in shop.in_topic(topic)


async def test_a_customer_who_blocks_is_shown_and_comes_back(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    bob.say_in(shop.group, topic, "hello")
    await nia.hears(2)
    nia.block()
    await shop.settled()
    assert shop.in_topic(topic).count("The customer has blocked the bot.") == 1
    bob.say_in(shop.group, topic, "are you there?")
    await shop.settled()
    assert "Not delivered: Forbidden: bot was blocked by the user" in shop.in_topic(topic)
    nia.unblock()
    nia.say("back again")
    await shop.settled()
    assert "The customer can be reached again." in shop.in_topic(topic)
    assert shop.in_topic(topic).endswith("Nia: back again")
    kinds = [touchpoint.kind for touchpoint in await shop.ledger(nia)]
    assert kinds.count("blocked") == kinds.count("unblocked") == 1


async def test_a_block_that_shows_only_when_sending(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    nia.deactivate()
    bob.say_in(shop.group, topic, "hello")
    await shop.settled()
    assert shop.in_topic(topic).count("The customer has blocked the bot.") == 1
    assert {row.state for row in (await shop.outbox(nia))[1:]} == {"failed"}


async def test_an_agents_words_are_not_repeated_by_themselves(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    bob.say_in(shop.group, topic, "/claim")
    await nia.hears(1)
    await shop.settled()
    shop.tg.fault(Kind.DROP_AFTER, "sendMessage", where={"chat_id": nia.id})
    bob.say_in(shop.group, topic, "it costs 20 €")
    await nia.hears(1)
    await shop.settled()
    assert not nia.unheard()
    asked = shop.group.messages(topic)[-1]
    assert asked.text == "This may have arrived. Send it again?\nit costs 20 €"
    assert asked.labels == ["Send again"]
    bob.press_in(shop.group, topic, "Send again")
    assert (await nia.hears(1))[0].text == "it costs 20 €"
    await shop.settled()
    bob.press_in(shop.group, topic, "Send again")
    await shop.settled()
    assert not nia.unheard(), "the button works once"
    assert bob.answers()[-1]["text"] == "This button is out of date."
    states = [row.state for row in await shop.outbox(nia)]
    assert states[-2:] == ["dropped", "sent"]


async def test_an_answer_that_cannot_be_read_is_not_repeated(shop: Shop) -> None:
    nia = shop.customer()
    shop.tg.fault(Kind.TRUNCATED, "sendMessage", where={"chat_id": nia.id})
    shop.tg.fault(Kind.GARBLED, "sendMessage", where={"chat_id": nia.id})
    nia.say("hi")
    nia.say("how offen do i descale")
    await nia.hears(2)
    await shop.settled()
    assert not nia.unheard()
    assert {row.state for row in await shop.rows(select(OutboxRow))} == {"sent"}
