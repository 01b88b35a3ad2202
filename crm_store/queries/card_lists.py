"""The lists of a customer's card: each by an index, each bounded, all about the customer that `CUSTOMER_ID` will be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from crm_store.card import (
    Agreed,
    Bought,
    ColleaguesTicket,
    Contacted,
    ContactWay,
    Learned,
    OpenTicket,
    Rated,
    Turnover,
    WrongReason,
)
from crm_store.columns import BigInt
from crm_store.lists import Query, listed, one_of, unpacked
from crm_store.models import (
    Agent,
    Consent,
    ContactPoint,
    Customer,
    Escalation,
    Fact,
    Order,
    ReasonVerdict,
    Ticket,
    Touchpoint,
)
from crm_store.queries.service import lately, lately_of, matters_of
from crm_store.repositories.tickets import UNFINISHED
from crm_store.service_facts import Matter

MOST_CONTACTS = 20
MOST_TICKETS = 50
MOST_OF_COLLEAGUES = 5
MOST_RATINGS = 5
MOST_ORDERS = 5
MOST_FACTS = 50
MOST_TOUCHPOINTS = 10
"""Of each contact point, so that a lively chat does not hide a call."""

LONGEST_WORDS = 300
"""Characters of a touchpoint's words; the ledger has all of them."""

SHOWN_FACTS = ("proposed", "confirmed")

CUSTOMER_ID: BindParameter[int] = bindparam("customer_id", type_=BigInt)


@dataclass(frozen=True, slots=True)
class CardList:
    """One of the card's lists: its query and what its rows become."""

    make: Callable[..., Any]
    query: Query


@cache
def card_lists(*, is_sqlite: bool) -> dict[str, CardList]:
    """By the names of the card's fields."""
    return {
        "contacts": _contacts(is_sqlite=is_sqlite),
        "tickets": _tickets(),
        "colleagues": _colleagues(),
        "ratings": _ratings(),
        "orders": _orders(),
        "turnover": _turnover(),
        "facts": _facts(),
        "consents": _consents(),
        "matters": _matters(),
        "lately": CardList(lately, lately_of(ContactPoint.customer_id == CUSTOMER_ID, is_sqlite=is_sqlite)),
        "wrong_reasons": _wrong_reasons(),
    }


def _contacts(*, is_sqlite: bool) -> CardList:
    """Each with its own newest touchpoints: by the index of its ledger, so no history is read and sorted."""
    touchpoints = (
        select(
            Touchpoint.id,
            Touchpoint.contact_point_id,
            Touchpoint.at,
            Touchpoint.channel,
            Touchpoint.direction,
            Touchpoint.author,
            Touchpoint.kind,
            func.substr(Touchpoint.text, 1, LONGEST_WORDS).label("text"),
            Agent.name.label("agent"),
        )
        .outerjoin(Agent, Agent.id == Touchpoint.agent_id)
        .where(Touchpoint.contact_point_id == ContactPoint.id)
        .order_by(Touchpoint.id.desc())
        .limit(MOST_TOUCHPOINTS)
        .correlate(ContactPoint)
    )

    def make(*values: Any) -> tuple[ContactWay, tuple[Contacted, ...]]:
        return ContactWay(*values[:-1]), unpacked(Contacted, touchpoints, values[-1])

    query = (
        select(
            ContactPoint.id,
            ContactPoint.channel,
            ContactPoint.display_name,
            ContactPoint.username,
            ContactPoint.state,
            ContactPoint.created_at,
            listed(touchpoints, is_sqlite=is_sqlite).label("touchpoints"),
        )
        .where(ContactPoint.customer_id == CUSTOMER_ID)
        .order_by(ContactPoint.id.desc())
        .limit(MOST_CONTACTS)
    )
    return CardList(make, query)


def _tickets() -> CardList:
    query = (
        select(
            Ticket.id,
            Ticket.number,
            Ticket.subject,
            Ticket.status,
            Ticket.opened_at,
            Ticket.due_at,
            Ticket.details,
        )
        .where(Ticket.customer_id == CUSTOMER_ID, one_of(Ticket.status, UNFINISHED))
        .order_by(Ticket.id)
        .limit(MOST_TICKETS)
    )
    return CardList(OpenTicket, query)


