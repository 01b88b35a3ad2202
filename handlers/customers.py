"""Customers in private chats: each handler reads, awaits one use case, and is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiogram import Bot, F, Router
from aiogram.enums import ChatType
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message

from crm_store.unit import Unit
from handlers.reading import inbound_of, sender_of
from handlers.telegram_files import keep_telegram_file
from support import contact, conversation
from support.desk import Desk
from support.inbound import Press
from support.people import meet

LARGEST_ID = 2**63 - 1


def router_for_customers() -> Router:
    """Messages, edits, presses, blocks and unblocks of private chats."""
    router = Router(name="customers")
    router.message.filter(F.chat.type == ChatType.PRIVATE, F.from_user, ~F.from_user.is_bot)
    router.edited_message.filter(F.chat.type == ChatType.PRIVATE, F.from_user)
    router.my_chat_member.filter(F.chat.type == ChatType.PRIVATE)
    router.callback_query.filter(F.message.chat.type == ChatType.PRIVATE)
    router.message.register(on_message)
    router.edited_message.register(on_edit)
    router.callback_query.register(on_press, F.data.startswith("b:"))
    router.callback_query.register(on_forged_press)
    router.my_chat_member.register(on_membership)
    return router


async def on_message(message: Message, bot: Bot, unit: Unit, desk: Desk) -> None:
    if message.from_user is None:
        return
    heard = inbound_of(message, message.from_user)
    if heard.attachment:
        person = await meet(unit, heard.sender)
        heard = replace(heard, attachment=keep_telegram_file(unit, bot.id, person, heard.attachment))
    await conversation.hear(desk, unit, heard)


async def on_edit(message: Message, unit: Unit, desk: Desk) -> None:
    if message.from_user:
        await conversation.edit(desk, unit, inbound_of(message, message.from_user))


async def on_press(callback: CallbackQuery, unit: Unit, desk: Desk) -> Any:
    pressed = _where(callback.data or "")
    if pressed is None:
        return await on_forged_press(callback, unit, desk)
    notice = await conversation.press(desk, unit, Press(sender_of(callback.from_user), *pressed))
    return await callback.answer(notice)


async def on_forged_press(callback: CallbackQuery, unit: Unit, desk: Desk) -> Any:
    """Data that we never sent: recorded, and answered like a button out of date."""
    notice = await conversation.press(desk, unit, Press(sender_of(callback.from_user), 0, 0))
    return await callback.answer(notice)


async def on_membership(event: ChatMemberUpdated, unit: Unit, desk: Desk) -> None:
    """The person blocked the bot, or took it back."""
    blocked = event.new_chat_member.status in ("kicked", "left")
    await contact.reachable(desk, unit, sender_of(event.from_user), reachable=not blocked)


def _where(data: str) -> tuple[int, int] | None:
    """(touchpoint id, index) of `b:…:…`; None for anything else."""
    _, *numbers = data.split(":")
    if len(numbers) != 2 or not all(n.isascii() and n.isdecimal() and len(n) < 20 for n in numbers):
        return None
    touchpoint_id, index = map(int, numbers)
    return (touchpoint_id, index) if touchpoint_id <= LARGEST_ID and index < 100 else None
