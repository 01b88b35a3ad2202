"""Meeting a person: who writes, from where, and the conversation this belongs to."""

from __future__ import annotations

from datetime import timedelta

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Conversation, Customer
from crm_store.person import Person
from crm_store.repositories import people
from crm_store.unit import Unit
from support.desk import Desk
from support.ledger import record
from support.talk.dialog import Dialog
from support.talk.inbound import Sender
from support.words.language import detect

SILENCE = timedelta(hours=12)
"""A conversation ends after so long without a word (design.md, "conversation")."""


async def meet(unit: Unit, sender: Sender) -> Person:
    """Finds the person or makes one; what the channel says of them now replaces what it said before."""
    person = await people.by_address(unit, sender.channel, sender.address)
    if person is None:
        return _newcomer(unit, sender)
    said = {
        "chat_id": sender.chat_id,
        "display_name": sender.name,
        "username": sender.username,
        "client_language": sender.client_language,
    }
    for field, value in said.items():
        if value is not None and value != getattr(person.contact, field):
            setattr(person.contact, field, value)
    return person


def _newcomer(unit: Unit, sender: Sender) -> Person:
    customer = unit.add(Customer(id=new_id(), name=sender.name or "", created_at=unit.now, attributes={}))
    contact = unit.add(
        ContactPoint(
            id=new_id(),
            customer_id=customer.id,
            channel=sender.channel,
            address=sender.address,
            chat_id=sender.chat_id,
            display_name=sender.name,
            username=sender.username,
            client_language=sender.client_language,
            state="active",
            created_at=unit.now,
        )
    )
    person = people.remember(unit, Person(contact, customer))
    record(unit, person, "joined")
    return person


def converse(desk: Desk, unit: Unit, person: Person, text: str) -> Conversation:
    """The conversation that words said now belong to: the present one, or a new one after a long silence."""
    conversation, former = person.conversation, person.conversation
    if former and unit.now - former.last_at > SILENCE:
        former.ended_at = former.last_at + SILENCE
        conversation = None
    last = former.language if former else None
    language = detect(
        text,
        chat=last or person.customer.language,
        client=person.contact.client_language,
        default=desk.default_language,
    )
    if conversation is None:
        conversation = begin(unit, person, language)
    conversation.language, conversation.last_at = language, unit.now
    return conversation


def begin(unit: Unit, person: Person, language: str, dialog: Dialog | None = None) -> Conversation:
    """Starts a conversation; the one before must have ended."""
    person.conversation = unit.add(
        Conversation(
            id=new_id(),
            contact_point_id=person.contact.id,
            language=language,
            started_at=unit.now,
            last_at=unit.now,
            dialog=dialog.model_dump(exclude_defaults=True) if dialog else {},
        )
    )
    return person.conversation
