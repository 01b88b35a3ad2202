"""What agents see: who is in the queue, and everything that happened with one contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import (
    Agent,
    ContactPoint,
    Conversation,
    Customer,
    Escalation,
    OutboxRow,
    Score,
    Ticket,
    Touchpoint,
)
from crm_store.person import Person
from crm_store.queries.chat import SAID, Said


class InQueue(NamedTuple):
    """Somebody whom an agent holds or should take."""

    person: Person
    escalation: Escalation
    number: int
    holder: str | None
    last_words: str | None
    manager: str | None = None


class Recent(NamedTuple):
    """Somebody who wrote lately."""

    person: Person
    at: datetime


_Manager = aliased(Agent)

NEWEST = 2**63 - 1
"""No id is greater."""

_SEVERITY = ("dropped", "sent", "sending", "waiting", "uncertain", "failed")
"""A dropped row counts only where nothing took its place."""

_WORDED = {"sending": "waiting", "dropped": "failed"}


async def in_queue(session: AsyncSession) -> list[InQueue]:
    """All whose matter is not at an end, held or waiting, in one statement."""
    last_words = (
        select(Touchpoint.text)
        .where(
            Touchpoint.contact_point_id == Escalation.contact_point_id,
            Touchpoint.direction == "in",
            Touchpoint.kind != "press",
            Touchpoint.text.is_not(None),
        )
        .order_by(Touchpoint.id.desc())
        .limit(1)
        .correlate(Escalation)
        .scalar_subquery()
    )
    query = (
        select(Escalation, ContactPoint, Customer, Score, Ticket.number, Agent.name, last_words, _Manager.name)
        .join(ContactPoint, ContactPoint.id == Escalation.contact_point_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .join(Ticket, Ticket.id == Escalation.ticket_id)
        .outerjoin(Score, Score.customer_id == Customer.id)
        .outerjoin(Agent, Agent.id == Escalation.agent_id)
        .outerjoin(_Manager, _Manager.id == Customer.manager_id)
        .where(Escalation.ended_at.is_(None))
        .order_by(Escalation.opened_at)
    )
    return [
        InQueue(Person(contact, customer, None, score, escalation), escalation, number, holder, words, manager)
        for escalation, contact, customer, score, number, holder, words, manager in (await session.execute(query)).all()
    ]


async def recent(session: AsyncSession, limit: int) -> list[Recent]:
    """Those who were spoken with last, the newest first, each once."""
    query = _newest_conversations().limit(limit * 2)
    found: dict[int, Recent] = {}
    for conversation, contact, customer, score in (await session.execute(query)).all():
        found.setdefault(contact.id, Recent(Person(contact, customer, conversation, score), conversation.last_at))
    return list(found.values())[:limit]


def _newest_conversations() -> Select[Conversation, ContactPoint, Customer, Score]:
    return (
        select(Conversation, ContactPoint, Customer, Score)
        .join(ContactPoint, ContactPoint.id == Conversation.contact_point_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .outerjoin(Score, Score.customer_id == Customer.id)
        .order_by(Conversation.last_at.desc())
    )


async def ledger(session: AsyncSession, contact_id: int, limit: int, upto: int = NEWEST) -> list[Said]:
    """The newest touchpoints of a contact up to the id `upto`, those for colleagues too, oldest first."""
    query = (
        select(*SAID)
        .outerjoin(Agent, Agent.id == Touchpoint.agent_id)
        .where(Touchpoint.contact_point_id == contact_id, Touchpoint.id <= upto)
        .order_by(Touchpoint.id.desc())
        .limit(limit)
    )
    return [Said(*row) for row in (await session.execute(query)).all()][::-1]


async def count_since(session: AsyncSession, contact_id: int, touchpoint_id: int, most: int) -> int:
    """How many touchpoints of a contact there are from this one on, itself included; `most` if there are more."""
    since = select(Touchpoint.id).where(Touchpoint.contact_point_id == contact_id, Touchpoint.id >= touchpoint_id)
    return await session.scalar(select(func.count()).select_from(since.limit(most).subquery())) or 0


async def deliveries(session: AsyncSession, chat_id: int, touchpoint_ids: Iterable[int]) -> dict[int, str]:
    """waiting, sent, uncertain or failed: how far each of these touchpoints got on its way to the customer's chat.

    One that went in several pieces is as far as its worst; copies for agents do not count.
    """
    query = select(OutboxRow.touchpoint_id, OutboxRow.state).where(
        OutboxRow.touchpoint_id.in_(list(touchpoint_ids)), OutboxRow.chat_id == chat_id
    )
    found: dict[int, str] = {}
    for touchpoint_id, state in (await session.execute(query)).all():
        if touchpoint_id is not None:
            found[touchpoint_id] = max(found.get(touchpoint_id, state), state, key=_SEVERITY.index)
    return {touchpoint_id: _WORDED.get(state, state) for touchpoint_id, state in found.items()}
