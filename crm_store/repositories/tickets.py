"""A customer's numbered requests."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import Ticket, TicketEvent
from crm_store.unit import Unit

UNFINISHED = ("new", "open", "waiting")


async def get(unit: Unit, ticket_id: int) -> Ticket | None:
    """By its id; one that this very unit opened too."""
    fresh = next((row for row in unit.session.new if isinstance(row, Ticket) and row.id == ticket_id), None)
    return fresh or await unit.session.get(Ticket, ticket_id)


async def of_customer(unit: Unit, customer_id: int, limit: int = 10) -> Sequence[Ticket]:
    """The newest first."""
    query = select(Ticket).where(Ticket.customer_id == customer_id).order_by(Ticket.id.desc()).limit(limit)
    stored = (await unit.session.scalars(query)).all()
    fresh = [row for row in unit.session.new if isinstance(row, Ticket) and row.customer_id == customer_id]
    return [*sorted(fresh, key=lambda t: -t.id), *stored]


async def unfinished(unit: Unit, customer_id: int) -> Ticket | None:
    """The newest that is neither resolved nor closed."""
    return next((t for t in await of_customer(unit, customer_id) if t.status in UNFINISHED), None)


async def history(unit: Unit, ticket_id: int) -> Sequence[TicketEvent]:
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return (await unit.session.scalars(query)).all()


def record(
    unit: Unit, ticket: Ticket, kind: str, author: str, *, agent_id: int | None = None, **data: object
) -> TicketEvent:
    """Adds a line to the ticket's history."""
    return unit.add(
        TicketEvent(
            id=new_id(),
            ticket_id=ticket.id,
            at=unit.now,
            kind=kind,
            author=author,
            agent_id=agent_id,
            data=data or None,
        )
    )
