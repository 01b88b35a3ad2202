"""Company accounts: who belongs to one, and what is open with its people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Customer, Organisation, Score, Ticket
from crm_store.repositories.tickets import UNFINISHED
from support.pages import Page, page_from

PAGE = 20


@dataclass(frozen=True, slots=True)
class Member:
    """One of its people; `tier` is None without a score."""

    customer_id: int
    external_id: str | None
    name: str
    tier: str | None


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A request of one of its people that is neither resolved nor closed."""

    number: int
    subject: str
    status: str
    opened_at: datetime
    due_at: datetime
    customer_id: int
    customer: str
    contact_point_id: int


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """A company account: its people by name, its people's open requests by age, a page of each."""

    id: int
    name: str
    member_count: int
    ticket_count: int
    members: Page[Member]
    tickets: Page[OpenTicket]


async def organisation_view(
    session: AsyncSession, organisation_id: int, *, members_page: int = 0, tickets_page: int = 0, size: int = PAGE
) -> OrganisationView | None:
    """None if there is no such organisation. Records that were merged or erased are no members."""
    name = await session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))
    if name is None:
        return None
    return OrganisationView(
        id=organisation_id,
        name=name,
        member_count=await _count_members(session, organisation_id),
        ticket_count=await _count_tickets(session, organisation_id),
        members=page_from(await _members(session, organisation_id, members_page, size), members_page, size),
        tickets=page_from(await _tickets(session, organisation_id, tickets_page, size), tickets_page, size),
    )


IS_MEMBER = (Customer.merged_into_id.is_(None), Customer.erased_at.is_(None))
IS_OPEN = Ticket.status.in_(UNFINISHED)


async def _count_members(session: AsyncSession, organisation_id: int) -> int:
    query = select(func.count(Customer.id)).where(Customer.organisation_id == organisation_id, *IS_MEMBER)
    return await session.scalar(query) or 0


async def _count_tickets(session: AsyncSession, organisation_id: int) -> int:
    query = select(func.count(Ticket.id)).join(Customer, Customer.id == Ticket.customer_id)
    return await session.scalar(query.where(Customer.organisation_id == organisation_id, *IS_MEMBER, IS_OPEN)) or 0


async def _members(session: AsyncSession, organisation_id: int, number: int, size: int) -> Sequence[Member]:
    """One more than a page, so that the page knows whether another follows."""
    query = (
        select(Customer.id, Customer.external_id, Customer.name, Score.tier)
        .outerjoin(Score, Score.customer_id == Customer.id)
        .where(Customer.organisation_id == organisation_id, *IS_MEMBER)
        .order_by(Customer.name, Customer.id)
        .offset(number * size)
        .limit(size + 1)
    )
    return [Member(*row) for row in (await session.execute(query)).all()]


async def _tickets(session: AsyncSession, organisation_id: int, number: int, size: int) -> Sequence[OpenTicket]:
    query = (
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.status,
            Ticket.opened_at,
            Ticket.due_at,
            Customer.id,
            Customer.name,
            Ticket.contact_point_id,
        )
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Customer.organisation_id == organisation_id, *IS_MEMBER, IS_OPEN)
        .order_by(Ticket.opened_at, Ticket.id)
        .offset(number * size)
        .limit(size + 1)
    )
    return [OpenTicket(*row) for row in (await session.execute(query)).all()]
