"""Groups: topics, rights, migration."""

from __future__ import annotations

import pytest

from tests.telegram.conftest import Bot
from tests.telegram.group import Group
from tests.telegram.people import Person
from tests.telegram.server import FakeTelegram

FORUM = -1001


@pytest.fixture
def agent(tg: FakeTelegram) -> Person:
    return tg.user(201, "Mia")


@pytest.fixture
def forum(tg: FakeTelegram, agent: Person) -> Group:
    forum = tg.group(FORUM, "Agents", forum=True)
    forum.add(agent)
    return forum


async def topic(bot: Bot, name: str = "Anna") -> int:
    return int((await bot.call("createForumTopic", chat_id=FORUM, name=name))["message_thread_id"])


async def test_a_topic_of_the_bot_is_there_without_an_update_to_itself(bot: Bot, forum: Group) -> None:
    thread = await topic(bot)
    sent = await bot.call("sendMessage", chat_id=FORUM, message_thread_id=thread, text="card")
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (thread, True)
    assert "forum_topic_created" in sent["reply_to_message"]
    seen = await forum.new_topic()
    assert (seen.thread_id, seen.name, seen.closed) == (thread, "Anna", False)
    assert [(message.text, message.reply_to) for message in seen.messages] == [("card", None)]
    assert await bot.updates() == []


async def test_an_agents_words_carry_their_topic(tg: FakeTelegram, bot: Bot, forum: Group, agent: Person) -> None:
    thread = await topic(bot)
    markup = {"inline_keyboard": [[{"text": "Claim", "callback_data": "c"}]]}
    await bot.call("sendMessage", chat_id=FORUM, message_thread_id=thread, text="card", reply_markup=markup)
    (card,) = await forum.hears(topic=thread)
    agent.say_in(forum, thread, "hello", reply_to=card.id)
    agent.photo_in(forum, thread, "label")
    agent.press_in(forum, thread, "Claim")
    said, photo, press = await bot.updates()
    assert (said["message"]["message_thread_id"], said["message"]["reply_to_message"]["message_id"]) == (
        thread,
        card.id,
    )
    assert photo["message"]["reply_to_message"]["message_id"] == thread
    assert press["callback_query"]["message"]["message_thread_id"] == thread
    assert tg.transcript(forum, thread) == ["T: card [Claim]", "Mia: hello", "Mia: <photo> label"]
    with pytest.raises(AssertionError, match="there are: none"):
        agent.press_in(forum, None, "Claim")


async def test_closed_and_deleted_topics_refuse(bot: Bot, forum: Group, agent: Person) -> None:
    thread = await topic(bot)
    where = {"chat_id": FORUM, "message_thread_id": thread}
    forum.close_topic(thread, by=agent)
    assert "forum_topic_closed" in (await bot.updates())[-1]["message"]
    assert await bot.refused("sendMessage", **where, text="a") == (400, "Bad Request: TOPIC_CLOSED")
    assert await bot.refused("closeForumTopic", **where) == (400, "Bad Request: TOPIC_NOT_MODIFIED")
    await bot.call("reopenForumTopic", **where)
    await bot.call("sendMessage", **where, text="a")
    await bot.call("editForumTopic", **where, name="Anna B.")
    assert forum.topics[0].name == "Anna B."
    forum.delete_topic(thread)
    missing = (400, "Bad Request: message thread not found")
    assert await bot.refused("sendMessage", **where, text="a") == missing
    assert await bot.refused("reopenForumTopic", **where) == (400, "Bad Request: TOPIC_DELETED")
    assert await bot.refused("sendMessage", chat_id=FORUM, message_thread_id=1, text="a") == missing
    assert forum.topics[0].deleted
    assert len(await bot.updates()) == 1


async def test_only_a_forum_has_topics_and_only_an_administrator_makes_them(
    tg: FakeTelegram, bot: Bot, forum: Group, agent: Person
) -> None:
    tg.group(-5, "Plain")
    assert await bot.refused("createForumTopic", chat_id=-5, name="x") == (400, "Bad Request: the chat is not a forum")
    forum.demote_bot(by=agent)
    words = "Bad Request: not enough rights to create a topic"
    assert await bot.refused("createForumTopic", chat_id=FORUM, name="x") == (400, words)
    forum.mute_bot(by=agent)
    words = "Bad Request: not enough rights to send text messages to the chat"
    assert await bot.refused("sendMessage", chat_id=FORUM, text="x") == (400, words)
    forum.kick_bot(by=agent)
    words = "Forbidden: bot was kicked from the supergroup chat"
    assert await bot.refused("sendMessage", chat_id=FORUM, text="x") == (403, words)
    assert [update["my_chat_member"]["new_chat_member"]["status"] for update in await bot.updates()] == [
        "member", "restricted", "kicked",
    ]  # fmt: skip


async def test_a_bot_without_rank_hears_commands_and_replies_only(bot: Bot, forum: Group, agent: Person) -> None:
    mine = (await bot.call("sendMessage", chat_id=FORUM, text="hello"))["message_id"]
    forum.demote_bot(by=agent)
    agent.say_in(forum, None, "among us")
    agent.say_in(forum, None, "/help")
    agent.say_in(forum, None, "to you", reply_to=mine)
    assert [update["message"]["text"] for update in (await bot.updates())[1:]] == ["/help", "to you"]


async def test_a_migrated_group_names_its_new_id(bot: Bot, tg: FakeTelegram, agent: Person) -> None:
    group = tg.group(-7, "Agents")
    group.migrate(-1007)
    leaving, arriving = (update["message"] for update in await bot.updates())
    assert (leaving["chat"]["id"], leaving["migrate_to_chat_id"]) == (-7, -1007)
    assert (arriving["chat"]["id"], arriving["migrate_from_chat_id"]) == (-1007, -7)
    refusal = await bot.ask("sendMessage", chat_id=-7, text="a")
    assert refusal == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1007},
    }
    await bot.call("sendMessage", chat_id=-1007, text="a")
    assert [seen.text for seen in await group.hears()] == ["a"]
    with pytest.raises(AssertionError, match="moved to -1007"):
        agent.stage.act("say", chat_id=-7, sender=201, body={"text": "x"})


async def test_topics_go_along_with_a_migration(bot: Bot, forum: Group) -> None:
    thread = await topic(bot)
    forum.migrate(-1002)
    await bot.call("sendMessage", chat_id=-1002, message_thread_id=thread, text="still here")
    assert [seen.text for seen in forum.topics[0].messages] == ["still here"]


async def test_leaving_and_membership(bot: Bot, forum: Group, agent: Person) -> None:
    assert (await bot.call("getChatMember", chat_id=FORUM, user_id=201))["status"] == "administrator"
    assert (await bot.call("getChat", chat_id=FORUM))["is_forum"]
    assert await bot.refused("getChatMember", chat_id=FORUM, user_id=5) == (400, "Bad Request: user not found")
    await bot.call("leaveChat", chat_id=FORUM)
    words = "Forbidden: bot is not a member of the supergroup chat"
    assert await bot.refused("getChat", chat_id=FORUM) == (403, words)
