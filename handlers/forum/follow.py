"""The agents' group has become a supergroup with another id: everything follows it."""

from __future__ import annotations

from aiogram.types import Message

from crm_store.repositories import settings, topics
from crm_store.unit import Unit
from handlers.forum.topics import FORUM_CHAT, forum_chat


async def follow_group(message: Message, unit: Unit, forum: int) -> None:
    """Telegram says it in the old group, before anything could be sent to the new one."""
    if message.migrate_to_chat_id and message.chat.id == await forum_chat(unit, forum):
        await move(unit, forum, message.chat.id, message.migrate_to_chat_id)


async def move(unit: Unit, configured: int, former: int, chat_id: int) -> None:
    """Remembers the new id; `configured` is the one in the settings, which nobody has to change."""
    await settings.put(unit, f"{FORUM_CHAT}:{configured}", chat_id)
    await topics.move_chat(unit, former, chat_id)
    unit.touch("outbox")
