"""One turn of a conversation: who wrote, in which state the dialog is, and the means to answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TypedDict, Unpack

from crm_store.models import Conversation, Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.desk import Desk
from support.ledger import record
from support.talk.dialog import Dialog, Offer
from support.talk.reply import MOST_BUTTONS, Button, Reply


@dataclass(slots=True)
class Turn:
    """Lives as long as one message is worked on. `heard` is the message's own row in the ledger.

    `preface` is a text of ours that whatever is said next begins with, such as that a form was put aside; `afterwards`
    is asked below it, such as the first question of the next form.
    """

    desk: Desk
    unit: Unit
    person: Person
    conversation: Conversation
    dialog: Dialog
    heard: Touchpoint
    preface: str = ""
    afterwards: Reply | None = None

    @property
    def language(self) -> str:
        return self.conversation.language

    def text(self, key: str, /, **params: object) -> str:
        return self.desk.texts.say(self.language, key, **params)

    def button(self, key: str, action: str, /, **params: object) -> Button:
        return Button(self.text(f"button.{key}", **params), action)

    def plain_button(self, label: str, action: str) -> Button:
        """A button whose words are the shop's own, such as an FAQ question."""
        return Button(label, action)

    async def say(self, reply: Reply) -> Touchpoint:
        """Answers in the conversation; what was offered before is no longer on offer."""
        reply = self._joined(reply)
        touchpoint = await say(self.desk, self.unit, self.person, reply, about_id=self.heard.id)
        if self.person.escalation and reply.kind == "answer":
            await self.desk.room.said(self.unit, self.person, touchpoint)
        labels = [button.label for button in reply.buttons]
        self.dialog.offer = Offer(touchpoint_id=touchpoint.id, labels=labels) if labels else None
        return touchpoint

    def _joined(self, reply: Reply) -> Reply:
        """With what was to be said before and after it. What is asked last has its buttons first."""
        if self.preface:
            reply, self.preface = replace(reply, text=f"{self.preface}\n{reply.text}"), ""
        if asked := self.afterwards:
            buttons = (*asked.buttons, *reply.buttons)[:MOST_BUTTONS]
            reply, self.afterwards = replace(reply, text=f"{reply.text}\n\n{asked.text}", buttons=buttons), None
        return reply

    async def tell(self, key: str, /, *buttons: Button, **params: object) -> Touchpoint:
        return await self.say(Reply(self.text(key, **params), buttons))

    async def say_text(self, text: str, *buttons: Button) -> Touchpoint:
        return await self.say(Reply(text, buttons))

    def keep(self) -> None:
        """Stores the dialog's state with the conversation."""
        self.dialog.keep(self.conversation)


class Origin(TypedDict, total=False):
    """Who says something, and about what; the fields of Touchpoint."""

    agent_id: int | None
    ticket_id: int | None
    about_id: int | None
    client_key: str | None


async def say(desk: Desk, unit: Unit, person: Person, reply: Reply, **origin: Unpack[Origin]) -> Touchpoint:
    """Puts words to a customer into the ledger and hands them to the channel, in one unit."""
    author = "agent" if origin.get("agent_id") else "bot"
    payload = _payload(reply)
    touchpoint = record(unit, person, reply.kind, reply.text, direction="out", author=author, payload=payload, **origin)
    await desk.channels[person.contact.channel].send(unit, person.contact, touchpoint, reply)
    return touchpoint


def _payload(reply: Reply) -> dict[str, object] | None:
    payload: dict[str, object] = {}
    if reply.buttons:
        payload["buttons"] = [{"label": b.label, "action": b.action} for b in reply.buttons]
    if reply.markdown:
        payload["markdown"] = True
    if reply.attachment:
        payload["attachment"] = asdict(reply.attachment)
    if reply.strategy:
        payload["strategy"] = reply.strategy
    return payload or None
