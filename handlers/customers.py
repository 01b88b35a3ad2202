"""Customers in private chats: each handler reads, awaits one use case, and is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Bot, Router
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from crm_store.repositories import outbox
from crm_store.unit import Unit
from handlers.reading import SAID, inbound_of, kind_of, sender_of
from handlers.telegram_files import keep_telegram_file
from support.desk import Desk
from support.people import meet
from support.talk import contact, conversation, edits
from support.talk.inbound import Press

LARGEST_ID = 2**63 - 1
BLOCKED = "the person has blocked the bot"


def router_for_customers() -> Router:
    """Messages, edits, presses, blocks and unblocks of private chats."""
    router = Router(name="customers")
    for observer in (router.message, router.edited_message, router.callback_query, router.my_chat_member):
        observer.filter(in_private)
    router.message.register(on_message)
    router.edited_message.register(on_edit)
    router.callback_query.register(on_press)
    router.my_chat_member.register(on_membership)
    return router


async def in_private(event: Message | CallbackQuery | ChatMemberUpdated) -> bool:
    """A person in a chat of their own. A coroutine, because aiogram runs any other filter in a thread."""
    message = event.message if isinstance(event, CallbackQuery) else event
    user = event.from_user
    return message is not None and message.chat.type == "private" and user is not None and not user.is_bot


async def on_message(message: Message, bot: Bot, unit: Unit, desk: Desk) -> None:
    if message.from_user is None:
        return
    if kind_of(message) not in SAID:
        await contact.note_unknown(unit, sender_of(message.from_user), kind_of(message), {})
        return
    heard = inbound_of(message, message.from_user)
    if heard.attachment:
        person = await meet(unit, heard.sender)
        heard = replace(heard, attachment=keep_telegram_file(unit, bot.id, person, heard.attachment))
    await conversation.hear(desk, unit, heard)


async def on_edit(message: Message, unit: Unit, desk: Desk) -> None:
    if message.from_user:
        await edits.edit(desk, unit, inbound_of(message, message.from_user))


async def on_press(callback: CallbackQuery, unit: Unit, desk: Desk) -> Any:
    """A button of ours, or data that we never sent: recorded, and answered like a button out of date."""
    touchpoint_id, index = _where(callback.data or "") or (0, 0)
    notice = await conversation.press(desk, unit, Press(sender_of(callback.from_user), touchpoint_id, index))
    return await callback.answer(notice)


async def on_membership(event: ChatMemberUpdated, bot: Bot, unit: Unit, desk: Desk) -> None:
    """The person blocked the bot, or took it back."""
    unit.touch("standing")
    blocked = event.new_chat_member.status in ("kicked", "left")
    if blocked:
        await outbox.give_up_on(unit, bot.id, event.chat.id, BLOCKED)
    await contact.reachable(desk, unit, sender_of(event.from_user), reachable=not blocked)


def _where(data: str) -> tuple[int, int] | None:
    """(touchpoint id, index) of `b:…:…`; None for anything else."""
    mark, *numbers = data.split(":")
    if mark != "b" or len(numbers) != 2 or not all(n.isascii() and n.isdecimal() and len(n) < 20 for n in numbers):
        return None
    touchpoint_id, index = map(int, numbers)
    return (touchpoint_id, index) if touchpoint_id <= LARGEST_ID and index < 100 else None
