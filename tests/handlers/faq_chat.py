"""An admin's private chat with the bot, as far as /faq sees it: updates in, recorded calls out."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from sqlalchemy import select

from crm_store.models import OutboxRow
from crm_store.repositories import agents
from crm_store.store import Store
from faq.entry import FaqEntry
from handlers.faq.admin import router_for_faq
from handlers.faq.errands import JOB
from handlers.faq.laboratory import Laboratory
from handlers.recording import make_bot, recording
from support.access import add_agent
from support.desk import Desk
from support.knowledge.importing import export_entries, import_entries
from support.knowledge.live_faq import LiveFaq
from support.words.texts import Texts
from support.working_hours import WorkingHours
from workers.timetable import Timetable

ADMIN, OTHER_ADMIN, AGENT, CUSTOMER = 1001, 1004, 1002, 1003
FORUM = -100500
RETURNS = FaqEntry(
    "returns",
    {"en": ("How do I return an item?", "Returns"), "zh-Hans": ("怎么退货？",)},
    {"en": "Within **30** days."},
    "orders",
)
HOURS = FaqEntry("hours", {"en": ("When can I return to the shop?",)}, {"en": "From nine to six."})


@dataclass
class Chat:
    """Telegram as far as these handlers see it: updates in, recorded calls out."""

    desk: Desk
    bot: Bot = field(default_factory=lambda: make_bot("42:token"))
    dispatcher: Dispatcher = field(default_factory=lambda: Dispatcher(disable_fsm=True))
    shown: list[dict[str, Any]] = field(default_factory=list)
    toasts: list[str | None] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.dispatcher.include_router(router_for_faq())

    async def say(self, text: str | None, who: int = ADMIN, chat: int | None = None, **more: Any) -> bool:
        """One message; says whether a handler took it."""
        words = {"text": text} if text is not None else {}
        return await self._feed({"message": {**self._message(who, chat), **words, **more}}, who)

    async def press(self, data: str, who: int = ADMIN, chat: int | None = None, **more: Any) -> bool:
        message = {**self._message(who, chat), "text": "…", **more}
        query = {"id": "1", "from": _user(who), "chat_instance": "1", "data": data, "message": message}
        return await self._feed({"callback_query": query}, who)

    async def press_labelled(self, label: str, who: int = ADMIN) -> bool:
        """A button of the message shown last."""
        return await self.press(self.data_of(label), who)

    def data_of(self, label: str, message: int = -1) -> str:
        """What a button carries, of the message shown last if no other is named."""
        found: str = next(each["callback_data"] for each in self.buttons(message) if each["text"] == label)
        return found

    def buttons(self, message: int = -1) -> list[dict[str, str]]:
        markup = self.shown[message].get("reply_markup") or {"inline_keyboard": []}
        return [button for row in markup["inline_keyboard"] for button in row]

    async def errands(self) -> None:
        """The timetable's turn."""
        await Timetable(self.desk.store, {JOB: Laboratory(self.desk, self.bot).job}).step()
        await self._look()

    @property
    def last(self) -> str:
        return str(self.shown[-1]["text"])

    def _message(self, who: int, chat: int | None) -> dict[str, Any]:
        where = {"id": chat or who, "type": "supergroup" if chat else "private"}
        return {"message_id": next(self.numbers), "date": 0, "chat": where, "from": _user(who)}

    async def _feed(self, event: dict[str, Any], who: int) -> bool:
        update = Update.model_validate({"update_id": next(self.numbers), **event}, context={"bot": self.bot})
        async with self.desk.store.unit() as unit:
            agent = await agents.by_telegram(unit, who)
            with recording(unit):
                result = await self.dispatcher.feed_update(
                    self.bot, update, unit=unit, desk=self.desk, agent=agent, forum=FORUM
                )
            self.toasts += [call.get("text") for _, call in unit.ephemeral]
        await self._look()
        return result is not UNHANDLED

    async def _look(self) -> None:
        async with self.desk.store.read() as session:
            self.shown = list(await session.scalars(select(OutboxRow.payload).order_by(OutboxRow.id)))
        await self.desk.faq.refresh(self.desk.store)


def _user(who: int) -> dict[str, Any]:
    return {"id": who, "is_bot": False, "first_name": "Lin"}


async def open_chat(store: Store) -> Chat:
    """Two admins, an agent and two entries."""
    async with store.unit() as unit:
        await add_agent(unit, "Lin", "admin", ADMIN)
        await add_agent(unit, "Wei", "admin", OTHER_ADMIN)
        await add_agent(unit, "Mo", "agent", AGENT)
    await store.run(lambda unit: import_entries(unit, [RETURNS, HOURS]))
    faq = LiveFaq()
    await faq.refresh(store)
    return Chat(Desk(store, Texts.load(), faq, WorkingHours.parse(None, "UTC")))


async def entry(chat: Chat, entry_id: str = "returns") -> FaqEntry:
    """An entry as customers are answered from it."""
    async with chat.desk.store.read() as session:
        return next(each for each in await export_entries(session) if each.id == entry_id)
