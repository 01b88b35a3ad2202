"""The agents' room as support sees it: what happens to a customer appears in their topic."""

from __future__ import annotations

from typing import Any

from aiogram import Bot

from crm_store.models import Escalation, ForumTopic, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.repositories import agents, people, topics
from crm_store.unit import Unit
from handlers.channel import send_file
from handlers.forum.absence import is_absent, tell_in_private
from handlers.forum.topics import delete_topic, edit_card, forum_chat, renew_card, topic_of
from handlers.recording import recording
from handlers.rendering import LONGEST_CAPTION, parts
from support.agents.card import display_name, heard_in
from support.desk import Desk
from support.talk.inbound import Attachment
from support.talk.reply import Reply


class ForumRoom:
    """Queues with the unit; nothing is said about a customer who has no topic yet, except when they come in."""

    def __init__(self, bot: Bot, chat_id: int) -> None:
        self._bot, self._configured = bot, chat_id
        self.desk: Desk | None = None

    def serve(self, desk: Desk) -> None:
        """Tells the room which desk it belongs to; the two know each other."""
        self.desk = desk
        desk.room = self

    async def opened(self, unit: Unit, person: Person, escalation: Escalation, ticket: Ticket) -> None:
        desk = self._desk()
        if await is_absent(unit, self._configured):
            await tell_in_private(self._bot, unit, self._say("agent.new_request", number=ticket.number))
            return
        is_new = await topics.of_contact(unit, person.contact.id) is None
        topic = await topic_of(desk, self._bot, unit, person, await forum_chat(unit, self._configured))
        if not is_new:
            await self._show_again(unit, person, topic, ticket)
        for touchpoint in heard_in(unit, person):
            await self.heard(unit, person, touchpoint)

    async def _show_again(self, unit: Unit, person: Person, topic: ForumTopic, ticket: Ticket) -> None:
        """A known topic: the card is renewed, and a line moves the topic up in the agents' list."""
        await renew_card(self._desk(), self._bot, unit, person, topic)
        await self._line(unit, topic, self._say("agent.ticket", number=ticket.number, subject=ticket.subject))

    async def changed(self, unit: Unit, person: Person, escalation: Escalation) -> None:
        topic = await self._topic(unit, person)
        if topic is None:
            return
        await renew_card(self._desk(), self._bot, unit, person, topic)
        if escalation.state == "claimed" and escalation.agent_id:
            agent = await agents.get(unit, escalation.agent_id)
            await self._line(unit, topic, self._say("agent.claimed", agent=agent.name if agent else "?"))

    async def heard(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        topic = await self._topic(unit, person)
        if topic is None and person.escalation and not await is_absent(unit, self._configured):
            # making it failed, or there was no group yet
            topic = await topic_of(self._desk(), self._bot, unit, person, await forum_chat(unit, self._configured))
        if topic is None:
            return
        name = self._say("agent.customer_says", name=display_name(person))
        if touchpoint.kind == "edit":
            before = (touchpoint.payload or {}).get("before") or "—"
            await self._line(unit, topic, self._say("agent.edited", before=before, after=touchpoint.text or "—"))
        elif file := attachment_of(touchpoint):
            await self._file(unit, topic, file, f"{name} {touchpoint.text or ''}".strip())
        else:
            await self._line(unit, topic, f"{name} {touchpoint.text or touchpoint.kind}")

    async def said(self, unit: Unit, person: Person, touchpoint: Touchpoint) -> None:
        topic = await self._topic(unit, person)
        if topic is None:
            return
        agent = await agents.get(unit, touchpoint.agent_id) if touchpoint.agent_id else None
        speaker = self._say("agent.customer_says", name=agent.name) if agent else self._say("agent.bot_says")
        await self._line(unit, topic, f"{speaker} {touchpoint.text or touchpoint.kind}")

    async def told(self, unit: Unit, person: Person, key: str, **params: object) -> None:
        topic = await self._topic(unit, person)
        if topic:
            await self._line(unit, topic, self._say(key, **params))

    async def learned(self, unit: Unit, person: Person) -> None:
        topic = await self._topic(unit, person)
        if topic:
            await renew_card(self._desk(), self._bot, unit, person, topic)

    async def forgotten(self, unit: Unit, person: Person, held: Ticket | None) -> None:
        """The topic goes with all that was said in it; who held the customer is told outside of it."""
        topic = await topics.of_contact(unit, person.contact.id)
        if held:
            text = self._say("agent.erased", number=held.number)
            with recording(unit):
                await self._bot.send_message(await forum_chat(unit, self._configured), text)
        if topic and topic.thread_id > 0:
            unit.add(delete_topic(self._bot.id, unit, topic))
            unit.touch("outbox")

    async def card_job(self, unit: Unit, payload: dict[str, Any]) -> None:
        """The timetable's turn: the card as things stand now."""
        contact_point_id = int(payload["contact"])
        person = await people.by_contact(unit, contact_point_id)
        topic = await topics.of_contact(unit, contact_point_id)
        if person and topic:
            await edit_card(self._desk(), self._bot, unit, person, topic)

    async def _topic(self, unit: Unit, person: Person) -> ForumTopic | None:
        """The customer's topic, if they have one and the bot may write there."""
        topic = await topics.of_contact(unit, person.contact.id)
        return None if topic is None or await is_absent(unit, self._configured) else topic

    async def _line(self, unit: Unit, topic: ForumTopic, text: str) -> None:
        """Words in a topic; several that must wait share a message."""
        for piece, _ in parts(Reply(text)):
            with recording(unit, joinable=True):
                await self._bot.send_message(topic.chat_id, piece, message_thread_id=topic.thread_id)

    async def _file(self, unit: Unit, topic: ForumTopic, file: Attachment, caption: str) -> None:
        (caption, _), *more = parts(Reply(caption), LONGEST_CAPTION)
        with recording(unit):
            send_file(self._bot.id, topic.chat_id, file, caption, topic.thread_id)
        for piece, _ in more:
            await self._line(unit, topic, piece)

    def _say(self, key: str, **params: object) -> str:
        desk = self._desk()
        return desk.texts.say(desk.default_language, key, **params)

    def _desk(self) -> Desk:
        if self.desk is None:
            raise RuntimeError("the room serves no desk yet")
        return self.desk


def attachment_of(touchpoint: Touchpoint) -> Attachment | None:
    data = (touchpoint.payload or {}).get("attachment")
    return Attachment(**data) if data else None
