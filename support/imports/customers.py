"""A shop's customers into the store: each with a contact point of the shop, and their Telegram where it is known.

What a file does not say, by an empty cell or a missing column, leaves what is known as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Audit, ContactPoint, Customer, Escalation, Organisation, Ticket
from crm_store.store import Store
from faq.problems import Problem
from support.imports.contact_data import email_hash, phone_hash
from support.imports.files import ImportFileError
from support.imports.records import ROWS_AT_ONCE, Progress, Writes, in_chunks, no_progress, select_by_keys
from support.imports.result import ImportResult
from support.imports.rows import CustomerRow

SHOP = "shop"
"""The channel of what the shop's own system tells; a customer's address on it is their id there."""


async def import_customers(
    store: Store, customers: Sequence[CustomerRow], name: str, progress: Progress = no_progress
) -> ImportResult:
    """Adds and updates customers by `customer_id`; the second import of a file changes nothing.

    Somebody who wrote on Telegram before the shop named them becomes the imported customer: their contact point moves,
    and its tickets with it. A Telegram id that another customer of the shop has is a problem of the file `name`:
    raises ImportFileError, and nothing is written. Also raises StoreUnavailableError.
    """
    async with store.read() as session:
        known = await _read_known(session, customers)
    _check(known, customers, name)
    before, done = len(known.customers), 0
    changed = 0
    for some in in_chunks(customers, ROWS_AT_ONCE):
        writes = Writes()
        changed += sum(_plan(writes, known, customer, store.clock()) for customer in some)
        async with store.write() as connection:
            await writes.write(connection)
        done += len(some)
        progress(done, len(customers))
    return ImportResult(len(customers) - before, changed, before - changed)


@dataclass(frozen=True, slots=True)
class _Contact:
    """A Telegram contact point and whose it is; `owner` is that customer's id in the shop, if they have one."""

    id: int
    customer_id: int
    owner: str | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds of a file's customers, by the file's own names for it."""

    customers: dict[str, dict[str, Any]]
    organisations: dict[str, int]
    in_shop: set[str]
    telegram: dict[str, _Contact]


COMPARED = (
    "id",
    "external_id",
    "name",
    "phone_hash",
    "email_hash",
    "language",
    "organisation_id",
    "source",
    "referrer",
    "attributes",
)
"""Columns read to see what changed; phone and e-mail by their hashes, since decrypting thousands takes seconds."""


async def _read_known(session: AsyncSession, customers: Sequence[CustomerRow]) -> _Known:
    ids = [customer.customer_id for customer in customers]
    columns = [getattr(Customer, name) for name in COMPARED]
    stored = await select_by_keys(session, select(*columns), Customer.external_id, ids)
    organisations = await select_by_keys(
        session,
        select(Organisation.name, Organisation.id),
        Organisation.name,
        (customer.organisation for customer in customers if customer.organisation),
    )
    in_shop = await select_by_keys(
        session, select(ContactPoint.address).where(ContactPoint.channel == SHOP), ContactPoint.address, ids
    )
    return _Known(
        customers={row.external_id: dict(zip(COMPARED, row, strict=True)) for row in stored},
        organisations=dict(organisations),
        in_shop={address for (address,) in in_shop},
        telegram=await _telegram(session, (c.telegram_id for c in customers if c.telegram_id)),
    )


async def _telegram(session: AsyncSession, ids: Iterable[int]) -> dict[str, _Contact]:
    query = (
        select(ContactPoint.address, ContactPoint.id, ContactPoint.customer_id, Customer.external_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .where(ContactPoint.channel == "telegram")
    )
    rows = await select_by_keys(session, query, ContactPoint.address, map(str, ids))
    return {address: _Contact(row_id, customer_id, owner) for address, row_id, customer_id, owner in rows}


def _check(known: _Known, customers: Sequence[CustomerRow], name: str) -> None:
    problems = []
    for customer in customers:
        contact = known.telegram.get(str(customer.telegram_id))
        if contact and contact.owner not in (None, customer.customer_id):
            problems.append(Problem(customer.line, "telegram_id", f"belongs to customer {contact.owner!r} already"))
    if problems:
        raise ImportFileError(name, problems)


def _plan(writes: Writes, known: _Known, customer: CustomerRow, now: datetime) -> bool:
    """Gathers what must be written for one customer; says whether a known one changed."""
    stored = known.customers.get(customer.customer_id)
    said = _said(writes, known, customer, now)
    if stored is None:
        row_id = new_id()
        writes.insert(Customer, id=row_id, external_id=customer.customer_id, created_at=now, **_as_new(said))
        changes = {}
    else:
        row_id = stored["id"]
        changes = _changes(said, stored)
    if changes:
        writes.update(Customer, "id", row_id, **changes)
    reached = _plan_contacts(writes, known, customer, row_id, now)
    return stored is not None and bool(changes or reached)


def _said(writes: Writes, known: _Known, customer: CustomerRow, now: datetime) -> dict[str, Any]:
    """The columns that the file fills."""
    said = {
        "name": customer.name,
        "phone": customer.phone,
        "phone_hash": customer.phone and phone_hash(customer.phone),
        "email": customer.email,
        "email_hash": customer.email and email_hash(customer.email),
        "language": customer.language,
        "organisation_id": _organisation(writes, known, customer.organisation, now),
        "source": customer.source,
        "referrer": customer.referrer,
        "attributes": dict(customer.attributes),
    }
    return {column: value for column, value in said.items() if value is not None}


def _organisation(writes: Writes, known: _Known, name: str | None, now: datetime) -> int | None:
    if name is None:
        return None
    if name not in known.organisations:
        known.organisations[name] = new_id()
        writes.insert(Organisation, id=known.organisations[name], name=name, created_at=now)
    return known.organisations[name]


def _as_new(said: dict[str, Any]) -> dict[str, Any]:
    """Every column, because one statement writes all new customers."""
    columns = [*COMPARED[2:], "phone", "email"]
    return {column: said.get(column, "" if column == "name" else None) for column in columns}


def _changes(said: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    said["attributes"] = {**stored["attributes"], **said["attributes"]}
    changes = {column: said[column] for column in COMPARED if column in said and said[column] != stored[column]}
    for personal in ("phone", "email"):
        if f"{personal}_hash" in changes:
            changes[personal] = said[personal]
    return changes


def _plan_contacts(writes: Writes, known: _Known, customer: CustomerRow, row_id: int, now: datetime) -> bool:
    """Gives the customer the contact points that they lack; says whether any was missing."""
    missing = customer.customer_id not in known.in_shop
    if missing:
        _new_contact(writes, row_id, now, channel=SHOP, address=customer.customer_id, chat_id=None)
    if customer.telegram_id is None:
        return missing
    address = str(customer.telegram_id)
    contact = known.telegram.get(address)
    if contact is None:
        _new_contact(writes, row_id, now, channel="telegram", address=address, chat_id=customer.telegram_id)
        return True
    if contact.customer_id != row_id:
        _move_contact(writes, contact, row_id, now)
        return True
    return missing


def _new_contact(writes: Writes, customer_id: int, now: datetime, **where: Any) -> None:
    writes.insert(ContactPoint, id=new_id(), customer_id=customer_id, state="active", created_at=now, **where)


def _move_contact(writes: Writes, contact: _Contact, customer_id: int, now: datetime) -> None:
    writes.update(ContactPoint, "id", contact.id, customer_id=customer_id)
    writes.update(Ticket, "contact_point_id", contact.id, customer_id=customer_id)
    writes.update(Escalation, "contact_point_id", contact.id, customer_id=customer_id)
    writes.insert(
        Audit,
        id=new_id(),
        at=now,
        agent_id=None,
        action="contact.moved",
        object_kind="contact_point",
        object_id=str(contact.id),
        data={"from": contact.customer_id, "to": customer_id},
    )