def _colleagues() -> CardList:
    """The oldest open requests of others in the organisation; support.customers.organisations has all of them."""
    me, colleague = aliased(Customer), aliased(Customer)
    query = (
        select(Ticket.number, Ticket.subject, colleague.name, Ticket.opened_at)
        .join(colleague, colleague.id == Ticket.customer_id)
        .where(
            colleague.organisation_id == select(me.organisation_id).where(me.id == CUSTOMER_ID).scalar_subquery(),
            colleague.id != CUSTOMER_ID,
            colleague.merged_into_id.is_(None),
            colleague.erased_at.is_(None),
            one_of(Ticket.status, UNFINISHED),
        )
        .order_by(Ticket.id)
        .limit(MOST_OF_COLLEAGUES)
    )
    return CardList(ColleaguesTicket, query)


def _ratings() -> CardList:
    query = (
        select(Ticket.number, Ticket.rating, Ticket.resolved_at)
        .where(Ticket.customer_id == CUSTOMER_ID, Ticket.rating.is_not(None))
        .order_by(Ticket.id.desc())
        .limit(MOST_RATINGS)
    )
    return CardList(Rated, query)


def _orders() -> CardList:
    query = (
        select(Order.external_id, Order.date, Order.amount, Order.currency, Order.product)
        .where(Order.customer_id == CUSTOMER_ID)
        .order_by(Order.date.desc(), Order.id.desc())
        .limit(MOST_ORDERS)
    )
    return CardList(Bought, query)


def _turnover() -> CardList:
    query = (
        select(
            Order.currency,
            func.count().label("count"),
            func.sum(Order.amount).label("amount"),
            func.min(Order.date).label("first"),
        )
        .where(Order.customer_id == CUSTOMER_ID)
        .group_by(Order.currency)
        .order_by(func.count().desc())
    )
    return CardList(Turnover, query)


def _facts() -> CardList:
    """The newest, the oldest of them first."""
    newest = (
        select(Fact.id)
        .where(Fact.customer_id == CUSTOMER_ID, one_of(Fact.state, SHOWN_FACTS))
        .order_by(Fact.id.desc())
        .limit(MOST_FACTS)
    )
    query = (
        select(
            Fact.id,
            Fact.kind,
            Fact.text,
            Fact.value,
            Fact.rule,
            Fact.source_id,
            Agent.name.label("agent"),
            Fact.state,
            Fact.at,
            Fact.due_at,
            Fact.kept_at,
        )
        .outerjoin(Agent, Agent.id == Fact.agent_id)
        .where(Fact.id.in_(newest))
        .order_by(Fact.id)
    )
    return CardList(Learned, query)


def _matters() -> CardList:
    """The oldest, which say since when something is amiss."""
    query = matters_of(Ticket.customer_id == CUSTOMER_ID).order_by(Ticket.id, Escalation.id).limit(MOST_TICKETS)
    return CardList(Matter, query)


def _wrong_reasons() -> CardList:
    query = (
        select(ReasonVerdict.escalation_id, ReasonVerdict.code)
        .join(Escalation, Escalation.id == ReasonVerdict.escalation_id)
        .where(Escalation.customer_id == CUSTOMER_ID, Escalation.ended_at.is_(None))
    )
    return CardList(WrongReason, query)


def _consents() -> CardList:
    """The newest of each purpose, whichever record of the customer's it was said to."""
    record = aliased(Customer)
    records = select(record.id).where(or_(record.id == CUSTOMER_ID, record.merged_into_id == CUSTOMER_ID))
    newest = select(func.max(Consent.id)).where(Consent.customer_id.in_(records)).group_by(Consent.purpose)
    query = select(Consent.purpose, Consent.given, Consent.at).where(Consent.id.in_(newest)).order_by(Consent.id)
    return CardList(Agreed, query)
