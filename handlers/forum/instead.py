"""What the agents' group gets instead of what could not be sent there: nothing that was said is lost with its place."""

from __future__ import annotations

from aiogram import Bot
from aiogram.types import InlineKeyboardMarkup

from crm_store.ids import ids_before
from crm_store.models import ForumTopic, OutboxRow
from crm_store.person import Person
from crm_store.repositories import tickets, topics
from crm_store.unit import Unit
from handlers.forum.topics import topic_meant
from handlers.recording import recording
from handlers.rendering import LONGEST_CAPTION, LONGEST_TEXT
from support.agents.card import display_name
from support.desk import Desk

_ONLY_IN_TOPIC = ("message_thread_id", "reply_markup")
"""Buttons act on the customer whose topic they stand in; in General they would act on nobody."""


async def say_in_general(unit: Unit, person: Person, topic: ForumTopic) -> None:
    """The topic could not be made: what waits for it goes to the General topic, under the ticket's number."""
    tag = await _tag(unit, person)
    for rows in (await topics.waiting_by_thread(unit, topic.chat_id)).values():
        if await topic_meant(unit, rows[0]) is topic:
            for row in rows:
                move_to_general(row, tag)


def move_to_general(row: OutboxRow, tag: str = "") -> None:
    """The call's next turn is in General; what is no message (opening the topic again) is not needed any more."""
    if not row.method.startswith("send"):
        row.state = "dropped"
        return
    payload = {key: value for key, value in row.payload.items() if key not in _ONLY_IN_TOPIC}
    name, limit = ("text", LONGEST_TEXT) if row.method == "sendMessage" else ("caption", LONGEST_CAPTION)
    tagged = f"{tag} {payload.get(name, '')}".strip()
    row.state, row.payload = "waiting", payload | ({name: tagged} if _length(tagged) <= limit else {})


async def _tag(unit: Unit, person: Person) -> str:
    ticket = await tickets.get(unit, person.escalation.ticket_id) if person.escalation else None
    return f"#{ticket.number}" if ticket else display_name(person)


def _length(text: str) -> int:
    """In UTF-16 units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


async def card_again(bot: Bot, unit: Unit, row: OutboxRow) -> None:
    """Somebody deleted the card that `row` was to edit: it stands in the topic anew, as the edit words it."""
    topic = await topics.by_card(unit, row.chat_id, row.payload["message_id"])
    if topic is None:
        return
    buttons = row.payload.get("reply_markup")
    with recording(unit, ids=ids_before(row.id)):
        sent = await bot.send_message(
            topic.chat_id,
            row.payload["text"],
            message_thread_id=topic.thread_id,
            reply_markup=InlineKeyboardMarkup.model_validate(buttons) if buttons else None,
        )
    topic.card_message_id = sent.message_id


def is_file_in_topic(row: OutboxRow) -> bool:
    """Whether a call was to show agents a file; what customers get carries its touchpoint."""
    is_file = row.method.startswith("send") and row.method != "sendMessage"
    return is_file and row.touchpoint_id is None and "message_thread_id" in row.payload


async def words_of_file(desk: Desk, bot: Bot, unit: Unit, row: OutboxRow, reason: str) -> None:
    """A file could not be shown in its topic: what was said with it stands there all the same, and why."""
    why = desk.texts.say(desk.default_language, "agent.undelivered", reason=reason)
    words = f"{row.payload.get('caption', '')}\n{why}".strip()
    with recording(unit, ids=ids_before(row.id)):
        await bot.send_message(row.chat_id, words, message_thread_id=row.payload["message_thread_id"])
