"""Changing what the bot has sent: edits, deletions, pins; and answers to button presses."""

from __future__ import annotations

from tests.telegram.calls import Call
from tests.telegram.chats import Message, Wire
from tests.telegram.errors import bad_request
from tests.telegram.keyboards import read_keyboard
from tests.telegram.methods.registry import method
from tests.telegram.methods.wording import read_caption, read_text
from tests.telegram.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@method("editMessageText")
def edit_message_text(world: World, call: Call) -> object:
    message = _own(world, call)
    if "text" not in message.wire:
        raise bad_request("there is no text in the message to edit")
    return _rewrite(world, message, ("text", "entities"), read_text(call, "MESSAGE_TOO_LONG"), read_keyboard(call))


@method("editMessageCaption")
def edit_message_caption(world: World, call: Call) -> object:
    message = _own(world, call)
    if "text" in message.wire:
        raise bad_request("there is no caption in the message to edit")
    return _rewrite(world, message, ("caption", "caption_entities"), read_caption(call), read_keyboard(call))


@method("editMessageReplyMarkup")
def edit_message_reply_markup(world: World, call: Call) -> object:
    return _rewrite(world, _own(world, call), (), {}, read_keyboard(call))


@method("deleteMessage")
def delete_message(world: World, call: Call) -> object:
    chat = world.reachable(call)
    message = chat.find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    if chat.is_group and not message.by_bot and chat.status != "administrator":
        raise bad_request("message can't be deleted")
    message.deleted = True
    return True


@method("pinChatMessage")
def pin_chat_message(world: World, call: Call) -> object:
    chat = world.reachable(call)
    message = chat.find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    if chat.is_group and chat.status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message.id not in chat.pinned:
        chat.pinned.append(message.id)
    return True


@method("answerCallbackQuery")
def answer_callback_query(world: World, call: Call) -> object:
    press = world.presses.get(call.text("callback_query_id"))
    if press is None or world.clock() - press.at > world.press_life_seconds:
        raise bad_request(TOO_OLD)
    press.answer = {"text": call.text("text"), "alert": call.flag("show_alert"), "url": call.text("url")}
    return True


def _own(world: World, call: Call) -> Message:
    message = world.reachable(call).find(call.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if not message.by_bot:
        raise bad_request("message can't be edited")
    return message


def _rewrite(world: World, message: Message, fields: tuple[str, ...], body: Wire, keyboard: Wire | None) -> Wire:
    """An edit without a keyboard takes the keyboard away, as Telegram does."""
    kept = {k: v for k, v in message.wire.items() if k not in {*fields, "reply_markup", "edit_date"}}
    shown = {"reply_markup": keyboard} if keyboard and keyboard.get("inline_keyboard") else {}
    wire = {**kept, **body, **shown}
    if wire == {k: v for k, v in message.wire.items() if k != "edit_date"}:
        raise bad_request(NOT_MODIFIED)
    if fields:
        message.edits.append(message.words)
    message.wire = {**wire, "edit_date": int(world.clock())}
    message.keyboard = keyboard
    return message.wire
