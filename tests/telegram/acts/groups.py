"""Groups and their topics, as their members handle them."""

from __future__ import annotations

from dataclasses import replace

from tests.telegram.acts.registry import act
from tests.telegram.chats import Chat, Message, Topic, Wire
from tests.telegram.methods.topics import ICON_COLOR, erase_topic
from tests.telegram.world import World

ANONYMOUS_ADMIN: Wire = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
"""Whom Telegram names as the sender of a group's own messages."""


@act
def group(world: World, chat_id: int, title: str, forum: bool = False, status: str = "administrator") -> None:
    """A group that the bot is in. A forum or an id of -100… is a supergroup."""
    is_super = forum or str(chat_id).startswith("-100")
    wire: Wire = {"id": chat_id, "type": "supergroup" if is_super else "group", "title": title}
    if forum:
        wire["is_forum"] = True
    world.chats[chat_id] = Chat(wire, status, world.keep)


@act
def member(world: World, chat_id: int, user_id: int, status: str = "member") -> None:
    """Seats a person in a group with a rank; nobody is told."""
    world.chats[chat_id].members[user_id] = status


@act
def open_topic(world: World, chat_id: int, sender: int, name: str) -> int:
    chat = world.chats[chat_id]
    created = {"name": name, "icon_color": ICON_COLOR}
    message = world.post(chat, world.users[sender], {"forum_topic_created": created})
    message.wire |= {"message_thread_id": message.id, "is_topic_message": True}
    chat.topics[message.id] = Topic(message.id, name, ICON_COLOR)
    _tell(world, chat, message)
    return message.id


@act
def close_topic(world: World, chat_id: int, topic: int, sender: int | None = None) -> None:
    _topic(world, chat_id, topic).closed = True
    _announce(world, chat_id, topic, sender, {"forum_topic_closed": {}})


@act
def reopen_topic(world: World, chat_id: int, topic: int, sender: int | None = None) -> None:
    _topic(world, chat_id, topic).closed = False
    _announce(world, chat_id, topic, sender, {"forum_topic_reopened": {}})


@act
def rename_topic(world: World, chat_id: int, topic: int, name: str, sender: int | None = None) -> None:
    _topic(world, chat_id, topic).name = name
    _announce(world, chat_id, topic, sender, {"forum_topic_edited": {"name": name}})


@act
def delete_topic(world: World, chat_id: int, topic: int) -> None:
    """Telegram tells bots nothing of it."""
    erase_topic(world.chats[chat_id], _topic(world, chat_id, topic))


def _topic(world: World, chat_id: int, thread_id: int) -> Topic:
    topic = world.chats[chat_id].topics.get(thread_id)
    if topic is None or topic.deleted:
        raise AssertionError(f"there is no topic {thread_id} in chat {chat_id}")
    return topic


def _announce(world: World, chat_id: int, topic: int, sender: int | None, body: Wire) -> None:
    by = ANONYMOUS_ADMIN if sender is None else world.users[sender]
    chat = world.chats[chat_id]
    _tell(world, chat, world.post(chat, by, body, thread_id=topic))


def _tell(world: World, chat: Chat, message: Message) -> None:
    """Service messages reach a bot of any rank, but only inside the group."""
    if chat.status in {"administrator", "member", "muted"}:
        world.queue.push("message", message.wire, lane=chat.id)


@act
def migrate(world: World, chat_id: int, new_id: int, keep_topics: bool = True) -> None:
    """The group gets a new id. The old one refuses every call with migrate_to_chat_id from now on."""
    old = world.chats[chat_id]
    wire = {**old.wire, "id": new_id, "type": "supergroup"}
    new = world.chats[new_id] = Chat(wire, old.status, old.keep, members=dict(old.members))
    if keep_topics:
        _carry_over(old, new)
    leaving = world.post(old, ANONYMOUS_ADMIN, {"migrate_to_chat_id": new_id})
    arriving = world.post(new, ANONYMOUS_ADMIN, {"migrate_from_chat_id": chat_id})
    old.migrated_to = new_id
    _tell(world, old, leaving)
    _tell(world, new, arriving)


def _carry_over(old: Chat, new: Chat) -> None:
    new.last_id = old.last_id
    new.topics = {thread_id: replace(topic) for thread_id, topic in old.topics.items()}
    for message_id, message in old.messages.items():
        new.messages[message_id] = replace(message, wire={**message.wire, "chat": new.wire})
