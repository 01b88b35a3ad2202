"""What the fate of a call means for others: a topic's number, a blocked customer, words that may not have arrived.

Runs in the unit that settles the call; makes no network call itself.
"""

from __future__ import annotations

from typing import Any, Protocol

from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from crm_store.models import OutboxRow
from crm_store.person import Person
from crm_store.repositories import files, ledger, outbox, people, topics
from crm_store.unit import Unit
from handlers.forum.absence import put_out
from handlers.forum.follow import move
from handlers.forum.instead import card_again, is_file_in_topic, move_to_general, say_in_general, words_of_file
from handlers.forum.topics import TOPIC_MADE, forum_chat, make_again, open_again, topic_meant, was_not_made
from handlers.recording import recording
from handlers.telegram_files import FILE_FETCHED
from support.desk import Desk
from support.talk.contact import set_reachable

EXCERPT = 200


class Outcome(Protocol):
    """What the sender says of a call (workers.outcomes.Outcome)."""

    @property
    def fate(self) -> str: ...
    @property
    def error(self) -> str | None: ...
    @property
    def message_id(self) -> int | None: ...
    @property
    def migrate_to(self) -> int | None: ...
    @property
    def result(self) -> Any: ...


class Consequences:
    """Given to the sender by the composition root; `forum` is the configured group's id, if there is one."""

    def __init__(self, desk: Desk, bot: Bot, forum: int | None) -> None:
        self._desk, self._bot, self._forum = desk, bot, forum

    async def __call__(self, unit: Unit, row: OutboxRow, outcome: Outcome) -> None:
        match outcome.fate:
            case _ if row.continuation == TOPIC_MADE and row.state != "waiting":
                await self._topic_made(unit, row, outcome)
            case _ if row.continuation == FILE_FETCHED and row.state != "waiting":
                await files.fetched(unit, (row.files or {})["keep"], outcome.result, outcome.error)
            case "shut_out":
                await self._shut_out(unit, row)
            case "blocked":
                await self._blocked(unit, row, outcome)
            case "topic_gone":
                await self._topic_gone(unit, row)
            case "topic_closed":
                await self._topic_closed(unit, row)
            case "migrated":
                await self._migrated(unit, row, outcome.migrate_to)
            case "dropped" if row.method == "editMessageText":
                await card_again(self._bot, unit, row)
            case _ if row.state in ("uncertain", "failed"):
                await self._tell_agents(unit, row, outcome)

    async def _topic_made(self, unit: Unit, row: OutboxRow, outcome: Outcome) -> None:
        """Keeps the new topic's number. One without a number is forgotten: the customer's next words make another."""
        topic = await topics.by_thread(unit, row.chat_id, -row.id)
        if outcome.fate == "shut_out":
            await self._shut_out(unit, row)
        if topic and outcome.message_id:
            topic.thread_id = outcome.message_id
        elif topic:
            if person := await people.by_contact(unit, topic.contact_point_id):
                await say_in_general(unit, person, topic)
            await unit.session.delete(topic)

    async def _shut_out(self, unit: Unit, row: OutboxRow) -> None:
        """Agents must hear it elsewhere; a group that is none of ours is nobody's loss."""
        if self._forum and row.payload.get("chat_id") == await forum_chat(unit, self._forum):
            await put_out(self._desk, self._bot, unit, self._forum)

    async def _blocked(self, unit: Unit, row: OutboxRow, outcome: Outcome) -> None:
        """Agents are told once that nothing arrives, and of each of their own words that did not.

        What the bot wanted to say is not tried any more; who comes back has new things to ask.
        """
        person = await _customer(unit, row)
        if person is None:
            return
        state = "deactivated" if "deactivated" in (outcome.error or "").lower() else "blocked"
        if row.repeat == "never":
            await self._tell_agents(unit, row, outcome)
        await outbox.give_up_on(unit, row.bot_id, row.chat_id, outcome.error or state)
        await set_reachable(self._desk, unit, person, state)

    async def _topic_gone(self, unit: Unit, row: OutboxRow) -> None:
        """Somebody deleted the topic: a new one takes its place, and nothing that was to be said there is lost.

        Words that were on their way when no new one could be made follow the others to General.
        """
        topic = await topic_meant(unit, row)
        person = await people.by_contact(unit, topic.contact_point_id) if topic else None
        if topic and person:
            await make_again(self._desk, self._bot, unit, person, topic, row)
        elif row.touchpoint_id is None:
            move_to_general(row)

    async def _topic_closed(self, unit: Unit, row: OutboxRow) -> None:
        topic = await topic_meant(unit, row)
        if topic:
            await open_again(self._bot, unit, topic, row)

    async def _migrated(self, unit: Unit, row: OutboxRow, chat_id: int | None) -> None:
        """The agents' group has another id: all that waits for it follows, this call in its place."""
        if self._forum and chat_id and row.chat_id == await forum_chat(unit, self._forum):
            await move(unit, self._forum, row.chat_id, chat_id)
        if self._forum and chat_id == await forum_chat(unit, self._forum):
            row.chat_id, row.payload = chat_id, row.payload | {"chat_id": chat_id}
        else:  # a group that is none of ours
            row.state = "dropped"

    async def _tell_agents(self, unit: Unit, row: OutboxRow, outcome: Outcome) -> None:
        """Only a human may decide to say it twice.

        What was for the agents themselves they see all the same: words that were decided in the very moment in which
        their topic could not be made follow the others to General.
        """
        if outcome.fate == "lost" and await was_not_made(unit, row):
            move_to_general(row)
            return
        if is_file_in_topic(row):
            await words_of_file(self._desk, self._bot, unit, row, outcome.error or "?")
            return
        person = await _customer(unit, row)
        topic = await topics.of_contact(unit, person.contact.id) if person else None
        if person is None or topic is None:
            return
        if row.state == "uncertain":
            words = str(row.payload.get("text") or row.payload.get("caption") or row.method)[:EXCERPT]
            key, params = "agent.uncertain", {"text": words}
        else:
            key, params = "agent.undelivered", {"reason": outcome.error or "?"}
        text = self._desk.texts.say(self._desk.default_language, key, **params)
        markup = self._again(row) if row.state == "uncertain" or row.repeat == "never" else None
        with recording(unit):
            await self._bot.send_message(topic.chat_id, text, message_thread_id=topic.thread_id, reply_markup=markup)

    def _again(self, row: OutboxRow) -> InlineKeyboardMarkup:
        label = self._desk.texts.say(self._desk.default_language, "button.resend")
        button = InlineKeyboardButton(text=label, callback_data=f"a:resend:{row.id}")
        return InlineKeyboardMarkup(inline_keyboard=[[button]])


async def _customer(unit: Unit, row: OutboxRow) -> Person | None:
    """Whom the words were for; None for a call that was not to a customer."""
    touchpoint = await ledger.get(unit, row.touchpoint_id) if row.touchpoint_id else None
    return await people.by_contact(unit, touchpoint.contact_point_id) if touchpoint else None
