"""What agents do with a customer: answer, note, claim, release, resolve. The same from the forum and the console."""

from __future__ import annotations

from dataclasses import asdict

from crm_store.models import Agent, Ticket, Touchpoint
from crm_store.person import Person
from crm_store.repositories import ledger, tickets
from crm_store.unit import Unit
from support.agents import escalations, snapshots
from support.customers import facts
from support.customers.errors import ErasedCustomerError
from support.desk import Desk
from support.errors import EmptyWordsError, TooLongError
from support.knowledge import lessons
from support.ledger import record
from support.talk import ratings
from support.talk.dialog import Dialog
from support.talk.inbound import Attachment
from support.talk.reply import Reply
from support.talk.turn import say
from support.words.blank import is_blank

LONGEST_MESSAGE = 4096
"""Telegram's limit for one message; longer words would arrive in pieces."""


async def claim(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
    """Takes the customer and tells them who is there. Raises NothingOpenError and TakenError."""
    was_waiting = person.escalation is not None and person.escalation.state == "waiting"
    await escalations.claim(desk, unit, agent, person)
    if was_waiting:
        await _introduce(desk, unit, agent, person)


async def answer(
    desk: Desk,
    unit: Unit,
    agent: Agent,
    person: Person,
    text: str,
    attachment: Attachment | None = None,
    *,
    client_key: str | None = None,
    from_room: bool = False,
) -> Touchpoint:
    """Sends the agent's words, once, and keeps what she saw of the customer; claims the customer first where nobody
    holds them. `from_room`: the words stand in the agents' room already.

    Raises TakenError, EmptyWordsError, TooLongError and ErasedCustomerError; then nothing was sent. A page's repeated
    post (same `client_key`) sends nothing new.
    """
    _check(person, text, attachment)
    if client_key and (known := await ledger.by_client_key(unit, person.contact.id, client_key)):
        return known
    seen = await snapshots.seen_now(desk, unit, person)
    if person.escalation is None or person.escalation.state == "waiting":
        await escalations.take_up(desk, unit, agent, person)
        await _introduce(desk, unit, agent, person)
    else:
        await escalations.claim(desk, unit, agent, person)
    reply = Reply(text, kind=attachment.kind if attachment else "text", attachment=attachment)
    said = await say(desk, unit, person, reply, agent_id=agent.id, client_key=client_key)
    snapshots.keep(unit, person, said, seen)
    await lessons.agent_answered(unit, person, said)
    await facts.overhear(desk, unit, person, said, person.conversation.language if person.conversation else "")
    if not from_room:
        await desk.room.said(unit, person, said)
    ticket = await _ticket(unit, person)
    if ticket and ticket.status != "waiting":
        ticket.status = "waiting"
        tickets.record(unit, ticket, "answered", "agent", agent_id=agent.id)
    return said


async def note(
    desk: Desk,
    unit: Unit,
    agent: Agent,
    person: Person,
    text: str,
    attachment: Attachment | None = None,
    *,
    client_key: str | None = None,
) -> Touchpoint:
    """Keeps words for colleagues; no customer ever reads them. Raises as `answer` does."""
    _check(person, text, attachment)
    if client_key and (known := await ledger.by_client_key(unit, person.contact.id, client_key)):
        return known
    seen = await snapshots.seen_now(desk, unit, person)
    payload = {"attachment": asdict(attachment)} if attachment else None
    noted = record(
        unit, person, "note", text, author="agent", agent_id=agent.id, client_key=client_key, payload=payload
    )
    snapshots.keep(unit, person, noted, seen)
    return noted


async def release(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
    """Gives the customer back to the queue, where the bot speaks again. Raises NothingOpenError and TakenError."""
    await escalations.release(desk, unit, agent, person)
    if person.conversation:
        dialog = Dialog.of(person.conversation)
        dialog.told_in_line = False
        dialog.form = None  # what they talked about since is nearer to the customer than the bot's last question
        dialog.keep(person.conversation)


async def resolve(desk: Desk, unit: Unit, agent: Agent, person: Person) -> Ticket:
    """Ends the matter and asks the customer how it was, once. Raises NothingOpenError and TakenError."""
    ticket = await escalations.resolve(desk, unit, agent, person)
    await ratings.ask(desk, unit, person, ticket)
    return ticket


def _check(person: Person, text: str, attachment: Attachment | None) -> None:
    if person.customer.erased_at:
        raise ErasedCustomerError(person.customer.id)
    if not attachment and is_blank(text):
        raise EmptyWordsError
    if len(text) > LONGEST_MESSAGE:
        raise TooLongError(len(text))


async def _introduce(desk: Desk, unit: Unit, agent: Agent, person: Person) -> None:
    language = person.conversation.language if person.conversation else person.customer.language
    text = desk.texts.say(language or desk.default_language, "customer.agent.joined", agent=agent.name)
    await say(desk, unit, person, Reply(text, kind="joined"))


async def _ticket(unit: Unit, person: Person) -> Ticket | None:
    return await tickets.get(unit, person.escalation.ticket_id) if person.escalation else None
