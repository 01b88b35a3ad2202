"""Agents in the forum: their words go to the customer, `//` stays inside or on the card, buttons and commands move the
matter.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message, ReplyParameters, TelegramObject

from crm_store.models import Agent, Fact
from crm_store.person import Person
from crm_store.repositories import people, topics
from crm_store.unit import Unit
from handlers.forum.absence import on_standing
from handlers.forum.follow import follow_group
from handlers.forum.topics import forum_chat
from handlers.reading import attachment_of
from handlers.telegram_files import keep_telegram_file
from support.agents import redelivery
from support.agents import work as agent_work
from support.customers import facts, noting
from support.desk import Desk
from support.errors import DeskError
from support.judging import verdicts
from support.talk.inbound import Attachment
from support.words.times import day

NOTE_MARKS = ("//", "／／")
"""The second is what a Chinese keyboard types."""

LARGEST_ID = 2**63 - 1
_ID = re.compile(r"[0-9]{1,19}")

Work = Callable[[Desk, Unit, Agent, Person], Awaitable[Any]]
Decision = Callable[[Desk, Unit, Agent, Person, int], Awaitable[None]]
Verdict = Callable[[Desk, Unit, Agent, Person, int, str], Awaitable[None]]


class InForum(BaseFilter):
    """The event happened in the agents' group."""

    def __init__(self, configured: int) -> None:
        self._configured = configured

    async def __call__(self, event: TelegramObject, unit: Unit) -> bool:
        message = event.message if isinstance(event, CallbackQuery) else event
        chat = getattr(message, "chat", None)
        return chat is not None and chat.id == await forum_chat(unit, self._configured)


def router_for_agents(configured: int) -> Router:
    """Messages and presses in the agents' group; whoever is no agent is not heard."""
    router = Router(name="agents")
    here = InForum(configured)
    router.message.register(follow_group, F.migrate_to_chat_id)
    router.message.filter(here)
    router.callback_query.filter(here)
    router.my_chat_member.filter(here)
    router.message.register(on_note, is_note, is_staff, in_topic)
    for verb in ("claim", "release", "resolve"):
        router.message.register(_command(verb), F.text.startswith(f"/{verb}"), is_staff, in_topic)
    router.message.register(on_help, F.text.startswith("/"), is_staff)
    router.message.register(on_words, F.text | F.photo | F.document | F.voice, is_staff, in_topic)
    router.message.register(on_other, is_staff, in_topic, F.content_type.in_(_UNSUPPORTED))
    router.message.register(ignore)
    router.callback_query.register(on_press)
    router.my_chat_member.register(on_standing)
    return router


_UNSUPPORTED = {"video", "audio", "sticker", "animation", "video_note", "location", "contact", "poll", "dice", "venue"}


async def is_staff(message: Message, agent: Agent | None) -> bool:
    """An active agent writing as themselves: not as the group, a channel or a bot."""
    return agent is not None and message.sender_chat is None


async def is_note(message: Message) -> bool:
    """A photo or file with such a caption stays inside like words do."""
    return _words(message).startswith(NOTE_MARKS)


async def in_topic(message: Message, unit: Unit) -> bool | dict[str, Any]:
    """Finds the customer whose topic this is."""
    person = await _person(unit, message)
    return {"person": person} if person else False


async def on_note(message: Message, bot: Bot, unit: Unit, desk: Desk, agent: Agent, person: Person) -> None:
    file = _kept_file(message, bot, unit, person)
    text = _words(message)[len(NOTE_MARKS[0]) :]
    try:
        fact = await noting.keep_note(desk, unit, agent, person, text, file)
    except DeskError as error:
        await _reply(message, _say(desk, error.key, **error.params))
    else:
        await _reply(message, _saved(desk, fact, unit.now))


def _saved(desk: Desk, fact: Fact | None, now: datetime) -> str:
    if fact is None:
        return _say(desk, "agent.note_saved")
    if fact.kind in facts.TAUGHT:
        return _say(desk, f"agent.{fact.kind}_saved")
    if fact.due_at is None:
        return _say(desk, "agent.fact_saved")
    return _say(desk, "agent.promise_saved", date=day(fact.due_at, desk.default_language, desk.timezone, now))


async def on_words(message: Message, bot: Bot, unit: Unit, desk: Desk, agent: Agent, person: Person) -> None:
    """Claims, if nobody holds the customer, and answers."""
    file = _kept_file(message, bot, unit, person)
    await _try(
        message, desk, lambda: agent_work.answer(desk, unit, agent, person, _words(message), file, from_room=True)
    )


