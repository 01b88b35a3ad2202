"""Numbered requests: opening, adding, resolving, reopening, closing, each with its line of history."""

from __future__ import annotations

from datetime import datetime

from crm_store.ids import new_id
from crm_store.models import Ticket
from crm_store.person import Person
from crm_store.repositories import settings, tickets
from crm_store.unit import Unit
from support.desk import Desk

SUBJECT_LENGTH = 120


async def open_ticket(desk: Desk, unit: Unit, person: Person, subject: str, *, author: str = "customer") -> Ticket:
    """A new request with the next number and a first answer promised within working hours."""
    ticket = unit.add(
        Ticket(
            id=new_id(),
            number=await settings.next_ticket_number(unit),
            customer_id=person.customer.id,
            contact_point_id=person.contact.id,
            subject=shorten(subject),
            language=person.conversation.language if person.conversation else desk.default_language,
            status="new",
            opened_at=unit.now,
            due_at=_due(desk, unit, person),
        )
    )
    tickets.record(unit, ticket, "opened", author)
    unit.touch("queue")
    return ticket


def add_to(unit: Unit, ticket: Ticket, touchpoint_id: int, author: str = "customer") -> None:
    """The customer has more to say: it is theirs to be read next, so a ticket waiting for them is open again."""
    if ticket.status == "waiting":
        ticket.status = "open"
    tickets.record(unit, ticket, "added", author, touchpoint=str(touchpoint_id))


def start(unit: Unit, ticket: Ticket, agent_id: int) -> None:
    if ticket.status == "new":
        ticket.status = "open"
        tickets.record(unit, ticket, "started", "agent", agent_id=agent_id)


def resolve(unit: Unit, ticket: Ticket, agent_id: int) -> None:
    ticket.status, ticket.resolved_at = "resolved", unit.now
    tickets.record(unit, ticket, "resolved", "agent", agent_id=agent_id)


def close(unit: Unit, ticket: Ticket, author: str = "customer") -> None:
    ticket.status, ticket.closed_at = "closed", unit.now
    tickets.record(unit, ticket, "closed", author)


def reopen(desk: Desk, unit: Unit, person: Person, ticket: Ticket) -> None:
    ticket.status, ticket.resolved_at, ticket.closed_at = "open", None, None
    ticket.due_at = _due(desk, unit, person)
    tickets.record(unit, ticket, "reopened", "customer")


def _due(desk: Desk, unit: Unit, person: Person) -> datetime:
    """When the first answer is promised: so much working time from now, by the customer's tier."""
    tier = person.score.tier if person.score else None
    return desk.hours.add(unit.now, desk.rules.policy.serves(tier).first_answer)


def shorten(text: str) -> str:
    """A subject of one line; our sentences go on after it, so it ends without a stop."""
    line = " ".join(text.split()).rstrip(".。!！,，;；") or "…"
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"
