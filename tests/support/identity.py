"""Customers with everything that can be theirs, for tests of who is who."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, select

from crm_store.ids import new_id
from crm_store.models import (
    Base,
    CardSnapshot,
    Consent,
    ContactLink,
    ContactPoint,
    Conversation,
    Customer,
    Escalation,
    Fact,
    Order,
    Organisation,
    Ticket,
    Touchpoint,
)
from crm_store.store import Store
from crm_store.unit import Unit
from support.imports.contact_data import email_hash
from support.phones import phone_hash

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HISTORY = {"merge", "merged_row", "audit", "schedule", "score"}
"""Tables that tell of a merge, and what is reckoned anew from the orders."""


def add_customer(unit: Unit, name: str = "", **values: Any) -> Customer:
    """A record; `phone` and `email` bring their hashes."""
    if phone := values.get("phone"):
        values["phone_hash"] = phone_hash(phone)
    if email := values.get("email"):
        values["email_hash"] = email_hash(email)
    values = {"attributes": {}, "created_at": NOW} | values
    return unit.add(Customer(id=new_id(), name=name, **values))


def add_organisation(unit: Unit, name: str) -> Organisation:
    return unit.add(Organisation(id=new_id(), name=name, created_at=NOW))


def add_contact(unit: Unit, customer: Customer, channel: str = "web", address: str | None = None) -> ContactPoint:
    row_id = new_id()
    contact = ContactPoint(
        id=row_id, customer_id=customer.id, channel=channel, address=address or str(row_id), created_at=NOW
    )
    return unit.add(contact)


def add_order(unit: Unit, customer: Customer, day: int = 1, amount: str = "10.00", **values: Any) -> Order:
    row_id = new_id()
    values = {"external_id": f"O-{row_id}", "attributes": {}, "currency": "EUR"} | values
    when = date(2026, 11, day)
    return unit.add(Order(id=row_id, customer_id=customer.id, date=when, amount=Decimal(amount), **values))


def add_ticket(
    unit: Unit, customer: Customer, contact: ContactPoint, subject: str = "it leaks", **values: Any
) -> Ticket:
    row_id = new_id()
    return unit.add(
        Ticket(
            id=row_id,
            number=row_id,
            customer_id=customer.id,
            contact_point_id=contact.id,
            subject=subject,
            language="en",
            opened_at=NOW,
            due_at=NOW,
            **values,
        )
    )


def add_escalation(unit: Unit, ticket: Ticket) -> Escalation:
    return unit.add(
        Escalation(
            id=new_id(),
            ticket_id=ticket.id,
            customer_id=ticket.customer_id,
            contact_point_id=ticket.contact_point_id,
            reasons=[],
            opened_at=NOW,
        )
    )


def add_touchpoint(unit: Unit, contact: ContactPoint, text: str = "hello") -> Touchpoint:
    return unit.add(
        Touchpoint(
            id=new_id(),
            contact_point_id=contact.id,
            at=NOW,
            channel=contact.channel,
            direction="in",
            author="customer",
            kind="text",
            text=text,
        )
    )


def add_fact(unit: Unit, customer: Customer, text: str = "call after six", **values: Any) -> Fact:
    return unit.add(Fact(id=new_id(), customer_id=customer.id, kind="constraint", text=text, at=NOW, **values))


def add_snapshot(unit: Unit, customer: Customer, words: Touchpoint, at: datetime = NOW) -> CardSnapshot:
    seen = {"name": customer.name}
    return unit.add(CardSnapshot(touchpoint_id=words.id, customer_id=customer.id, at=at, card=seen))


def add_everything(unit: Unit, customer: Customer) -> ContactPoint:
    """A row of each table that names a customer, and of those that name their contact point."""
    contact = add_contact(unit, customer)
    words = add_touchpoint(unit, contact)
    add_escalation(unit, add_ticket(unit, customer, contact))
    add_order(unit, customer)
    add_fact(unit, customer)
    add_snapshot(unit, customer, words)
    unit.add(Consent(id=new_id(), customer_id=customer.id, purpose="memory", given=True, at=NOW, source="chat"))
    unit.add(ContactLink(token_hash=str(new_id()), customer_id=customer.id, created_at=NOW, expires_at=NOW))
    unit.add(Conversation(id=new_id(), contact_point_id=contact.id, language="en", started_at=NOW, last_at=NOW))
    return contact


async def snapshot(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, without HISTORY and versions."""
    tables = [t for name, t in Base.metadata.tables.items() if name not in HISTORY]
    async with store.read() as session:
        return {table.name: [tuple(row) for row in await session.execute(_rows(table))] for table in tables}


def _rows(table: Table) -> Any:
    columns = [column for column in table.c if column.name not in ("version", "place")]
    return select(*columns).order_by(*table.primary_key.columns)


async def owners(store: Store, model: type[Base]) -> list[int]:
    """Whose the rows of a table are, in the order of their keys."""
    table = cast(Table, model.__table__)
    async with store.read() as session:
        return list(await session.scalars(select(table.c.customer_id).order_by(*table.primary_key.columns)))
