"""Erasing a customer: one transaction in the store, then the bytes of their files and the database's own memory.

What stays is a tombstone that says when: the orders, because invoices must be kept, and rows that tell what happened
without saying to whom (docs/privacy.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Ticket
from crm_store.person import Person
from crm_store.privacy.erasing import Erasure
from crm_store.privacy.erasing import erase as erase_rows
from crm_store.privacy.traces import cut_log, rewrite
from crm_store.privacy.whose import whose
from crm_store.repositories import people, schedule, tickets
from crm_store.repositories.merges import living
from crm_store.unit import Unit
from support import search
from support.audit import audit
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.finding import erased_at
from support.desk import Desk
from support.files import FileStore
from support.ledger import record

log = structlog.get_logger()

Also = Callable[[Unit], Awaitable[None]]
Whom = Callable[[AsyncSession], Awaitable[int]]

AFTERWARDS = "after_erasure"
SWEEP_AFTER = timedelta(minutes=2)
"""Whoever was writing in the very moment of the erasure has finished by then, and what they wrote is erased too."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Whose record became a tombstone, when, and how many rows of each table lost what they held."""

    customer_id: int
    at: datetime
    rows: Mapping[str, int]
    files: int


async def erase(desk: Desk, files: FileStore, customer_id: int, *, also: Also | None = None) -> Erased:
    """Erases a customer with all records that became part of it. Any of these records will do.

    `also` is done in the same transaction. What the database itself remembers is still there until `forget`. Raises
    UnknownCustomerError, ErasedCustomerError and StoreUnavailableError; then nothing was erased.
    """
    return await _erase(desk, files, partial(_erasable, customer_id=customer_id), also)


async def erase_behind(desk: Desk, files: FileStore, contact_id: int, *, also: Also | None = None) -> Erased:
    """The same for whoever has a contact point in that very moment: merges may have been undone since they asked."""
    return await _erase(desk, files, partial(_behind, contact_id=contact_id), also)


async def _erase(desk: Desk, files: FileStore, whom: Whom, also: Also | None) -> Erased:
    async def work(unit: Unit) -> tuple[int, Erasure, datetime]:
        customer = await whom(unit.session)
        erasure = await _erase_in(desk, unit, customer)
        if also:
            await also(unit)
        return customer, erasure, unit.now

    customer, erasure, at = await desk.store.run(work)
    log.info("customer.erased", customer=customer, rows=erasure.rows, files=len(erasure.paths))
    await files.remove(erasure.paths)
    return Erased(customer, at, erasure.rows, len(erasure.paths))


async def _behind(session: AsyncSession, contact_id: int) -> int:
    customer = await people.owner(session, contact_id)
    if customer is None:
        raise UnknownCustomerError(f"of contact point {contact_id}")
    return await _erasable(session, customer)


async def _erasable(session: AsyncSession, customer_id: int) -> int:
    customer = await living(session, customer_id)
    if customer is None:
        raise UnknownCustomerError(customer_id)
    if await erased_at(session, customer):
        raise ErasedCustomerError(customer)
    return customer


async def _erase_in(desk: Desk, unit: Unit, customer_id: int) -> Erasure:
    """The bytes of files are still there afterwards; if nobody removes them, the timetable does."""
    of_whom = await whose(unit.session, customer_id)
    for contact_id in of_whom.contact_ids:
        if person := await people.by_contact(unit, contact_id):
            await _take_leave(desk, unit, person)
    erasure = await erase_rows(unit.session, of_whom, unit.now)
    payload = {"customer": str(customer_id), "paths": list(erasure.paths)}
    await schedule.ask_for(unit, f"{AFTERWARDS}:{customer_id}", AFTERWARDS, unit.now + SWEEP_AFTER, payload)
    audit(unit, "customer.erased", "customer", customer_id, data={"rows": erasure.rows})
    unit.touch("queue", "outbox")
    return erasure


async def _take_leave(desk: Desk, unit: Unit, person: Person) -> None:
    """Says in the ledger and in requests' histories that it ended so, and tells the agents, without a personal word."""
    record(unit, person, "erased")
    open_ones = [t for t in await tickets.of_customer(unit, person.customer.id) if _is_open_by(person, t)]
    for ticket in open_ones:
        tickets.record(unit, ticket, "closed", "system")
    held = await tickets.get(unit, person.escalation.ticket_id) if person.escalation and person.is_held else None
    await desk.room.forgotten(unit, person, held)


def _is_open_by(person: Person, ticket: Ticket) -> bool:
    return ticket.status in tickets.UNFINISHED and ticket.contact_point_id == person.contact.id


async def sweep(desk: Desk, files: FileStore, payload: Mapping[str, Any]) -> None:
    """A while later: what somebody wrote to the tombstone in the moment of the erasure, bytes that are still there, and
    what the search index and the database's log remember.
    """
    await files.remove(payload["paths"])
    customer_id = int(payload["customer"])

    async def again(unit: Unit) -> Erasure:
        return await erase_rows(unit.session, await whose(unit.session, customer_id), unit.now)

    await files.remove((await desk.store.run(again)).paths)
    await forget(desk)


async def forget(desk: Desk, *, thoroughly: bool = False) -> None:
    """Makes the database let go of what was erased; `thoroughly` rewrites SQLite's file, in which nobody can write
    meanwhile. Raises BusyLogError and StoreUnavailableError.
    """
    await search.purge(desk.store)
    await (rewrite if thoroughly else cut_log)(desk.store)
