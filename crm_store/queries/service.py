"""Reads what went on with the service: of one customer or of many, in two statements by index.

Of a contact point the newest few of each kind, of tickets all that are unfinished.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.lists import Query, listed, one_of, unpacked
from crm_store.models import (
    ContactPoint,
    Conversation,
    Escalation,
    FaqQuestion,
    ReasonVerdict,
    Ticket,
    TicketEvent,
    Touchpoint,
)
from crm_store.repositories.tickets import UNFINISHED
from crm_store.service_facts import Asked, Heard, Lately, Matter

MOST_OF_EACH = 10
"""Newest questions, sessions and words of each contact point."""

LONGEST_WORDS = 300


async def of_customers(
    session: AsyncSession, customer_ids: Iterable[int]
) -> dict[int, tuple[tuple[Matter, ...], tuple[Lately, ...]]]:
    """By customer; whoever has neither an open ticket nor a contact point is left out."""
    wanted = list(customer_ids)
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    matters: defaultdict[int, list[Matter]] = defaultdict(list)
    contacts: defaultdict[int, list[Lately]] = defaultdict(list)
    open_ones = matters_of(Ticket.customer_id.in_(wanted)).add_columns(Ticket.customer_id)
    for *values, customer_id in (await session.execute(open_ones)).all():
        matters[customer_id].append(Matter(*values))
    newest = lately_of(ContactPoint.customer_id.in_(wanted), is_sqlite=is_sqlite).add_columns(ContactPoint.customer_id)
    for *packed, customer_id in (await session.execute(newest)).all():
        contacts[customer_id].append(lately(*packed))
    found = matters.keys() | contacts.keys()
    return {each: (tuple(matters.get(each, ())), tuple(contacts.get(each, ()))) for each in found}


def matters_of(whose: ColumnElement[bool]) -> Query:
    """`whose` chooses tickets by their customer; the columns are Matter's."""
    return (
        select(
            Ticket.due_at,
            _events(func.max(TicketEvent.id), "answered").label("answered_id"),
            _events(func.max(TicketEvent.id), "reopened").label("reopened_id"),
            _events(func.count(), "reopened").label("reopenings"),
            Escalation.reasons,
            Escalation.opened_at.label("escalated_at"),
            _is_denied("complaint").label("is_denied"),
            Escalation.id.label("escalation_id"),
            Escalation.ended_at,
            Escalation.value_percentile,
            Escalation.risk,
            Escalation.urgent,
        )
        .outerjoin(Escalation, Escalation.ticket_id == Ticket.id)
        .where(whose, one_of(Ticket.status, UNFINISHED))
    )


def _events(figure: Any, kind: str) -> Any:
    return (
        select(figure)
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == kind)
        .correlate(Ticket)
        .scalar_subquery()
    )


def _is_denied(code: str) -> ColumnElement[bool]:
    """Whether an agent called this reason of the escalation wrong."""
    said = select(ReasonVerdict.code).where(ReasonVerdict.escalation_id == Escalation.id, ReasonVerdict.code == code)
    return said.correlate(Escalation).exists()


def lately_of(whose: ColumnElement[bool], *, is_sqlite: bool) -> Query:
    """`whose` chooses contact points by their customer; for each what `lately` reads."""
    packed = [listed(query, is_sqlite=is_sqlite).label(f"newest_{n}") for n, query in enumerate(_newest())]
    return select(*packed).where(whose)


def lately(asked: Any, sessions: Any, heard: Any) -> Lately:
    """From the values of a row of `lately_of`."""
    questions, begun, words = _newest()
    return Lately(unpacked(Asked, questions, asked), unpacked(_alone, begun, sessions), unpacked(Heard, words, heard))


def _alone(at: datetime) -> datetime:
    return at


@cache
def _newest() -> tuple[Query, Query, Query]:
    """Questions, sessions and words of a contact point, by its index of each."""
    asked = select(
        FaqQuestion.at,
        FaqQuestion.decision,
        FaqQuestion.outcome,
        FaqQuestion.touchpoint_id,
        func.substr(FaqQuestion.text, 1, LONGEST_WORDS).label("text"),
    ).where(FaqQuestion.contact_point_id == ContactPoint.id)
    sessions = select(Conversation.started_at).where(Conversation.contact_point_id == ContactPoint.id)
    heard = select(
        Touchpoint.at,
        func.substr(Touchpoint.text, 1, LONGEST_WORDS).label("text"),
        Touchpoint.id,
        case((Touchpoint.kind == "edit", Touchpoint.about_id)).label("replaces"),
    ).where(
        Touchpoint.contact_point_id == ContactPoint.id,
        Touchpoint.direction == "in",
        Touchpoint.kind != "press",
        Touchpoint.text.is_not(None),
    )
    return (
        asked.order_by(FaqQuestion.id.desc()).limit(MOST_OF_EACH).correlate(ContactPoint),
        sessions.order_by(Conversation.started_at.desc()).limit(MOST_OF_EACH).correlate(ContactPoint),
        heard.order_by(Touchpoint.id.desc()).limit(MOST_OF_EACH).correlate(ContactPoint),
    )