def _words(message: Message) -> str:
    return message.text or message.caption or ""


def _kept_file(message: Message, bot: Bot, unit: Unit, person: Person) -> Attachment | None:
    file = attachment_of(message)
    return keep_telegram_file(unit, bot.id, person, file) if file else None


async def on_other(message: Message, desk: Desk) -> None:
    await _reply(message, _say(desk, "agent.media_unsupported"))


async def on_help(message: Message, desk: Desk) -> None:
    await _reply(message, _say(desk, "agent.help"))


async def ignore(message: Message) -> None:
    """Service messages, and words of people who are no agents."""


async def on_press(callback: CallbackQuery, unit: Unit, desk: Desk, agent: Agent | None) -> None:
    """A card's or notice's button: who presses is checked, and what it is about comes from the topic."""
    if agent is None:
        await callback.answer(_say(desk, "agent.denied"), show_alert=True)
        return
    person = await _person(unit, callback.message) if isinstance(callback.message, Message) else None
    verb, _, argument = (callback.data or "").removeprefix("a:").partition(":")
    if person is None:
        await callback.answer(_say(desk, "agent.stale"))
    elif verb == "resend":
        done = await redelivery.resend(unit, person, argument)
        await callback.answer(None if done else _say(desk, "agent.stale"))
    elif verb in _DECISIONS and (fact_id := _row_id(argument)):
        await callback.answer(await _notice(desk, lambda: _DECISIONS[verb](desk, unit, agent, person, fact_id)))
    elif verb in _VERDICTS and (escalation_id := _row_id(argument.partition(":")[0])):
        await callback.answer(await _verdict(desk, unit, agent, person, verb, escalation_id, argument))
    elif verb in _WORK and not argument:
        await callback.answer(await _notice(desk, lambda: _WORK[verb](desk, unit, agent, person)))
    else:
        await callback.answer(_say(desk, "agent.stale"))


_WORK: dict[str, Work] = {
    "claim": agent_work.claim,
    "release": agent_work.release,
    "resolve": agent_work.resolve,
}

_DECISIONS: dict[str, Decision] = {"confirm": facts.confirm, "decline": facts.decline}


_VERDICTS: dict[str, Verdict] = {"wrong": verdicts.mark_wrong, "right": verdicts.take_back}


async def _verdict(
    desk: Desk, unit: Unit, agent: Agent, person: Person, verb: str, escalation_id: int, argument: str
) -> str:
    """What the button says is checked against the escalation that the topic's customer has now."""
    code = argument.partition(":")[2]
    refused = await _notice(desk, lambda: _VERDICTS[verb](desk, unit, agent, person, escalation_id, code))
    return refused or _say(desk, f"agent.reason_{verb}")


def _row_id(text: str) -> int | None:
    """The id that a button names; anybody can make up what a button says."""
    return int(text) if _ID.fullmatch(text) and int(text) <= LARGEST_ID else None


def _command(verb: str) -> Callable[..., Awaitable[None]]:
    async def on_command(message: Message, unit: Unit, desk: Desk, agent: Agent, person: Person) -> None:
        await _try(message, desk, lambda: _WORK[verb](desk, unit, agent, person))

    return on_command


async def _try(message: Message, desk: Desk, work: Callable[[], Awaitable[Any]]) -> None:
    """What cannot be done is said in the topic, and nothing was done."""
    if notice := await _notice(desk, work):
        await _reply(message, notice)


async def _notice(desk: Desk, work: Callable[[], Awaitable[Any]]) -> str | None:
    try:
        await work()
    except DeskError as error:
        return _say(desk, error.key, **error.params)
    return None


async def _reply(message: Message, text: str) -> None:
    """Said even where the agent has deleted the words that it answers."""
    target = ReplyParameters(message_id=message.message_id, allow_sending_without_reply=True)
    await message.answer(text, reply_parameters=target)


async def _person(unit: Unit, message: Message) -> Person | None:
    if message.message_thread_id is None:
        return None
    topic = await topics.by_thread(unit, message.chat.id, message.message_thread_id)
    return await people.by_contact(unit, topic.contact_point_id) if topic else None


def _say(desk: Desk, key: str, **params: object) -> str:
    return desk.texts.say(desk.default_language, key, **params)
