"""People: they come, write, edit, press buttons, send files, block the bot."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from tests.telegram.acts.registry import act
from tests.telegram.calls import Upload
from tests.telegram.chats import Chat, Message, Wire
from tests.telegram.files import SHAPES
from tests.telegram.methods.places import push_standing
from tests.telegram.texts import units
from tests.telegram.world import Press, World


@act
def user(world: World, user_id: int, **profile: str | None) -> None:
    """A person who has not met the bot yet. `profile`: first_name, last_name, username, language_code."""
    told = {name: value for name, value in profile.items() if value is not None}
    world.users[user_id] = {"id": user_id, "is_bot": False, **told}
    shown = {name: value for name, value in told.items() if name != "language_code"}
    wire = {"id": user_id, "type": "private", **shown}
    if user_id in world.chats:
        world.chats[user_id].wire = wire
    else:
        world.chats[user_id] = Chat(wire, "never", world.keep)


@act
def say(
    world: World, chat_id: int, sender: int, body: Wire, *, topic: int | None = None, reply_to: int | None = None
) -> int:
    """A message from a person; the first in a private chat is what starts the bot. Returns its message id."""
    chat = world.chats[chat_id]
    _check_may_write(chat)
    if chat.status == "never":
        chat.status = "member"
    replied = chat.find(reply_to) if reply_to else None
    message = world.post(chat, world.users[sender], _with_commands(body), thread_id=topic, reply_to=replied)
    if _overheard(chat, message):
        world.queue.push("message", message.wire, lane=chat.id)
    return message.id


def _check_may_write(chat: Chat) -> None:
    if chat.migrated_to is not None:
        raise AssertionError(f"the group has moved to {chat.migrated_to}")
    if not chat.is_group and chat.status in {"blocked", "deactivated"}:
        raise AssertionError(f"{chat.wire['first_name']} cannot write: the bot is {chat.status}")


def _with_commands(body: Wire) -> Wire:
    text = str(body.get("text", ""))
    if not text.startswith("/") or "entities" in body:
        return body
    return {**body, "entities": [{"type": "bot_command", "offset": 0, "length": units(text.split(maxsplit=1)[0])}]}


def _overheard(chat: Chat, message: Message) -> bool:
    """In a group a bot that is no administrator hears commands and replies to itself only."""
    if not chat.is_group or chat.status == "administrator":
        return True
    if chat.status not in {"member", "muted"}:
        return False
    answered = message.wire.get("reply_to_message", {}).get("from", {})
    return message.words.startswith("/") or bool(answered.get("is_bot"))


@act
def edit(world: World, chat_id: int, message_id: int, body: Wire) -> None:
    message = _present(world.chats[chat_id], message_id)
    message.edits.append(message.words)
    message.wire = {**message.wire, **_with_commands(body), "edit_date": int(world.clock())}
    world.queue.push("edited_message", message.wire, lane=chat_id)


@act
def erase(world: World, chat_id: int, message_id: int) -> None:
    """Deletes a message by hand; Telegram tells bots nothing of it."""
    _present(world.chats[chat_id], message_id).deleted = True


@act
def press(world: World, chat_id: int, sender: int, label: str, topic: int | None = None) -> str | int:
    """Presses the newest button with this label; returns the press's id, or the message a reply keyboard wrote."""
    chat = world.chats[chat_id]
    labels = []
    for message in reversed(chat.messages.values()):
        if message.deleted or (topic is not None and message.thread_id != topic):
            continue
        for button in _buttons(message):
            if button["text"] == label:
                return _press_button(world, chat, sender, message, button, topic=topic)
            labels.append(f"[{button['text']}]")
    raise AssertionError(f"there is no button [{label}]; there are: {' '.join(labels) or 'none'}")


def _buttons(message: Message) -> list[dict[str, Any]]:
    keyboard = message.keyboard or {}
    rows = [*keyboard.get("inline_keyboard", ()), *keyboard.get("keyboard", ())]
    return [{"text": button} if isinstance(button, str) else button for row in rows for button in row]


def _press_button(
    world: World, chat: Chat, sender: int, message: Message, button: dict[str, Any], *, topic: int | None
) -> str | int:
    if "callback_data" in button:
        return press_data(world, chat.id, sender, button["callback_data"], message.id)
    if "keyboard" in (message.keyboard or {}):
        return say(world, chat.id, sender, {"text": button["text"]}, topic=topic)
    raise AssertionError(f"[{button['text']}] is no button to press but a link: {button}")


@act
def press_data(world: World, chat_id: int, sender: int, data: str, message_id: int | None = None) -> str:
    """A press with any data, forged or from an old keyboard, on a message (the bot's newest where not given)."""
    chat = world.chats[chat_id]
    if message_id is None:
        own = [message.id for message in chat.messages.values() if message.by_bot and not message.deleted]
        message_id = own[-1] if own else chat.last_id
    shown = chat.find(message_id)
    inaccessible = {"chat": chat.wire, "message_id": message_id, "date": 0}
    press_id = str(len(world.presses) + 1)
    world.presses[press_id] = Press(press_id, sender, world.clock())
    query = {
        "id": press_id,
        "from": world.users[sender],
        "message": shown.wire if shown else inaccessible,
        "chat_instance": str(chat_id),
        "data": data,
    }
    world.queue.push("callback_query", query, lane=("person", sender))
    return press_id


@act
def upload(world: World, *, kind: str, name: str, mime: str, content: str, size: int | None = None) -> Any:
    """A file from a person's device; `content` in base64. Returns the message field that carries it."""
    if kind not in SHAPES:
        raise AssertionError(f"no file is sent as {kind}")
    return world.files.add(kind, Upload(name, mime, b64decode(content)), size).media()


@act
def standing(world: World, chat_id: int, status: str, by: int | None = None) -> None:
    """Blocks, unblocks, kicks, promotes or mutes the bot; Telegram tells it by my_chat_member.

    A deleted account is not announced.
    """
    chat = world.chats[chat_id]
    old, chat.status = chat.status, status
    if status not in {"deactivated", "deleted"}:
        someone = world.users[chat_id if by is None else by]
        push_standing(world, chat, old, by=someone)


def _present(chat: Chat, message_id: int) -> Message:
    message = chat.find(message_id)
    if message is None:
        raise AssertionError(f"there is no message {message_id} in chat {chat.id}")
    return message
