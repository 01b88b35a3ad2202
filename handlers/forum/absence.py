"""The bot was put out of the agents' group: agents hear it in private, until it is let in again.

Nothing is sent to the group meanwhile, except a trial now and then, should Telegram's word of our return have been
lost. What happens stands in the console, as it always does.
"""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import ChatMemberUpdated

from crm_store.repositories import agents, settings
from crm_store.unit import Unit
from handlers.forum.topics import forum_chat
from handlers.recording import recording
from support.desk import Desk

OUTSIDE = ("left", "kicked")
TRY_AGAIN_SECONDS = 3600


async def is_absent(unit: Unit, configured: int) -> bool:
    """Whether the group is not to be written to."""
    since = await settings.get(unit, _key(configured))
    return bool(since) and unit.now.timestamp() - (since or 0) < TRY_AGAIN_SECONDS


async def put_out(desk: Desk, bot: Bot, unit: Unit, configured: int) -> None:
    """From now on the group is not written to; agents are told once."""
    was_told = bool(await settings.get(unit, _key(configured)))
    await settings.put(unit, _key(configured), int(unit.now.timestamp()))
    if not was_told:
        await tell_in_private(bot, unit, desk.texts.say(desk.default_language, "agent.group_lost"))


async def let_in(desk: Desk, bot: Bot, unit: Unit, configured: int) -> None:
    """The group hears from us again, and is told so once."""
    if await settings.get(unit, _key(configured)):
        await settings.put(unit, _key(configured), 0)
        with recording(unit):
            back = desk.texts.say(desk.default_language, "agent.group_back")
            await bot.send_message(await forum_chat(unit, configured), back)


async def on_standing(event: ChatMemberUpdated, bot: Bot, unit: Unit, desk: Desk, forum: int) -> None:
    """Telegram says what the bot is in the group now, or may do there: what waits for a right is tried again."""
    unit.touch("standing")
    change = put_out if event.new_chat_member.status in OUTSIDE else let_in
    await change(desk, bot, unit, forum)


async def tell_in_private(bot: Bot, unit: Unit, text: str) -> None:
    """To every agent who has met the bot; the others cannot be written to.

    Nothing about a customer: what stands in an agent's own chat cannot be erased.
    """
    with recording(unit):
        for telegram_id in await agents.in_telegram(unit):
            await bot.send_message(telegram_id, text)


def _key(configured: int) -> str:
    return f"forum_absent:{configured}"
