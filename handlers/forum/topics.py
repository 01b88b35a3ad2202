"""Topics of the agents' forum: made when first needed, found again, made anew when somebody deleted them."""

from __future__ import annotations

from datetime import timedelta

from aiogram import Bot

from crm_store.ids import Ids, ids_before, new_id
from crm_store.models import ForumTopic, OutboxRow
from crm_store.person import Person
from crm_store.repositories import outbox, schedule, settings, topics
from crm_store.repositories.lanes import Lane
from crm_store.unit import Unit
from handlers.forum.card import card_buttons, card_text
from handlers.recording import recording
from support.agents.card import display_name, read_card
from support.desk import Desk

TOPIC_NAME_LENGTH = 128
CARD_EVERY = timedelta(minutes=1)
"""The group takes twenty messages a minute: a card is edited at most once in one."""

TOPIC_MADE = "topic_made"
FORUM_CHAT = "forum_chat"


async def forum_chat(unit: Unit, configured: int) -> int:
    """The group's present id: the configured one until Telegram gave it another."""
    return await settings.get(unit, f"{FORUM_CHAT}:{configured}") or configured


async def topic_of(desk: Desk, bot: Bot, unit: Unit, person: Person, chat_id: int) -> ForumTopic:
    """The customer's topic, made with the card at its head if there is none yet."""
    topic = await topics.of_contact(unit, person.contact.id)
    if topic is None:
        topic = await _make(desk, bot, unit, person, chat_id)
        await _show_card(desk, bot, unit, person, topic)
    return topic


async def _make(desk: Desk, bot: Bot, unit: Unit, person: Person, chat_id: int) -> ForumTopic:
    thread_id = await _create(desk, bot, unit, person, chat_id)
    topic = ForumTopic(
        id=new_id(), contact_point_id=person.contact.id, chat_id=chat_id, thread_id=thread_id, created_at=unit.now
    )
    return topics.remember(unit, unit.add(topic))


async def _create(desk: Desk, bot: Bot, unit: Unit, person: Person, chat_id: int, ids: Ids = new_id) -> int:
    """Asks for a topic; returns minus the id of the row that will know its number."""
    known = person.score.tier if person.score else None  # who has not ordered yet has a stage alone
    tier = f"tier.{known or 'none'}"
    say = desk.texts.say
    name = say(desk.default_language, "agent.topic", name=display_name(person), tier=say(desk.default_language, tier))
    with recording(unit, continuation=TOPIC_MADE, ids=ids):
        made = await bot.create_forum_topic(chat_id, name[:TOPIC_NAME_LENGTH])
    return made.message_thread_id


async def topic_meant(unit: Unit, row: OutboxRow) -> ForumTopic | None:
    """The topic a call was meant for, even where another has taken its place since."""
    thread_id = await _thread(unit, row)
    if thread_id is None:
        return None
    topic = await topics.by_thread(unit, row.chat_id, thread_id)
    if topic is None and (contact_point_id := await settings.get(unit, _former(row.chat_id, thread_id))):
        return await topics.of_contact(unit, contact_point_id)
    return topic


async def was_not_made(unit: Unit, row: OutboxRow) -> bool:
    """Whether a call is for a topic that came to nothing."""
    thread_id = await _thread(unit, row)
    return thread_id is not None and thread_id < 0


async def make_again(desk: Desk, bot: Bot, unit: Unit, person: Person, topic: ForumTopic, row: OutboxRow) -> None:
    """The topic that `row` was for was deleted: a new one with its card comes first, and the call keeps its place.

    Others that wait for the former topic keep theirs too, and come here when it is their turn.
    """
    thread_id = await _thread(unit, row)
    was_card = topic.card_message_id == -row.id
    if topic.thread_id == thread_id:
        await settings.put(unit, _former(topic.chat_id, thread_id), person.contact.id)
        ids = ids_before(row.id)
        topic.thread_id = await _create(desk, bot, unit, person, topic.chat_id, ids)
        await _show_card(desk, bot, unit, person, topic, ids)
        with recording(unit, ids=ids):
            notice = desk.texts.say(desk.default_language, "agent.topic_remade")
            await bot.send_message(topic.chat_id, notice, message_thread_id=topic.thread_id)
    if not was_card:
        row.state, row.payload = "waiting", row.payload | {"message_thread_id": topic.thread_id}


async def open_again(bot: Bot, unit: Unit, topic: ForumTopic, row: OutboxRow) -> None:
    """The topic was closed: it is opened before `row` has its next turn; once for all words of a joined message."""
    if unit.memory.setdefault(("opened", topic.id), row.id) == row.id:
        with recording(unit, ids=ids_before(row.id)):
            await bot.reopen_forum_topic(topic.chat_id, topic.thread_id)


def delete_topic(bot_id: int, unit: Unit, topic: ForumTopic) -> OutboxRow:
    """The call that removes a topic with all its messages, in a chat of its own: without the right to delete it must
    not keep the group waiting."""
    return OutboxRow(
        id=new_id(),
        bot_id=bot_id,
        chat_id=-topic.id,
        method="deleteForumTopic",
        payload={"chat_id": topic.chat_id, "message_thread_id": topic.thread_id},
        lane=Lane.NOTICE,
        created_at=unit.now,
    )


async def _thread(unit: Unit, row: OutboxRow) -> int | None:
    """The number of a call's topic; at first it is minus the id of the call that makes the topic."""
    thread_id: int | None = row.payload.get("message_thread_id")
    if thread_id is None or thread_id >= 0:
        return thread_id
    return await outbox.result(unit, -thread_id) or thread_id


def _former(chat_id: int, thread_id: int) -> str:
    return f"former_topic:{chat_id}:{thread_id}"


async def _show_card(desk: Desk, bot: Bot, unit: Unit, person: Person, topic: ForumTopic, ids: Ids = new_id) -> None:
    """Puts the card at the head of a new topic."""
    card = await read_card(desk, unit, person, unit.now, to_keep=True)
    with recording(unit, ids=ids):
        sent = await bot.send_message(
            topic.chat_id,
            card_text(desk, card),
            message_thread_id=topic.thread_id,
            reply_markup=card_buttons(desk, person, card),
        )
    topic.card_message_id, topic.card_at = sent.message_id, unit.now


async def renew_card(desk: Desk, bot: Bot, unit: Unit, person: Person, topic: ForumTopic) -> None:
    """Edits the card now, or as soon as a minute has passed since it last changed."""
    if topic.card_at and unit.now - topic.card_at < CARD_EVERY:
        payload = {"contact": str(person.contact.id)}
        await schedule.ask_for(unit, f"card:{topic.id}", "card", topic.card_at + CARD_EVERY, payload)
        return
    await edit_card(desk, bot, unit, person, topic)


async def edit_card(desk: Desk, bot: Bot, unit: Unit, person: Person, topic: ForumTopic) -> None:
    if topic.card_message_id is None:
        return
    card = await read_card(desk, unit, person, unit.now, to_keep=True)
    with recording(unit):
        await bot.edit_message_text(
            text=card_text(desk, card),
            chat_id=topic.chat_id,
            message_id=topic.card_message_id,
            reply_markup=card_buttons(desk, person, card),
        )
    topic.card_at = unit.now
