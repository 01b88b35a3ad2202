"""One turn of a conversation: who wrote, in which state the dialog is, and the means to answer."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from crm_store.models import Conversation, Touchpoint
from crm_store.person import Person
from crm_store.unit import Unit
from support.desk import Desk
from support.ledger import record
from support.talk.dialog import Dialog, Offer
from support.talk.reply import Button, Reply


@dataclass(slots=True)
class Turn:
    """Lives as long as one message is worked on. `heard` is the message's own row in the ledger.

    `preface` is a text of ours that whatever is said next begins with, such as that a form was put aside.
    """

    desk: Desk
    unit: Unit
    person: Person
    conversation: Conversation
    dialog: Dialog
    heard: Touchpoint
    preface: str = ""

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
        if self.preface:
            reply, self.preface = replace(reply, text=f"{self.preface}\n{reply.text}"), ""
        touchpoint = await say(self.desk, self.unit, self.person, reply, about_id=self.heard.id)
        if self.person.escalation and reply.kind == "answer":
            await self.desk.room.said(self.unit, self.person, touchpoint)
        labels = [button.label for button in reply.buttons]
        self.dialog.offer = Offer(touchpoint_id=touchpoint.id, labels=labels) if labels else None
        return touchpoint

    async def tell(self, key: str, /, *buttons: Button, **params: object) -> Touchpoint:
        return await self.say(Reply(self.text(key, **params), buttons))

    async def say_text(self, text: str, *buttons: Button) -> Touchpoint:
        return await self.say(Reply(text, buttons))

    def keep(self) -> None:
        """Stores the dialog's state with the conversation."""
        self.dialog.keep(self.conversation)


async def say(
    desk: Desk,
    unit: Unit,
    person: Person,
    reply: Reply,
    *,
    agent_id: int | None = None,
    ticket_id: int | None = None,
    about_id: int | None = None,
    client_key: str | None = None,
) -> Touchpoint:
    """Puts words to a customer into the ledger and hands them to the channel, in one unit."""
    touchpoint = record(
        unit,
        person,
        reply.kind,
        reply.text,
        direction="out",
        author="agent" if agent_id else "bot",
        agent_id=agent_id,
        ticket_id=ticket_id,
        about_id=about_id,
        client_key=client_key,
        payload=_payload(reply),
    )
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
    return payload or None
