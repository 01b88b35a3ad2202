"""One update through aiogram's routers, inside a unit of work.

The routers are asked directly: the Dispatcher's own layer looks up users and states that we know already, and its error
handling could swallow what must fail the unit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

import structlog
from aiogram import Bot, Router
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.methods import TelegramMethod
from aiogram.types import ChatMemberUpdated, Update, User
from aiogram.types.update import UpdateTypeLookupError

from crm_store.repositories import agents, people
from crm_store.repositories.lanes import Lane
from crm_store.unit import Unit
from handlers.customers import router_for_customers
from handlers.faq.admin import router_for_faq
from handlers.forum.agents import router_for_agents
from handlers.forum.topics import forum_chat
from handlers.reading import sender_of
from handlers.recording import recording
from support.access import learn_name
from support.desk import Desk
from support.talk.contact import note_unknown
from support.talk.inbound import Sender
from support.talk.understanding import asked_in

log = structlog.get_logger()


class Dispatch:
    """What the processing calls: `prepare` reads ahead for a batch, calling it lets one update take effect."""

    def __init__(self, desk: Desk, bot: Bot, forum: int | None) -> None:
        self._desk, self._bot, self._forum = desk, bot, forum
        self._routers = _routers(forum)

    async def prepare(self, unit: Unit, updates: Sequence[Mapping[str, Any]]) -> None:
        """Everybody who writes in this batch, which of them are staff, and what the FAQ makes of their words."""
        ids = {user_id for update in updates if (user_id := _user_id(update))}
        await people.prefetch(unit, "telegram", map(str, ids))
        await agents.prefetch(unit, ids)
        await self._match_ahead([text for update in updates if (text := _text(update))])

    async def _match_ahead(self, texts: Sequence[str]) -> None:
        """Found together, what the FAQ makes of them; each message is said to have taken its share of it."""
        begun = perf_counter()
        await self._desk.faq.look_ahead([asked for text in texts for asked in asked_in(text)])
        share = (perf_counter() - begun) / max(1, len(texts))
        for _ in texts:
            self._desk.meters.match.observe(share)

    async def __call__(self, unit: Unit, raw: dict[str, Any]) -> None:
        update = Update.model_validate(raw, context={"bot": self._bot})
        if not _is_known(update):
            await _note_new_kind(unit, raw)
            return
        user_id = _user_id(raw)
        agent = await agents.by_telegram(unit, user_id) if user_id else None
        if agent and (user := _user(update)):
            await learn_name(unit, agent, user.full_name)
        with recording(unit, lane=Lane.ANSWER):
            result = await self._routers.propagate_event(
                update.event_type,
                update.event,
                bot=self._bot,
                unit=unit,
                desk=self._desk,
                agent=agent,
                forum=self._forum,
            )
            if isinstance(result, TelegramMethod):
                await self._bot(result)
        if result is UNHANDLED:
            await self._unhandled(unit, update)

    async def _unhandled(self, unit: Unit, update: Update) -> None:
        """No handler wants it: recorded if a person is behind it; a group that is none of ours is left."""
        chat, user = getattr(update.event, "chat", None), _user(update)
        if chat is not None and chat.type != "private":
            await self._leave_strange_group(unit, update.my_chat_member)
        elif user and not user.is_bot:
            await note_unknown(unit, sender_of(user), update.event_type, {})
        else:
            log.info("dispatch.unknown", kind=update.event_type)

    async def _leave_strange_group(self, unit: Unit, joined: ChatMemberUpdated | None) -> None:
        if joined is None or joined.new_chat_member.status not in ("member", "administrator"):
            return
        if self._forum is None or joined.chat.id != await forum_chat(unit, self._forum):
            with recording(unit):
                await self._bot.leave_chat(joined.chat.id)


def _is_known(update: Update) -> bool:
    """Whether aiogram knows what kind of update it is."""
    try:
        return bool(update.event_type)
    except UpdateTypeLookupError:
        return False


async def _note_new_kind(unit: Unit, raw: Mapping[str, Any]) -> None:
    """Telegram has learnt something that this program has not: recorded where a person is behind it."""
    kind = next((key for key in raw if key != "update_id"), "nothing")
    log.info("dispatch.new_kind", kind=kind)
    if user_id := _user_id(raw):
        await note_unknown(unit, Sender("telegram", str(user_id), chat_id=user_id), kind, {})


def _routers(forum: int | None) -> Router:
    root = Router(name="touchdesk")
    root.include_router(router_for_faq())
    if forum is not None:
        root.include_router(router_for_agents(forum))
    root.include_router(router_for_customers())
    return root


def _user(update: Update) -> User | None:
    """The person behind an update, where there is one."""
    user = getattr(update.event, "from_user", None) or getattr(update.event, "user", None)
    return user if isinstance(user, User) else None


def _text(update: Mapping[str, Any]) -> str:
    """What somebody wrote to the bot alone; empty for a command and for anything else."""
    match update:
        case {"message": {"chat": {"type": "private"}, "text": str(text)}} if not text.startswith("/"):
            return text
        case _:
            return ""


def _user_id(update: Mapping[str, Any]) -> int | None:
    for key, event in update.items():
        if key != "update_id" and isinstance(event, Mapping):
            user = event.get("from") or event.get("user")
            return user["id"] if isinstance(user, Mapping) and isinstance(user.get("id"), int) else None
    return None
