"""Everything that happened with customers, as one list: what is in the ledger, their orders, complaints and ratings.

Both databases reckon alike with whole seconds and days since 1970; days are the shop's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    not_,
    null,
    select,
    union_all,
)

from crm_store.imports.owners import SHOP
from crm_store.models import ContactPoint, Customer, Escalation, Order, Ticket, TicketEvent, Touchpoint

COMPLAINT = "complaint"
ORDER = "order"
RATING = "rating"
RATING_REQUEST = "rating_request"
OF_ORDERS = (ORDER, "refund")
"""Touchpoints of the shop that say again what an order's own row says, at an hour that nobody knows."""

DAY_SECONDS = 86_400
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the shop from `first` to `last`, both included. What followed is looked at for `within` days, so the
    ledger is read from the moment `since` up to, but without, `end`.

    `shifts` say from when on the shop's clocks are how many seconds ahead of UTC, the earliest first.
    """

    first: date
    last: date
    within: int
    since: datetime
    end: datetime
    shifts: Sequence[tuple[datetime, int]]

    @property
    def last_day(self) -> int:
        return day_number(self.last)


def day_number(day: date) -> int:
    """Days since 1970."""
    return day.toordinal() - EPOCH


def timeline(period: Period, *, is_sqlite: bool) -> CTE:
    """Contacts of the period and what came in the days after it; those between colleagues and those of erased
    customers are left out.

    An order is a contact too, made by the customer in the shop; it has a day only, and it is told by its row alone. A
    refund is the shop's answer to something and no contact of the customer's. A complaint is what another department
    brought in as one, or a chat that was escalated for one, which counts from when the escalation was opened. A rating
    is the stars.
    """
    parts = (_said, _ordered, _rated, _complained)
    return union_all(*(part(period, is_sqlite) for part in parts)).cte("happened")


def _said(period: Period, is_sqlite: bool) -> Select[Any]:
    columns: dict[str, Any] = {
        "contact_point_id": Touchpoint.contact_point_id,
        "customer_id": ContactPoint.customer_id,
        "conversation_id": Touchpoint.conversation_id,
        "ticket_id": Touchpoint.ticket_id,
        "kind": Touchpoint.kind,
        "channel": Touchpoint.channel,
        "direction": Touchpoint.direction,
        "author": Touchpoint.author,
        **_when(Touchpoint.at, period, is_sqlite),
    }
    return (
        select(*(column.label(name) for name, column in columns.items()))
        .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .where(
            Touchpoint.at >= period.since,
            Touchpoint.at < period.end,
            Touchpoint.direction.in_(("in", "out")),
            not_(and_(Touchpoint.channel == SHOP, Touchpoint.kind.in_(OF_ORDERS))),
            Customer.erased_at.is_(None),
        )
    )


def _ordered(period: Period, is_sqlite: bool) -> Select[Any]:
    return (
        select(
            null(),
            Order.customer_id,
            null(),
            null(),
            *_by_customer(ORDER, literal(SHOP)),
            _second(Order.date, is_sqlite).label("second"),
            (_second(Order.date, is_sqlite) // DAY_SECONDS).label("day"),
        )
        .join(Customer, Customer.id == Order.customer_id)
        .where(
            Order.date.between(period.first, period.last + timedelta(days=period.within)),
            Order.amount >= 0,
            Customer.erased_at.is_(None),
        )
    )


def _rated(period: Period, is_sqlite: bool) -> Select[Any]:
    return (
        select(
            Ticket.contact_point_id,
            Ticket.customer_id,
            null(),
            Ticket.id,
            *_by_customer(RATING, ContactPoint.channel),
            *_when(TicketEvent.at, period, is_sqlite).values(),
        )
        .select_from(TicketEvent)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(ContactPoint, ContactPoint.id == Ticket.contact_point_id)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(
            TicketEvent.kind == "rated",
            TicketEvent.at >= period.since,
            TicketEvent.at < period.end,
            Customer.erased_at.is_(None),
        )
    )


def _complained(period: Period, is_sqlite: bool) -> Select[Any]:
    """The reasons are looked through as text, which both databases write alike."""
    return (
        select(
            Escalation.contact_point_id,
            Escalation.customer_id,
            null(),
            Escalation.ticket_id,
            *_by_customer(COMPLAINT, ContactPoint.channel),
            *_when(Escalation.opened_at, period, is_sqlite).values(),
        )
        .join(ContactPoint, ContactPoint.id == Escalation.contact_point_id)
        .join(Customer, Customer.id == Escalation.customer_id)
        .where(
            cast(Escalation.reasons, Text).contains(f'"code": "{COMPLAINT}"'),
            Escalation.opened_at >= period.since,
            Escalation.opened_at < period.end,
            Customer.erased_at.is_(None),
        )
    )


def _by_customer(kind: str, channel: ColumnElement[str] | Any) -> tuple[Any, ...]:
    return literal(kind), channel, literal("in"), literal("customer")


def _when(moment: Any, period: Period, is_sqlite: bool) -> dict[str, ColumnElement[int]]:
    second = _second(moment, is_sqlite)
    return {"second": second, "day": (second + _shift(moment, period.shifts)) // DAY_SECONDS}


def _second(moment: Any, is_sqlite: bool) -> ColumnElement[int]:
    seconds = func.strftime("%s", moment) if is_sqlite else func.floor(extract("epoch", moment))
    return cast(seconds, BigInteger)


def _shift(moment: Any, shifts: Sequence[tuple[datetime, int]]) -> ColumnElement[int]:
    """The shop's time less UTC at that moment."""
    *former, (_, last) = shifts
    ends = [begin for begin, _ in shifts[1:]]
    if not ends:
        return literal(last, BigInteger)
    return case(*((moment < end, seconds) for end, (_, seconds) in zip(ends, former, strict=True)), else_=last)
