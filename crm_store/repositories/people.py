"""Finding people by where they write from."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import ContactPoint, Conversation, Customer, Escalation, Score
from crm_store.person import Person
from crm_store.unit import Unit

_People = Select[ContactPoint, Customer, Conversation, Score, Escalation]
_Found = Row[ContactPoint, Customer, Conversation, Score, Escalation]


async def prefetch(unit: Unit, channel: str, addresses: Iterable[str]) -> None:
    """Reads all these people in one statement; the unnamed rest of the unit's look-ups costs nothing."""
    wanted = [address for address in set(addresses) if ("person", channel, address) not in unit.memory]
    if not wanted:
        return
    unit.memory.update({("person", channel, address): None for address in wanted})
    for person in await _load(unit, and_(ContactPoint.channel == channel, ContactPoint.address.in_(wanted))):
        unit.memory["person", channel, person.contact.address] = person


async def by_address(unit: Unit, channel: str, address: str) -> Person | None:
    await prefetch(unit, channel, [address])
    person: Person | None = unit.memory["person", channel, address]
    return person


async def by_contact(unit: Unit, contact_point_id: int) -> Person | None:
    """The person behind a contact point; None if there is none of this id."""
    known = next((p for p in _remembered(unit) if p.contact.id == contact_point_id), None)
    if known:
        return known
    for person in await _load(unit, ContactPoint.id == contact_point_id):
        unit.memory["person", person.contact.channel, person.contact.address] = person
        return person
    return None


async def owner(session: AsyncSession, contact_point_id: int) -> int | None:
    """Whose a contact point is at this moment."""
    found: int | None = await session.scalar(
        select(ContactPoint.customer_id).where(ContactPoint.id == contact_point_id)
    )
    return found


def customer_ids(unit: Unit) -> set[int]:
    """The customers whom the unit has met so far."""
    return {person.customer.id for person in _remembered(unit)}


def met(unit: Unit, customer_id: int) -> list[Person]:
    """Whom the unit has met so far of one customer: a person for each contact point."""
    return [person for person in _remembered(unit) if person.customer.id == customer_id]


def remember(unit: Unit, person: Person) -> Person:
    """Makes a person of this unit known to its later look-ups."""
    unit.memory["person", person.contact.channel, person.contact.address] = person
    return person


def _remembered(unit: Unit) -> list[Person]:
    return [value for key, value in unit.memory.items() if isinstance(key, tuple) and key[0] == "person" and value]


async def _load(unit: Unit, condition: ColumnElement[bool]) -> list[Person]:
    return [_person(row) for row in (await unit.session.execute(_people().where(condition))).all()]


def _people() -> _People:
    return (
        select(ContactPoint, Customer, Conversation, Score, Escalation)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .outerjoin(
            Conversation, and_(Conversation.contact_point_id == ContactPoint.id, Conversation.ended_at.is_(None))
        )
        .outerjoin(Score, Score.customer_id == Customer.id)
        .outerjoin(Escalation, and_(Escalation.contact_point_id == ContactPoint.id, Escalation.ended_at.is_(None)))
    )


def _person(row: _Found) -> Person:
    contact, customer, conversation, score, escalation = row
    return Person(contact, customer, conversation, score, escalation)
