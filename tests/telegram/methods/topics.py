"""Forum topics. The bot's own deeds leave a service message in the topic, of which the bot is not told."""

from __future__ import annotations

from tests.telegram.calls import Call
from tests.telegram.chats import Chat, Topic
from tests.telegram.errors import bad_request
from tests.telegram.methods.registry import method
from tests.telegram.world import World

NAME_LIMIT = 128
ICON_COLOR = 7322096
"""The first of the six colours that Telegram allows."""


@method("createForumTopic")
def create_forum_topic(world: World, call: Call) -> object:
    chat = _managed(world, call, "not enough rights to create a topic")
    name = _name(call)
    color = call.integer("icon_color", ICON_COLOR)
    created = {"name": name, "icon_color": color}
    thread_id = world.post(chat, world.bot, {"forum_topic_created": created}).id
    chat.messages[thread_id].wire |= {"message_thread_id": thread_id, "is_topic_message": True}
    chat.topics[thread_id] = Topic(thread_id, name, color)
    return {"message_thread_id": thread_id, **created}


@method("editForumTopic")
def edit_forum_topic(world: World, call: Call) -> object:
    chat, topic = _topic(world, call)
    name = _name(call) if call.text("name") else topic.name
    if name == topic.name:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.name = name
    world.post(chat, world.bot, {"forum_topic_edited": {"name": name}}, thread_id=topic.thread_id)
    return True


@method("closeForumTopic")
def close_forum_topic(world: World, call: Call) -> object:
    chat, topic = _topic(world, call)
    if topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = True
    world.post(chat, world.bot, {"forum_topic_closed": {}}, thread_id=topic.thread_id)
    return True


@method("reopenForumTopic")
def reopen_forum_topic(world: World, call: Call) -> object:
    chat, topic = _topic(world, call)
    if not topic.closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.closed = False
    world.post(chat, world.bot, {"forum_topic_reopened": {}}, thread_id=topic.thread_id)
    return True


@method("deleteForumTopic")
def delete_forum_topic(world: World, call: Call) -> object:
    chat, topic = _topic(world, call)
    erase_topic(chat, topic)
    return True


def erase_topic(chat: Chat, topic: Topic) -> None:
    topic.deleted = True
    for message in chat.messages.values():
        if message.thread_id == topic.thread_id:
            message.deleted = True


def _managed(world: World, call: Call, refusal: str) -> Chat:
    chat = world.reachable(call)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    if chat.status != "administrator":
        raise bad_request(refusal)
    return chat


def _topic(world: World, call: Call) -> tuple[Chat, Topic]:
    chat = _managed(world, call, "not enough rights to manage topics in the chat")
    topic = chat.topics.get(call.integer("message_thread_id"))
    if topic is None:
        raise bad_request("message thread not found")
    if topic.deleted:
        raise bad_request("TOPIC_DELETED")
    return chat, topic


def _name(call: Call) -> str:
    name = call.text("name").strip()
    if not name:
        raise bad_request("topic name is empty")
    return name[:NAME_LIMIT]
