"""/faq: admins find and change what the bot answers, in their private chat with the bot or in the agents' group.

Each press is checked anew: who presses, whether they are an admin now, and whether the entry is there. What a text is
for is kept with the admin (handlers.faq_prompt), so a restart forgets nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.enums import ChatType, ContentType
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from crm_store.models import Agent
from crm_store.unit import Unit
from handlers.faq_prompt import Place, Prompt, Wanted, forget
from handlers.faq_screens import FaqPress, Screen, Screens, Verb
from handlers.rendering import parts
from support import faq_admin
from support.desk import Desk
from support.errors import DeskError
from support.reply import Reply

WORDLESS = frozenset(
    {
        ContentType.PHOTO,
        ContentType.DOCUMENT,
        ContentType.VOICE,
        ContentType.VIDEO,
        ContentType.AUDIO,
        ContentType.STICKER,
        ContentType.ANIMATION,
        ContentType.VIDEO_NOTE,
    }
)


def router_for_faq() -> Router:
    """Goes before the routers of customers and agents: it takes only what an admin says to the FAQ, and its buttons.

    Wants `unit`, `desk`, `agent` (the active agent who writes, or None) and `agents_chat_id` (of the agents' group, or
    None) among the workflow's data.
    """
    router = Router(name="faq")
    router.message.filter(from_admin)
    # The mention is not looked at: comparing it needs the bot's name, which is a call to Telegram.
    router.message.register(on_command, Command("faq", ignore_mention=True))
    router.message.register(on_text, awaited)
    router.callback_query.register(on_foreign_press, F.data.startswith("faq:"), ~_press_of_admin)
    router.callback_query.register(on_press, FaqPress.filter())
    router.callback_query.register(on_stale_press, F.data.startswith("faq:"))
    return router
