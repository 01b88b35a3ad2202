"""Where customers stood on two days, how many moved between groups, and what they did in the days between.

All of it is counted by the database: whatever the number of customers, a few rows come back. The changes and the ledger
are read from end to end, so it is not for hot paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Select,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.imports.owners import SHOP
from crm_store.models import ContactPoint, Customer, Escalation, Order, ScoreChange, Ticket, Touchpoint
from crm_store.queries import climbing

GROUPS = ("tier", "stage", "segment")
FEATURES = ("order_days", "total", "contacts", "tickets", "rating", "waited_minutes")
OF_EVERYBODY = ("order_days", "total", "contacts", "tickets")
"""Zero of those who have none; nobody has a rating or waited without a ticket."""


@dataclass(frozen=True, slots=True)
class Span:
    """Standings are compared as of the end of the days `first` and `last`: the moments `begin` and `end`."""

    first: date
    last: date
    begin: datetime
    end: datetime


class Moved(NamedTuple):
    """So many `customers` were in `source` and are in `target`; None is no group. Of each feature: how many of them
    have it, its sum and that of its squares."""

    source: str | None
    target: str | None
    customers: int
    features: Mapping[str, tuple[int, float, float]]


async def moved(session: AsyncSession, by: str, span: Span) -> Sequence[Moved]:
    """Who moved, and what they did after the first day and until the last. `by` is one of GROUPS. Erased customers are
    in no figure; money is in the shop's currency alone."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    currency = await climbing.currency(session)
    rows = (await session.execute(_sums(_standings(by, span), span, currency, is_sqlite=is_sqlite))).all()
    return [_read(row) for row in rows]


async def recorded_since(session: AsyncSession) -> datetime | None:
    """When the first standing was recorded."""
    return await session.scalar(select(func.min(ScoreChange.at)))


def _read(row: Sequence[Any]) -> Moved:
    source, target, customers, *figures = row
    thirds = [figures[at : at + 3] for at in range(0, len(figures), 3)]
    counted = {
        name: (count, float(total or 0), float(squares or 0))
        for name, (count, total, squares) in zip(FEATURES, thirds, strict=True)
    }
    return Moved(source, target, customers, counted)


def _standings(by: str, span: Span) -> CTE:
    """Everybody who stood anywhere: a standing holds from its change until the next one. One pass, in the order of the
    index of changes."""
    following = func.lead(ScoreChange.at).over(
        partition_by=ScoreChange.customer_id, order_by=(ScoreChange.at, ScoreChange.id)
    )
    column = getattr(ScoreChange, by)
    stood = select(ScoreChange.customer_id, ScoreChange.at, column.label("place"), following.label("until"))
    c = stood.where(ScoreChange.at < span.end).subquery("stood").c
    held_at_first = and_(c.at < span.begin, or_(c.until.is_(None), c.until >= span.begin))
    source, target = func.max(case((held_at_first, c.place))), func.max(case((c.until.is_(None), c.place)))
    return (
        select(c.customer_id, source.label("source"), target.label("target"))
        .join(Customer, Customer.id == c.customer_id)
        .where(Customer.erased_at.is_(None), Customer.merged_into_id.is_(None))
        .group_by(c.customer_id)
        .having(or_(source.is_not(None), target.is_not(None)))
        .cte("moved")
    )


def _sums(moved: CTE, span: Span, currency: str | None, *, is_sqlite: bool) -> Select[Any]:
    bought, heard = _bought(span, currency), _heard(span)
    asked, waited = _asked(span), _waited(span, is_sqlite=is_sqlite)
    figures = {**_named(bought, "order_days", "total"), **_named(heard, "contacts")}
    figures |= {**_named(asked, "tickets", "rating"), **_named(waited, "waited_minutes")}
    done = (
        select(
            moved.c.source,
            moved.c.target,
            *(
                (func.coalesce(figures[name], 0.0) if name in OF_EVERYBODY else figures[name]).label(name)
                for name in FEATURES
            ),
        )
        .outerjoin(bought, bought.c.customer_id == moved.c.customer_id)
        .outerjoin(heard, heard.c.customer_id == moved.c.customer_id)
        .outerjoin(asked, asked.c.customer_id == moved.c.customer_id)
        .outerjoin(waited, waited.c.customer_id == moved.c.customer_id)
        .subquery("done")
    )
    each = [sum_ for name in FEATURES for sum_ in _moments(done.c[name])]
    return select(done.c.source, done.c.target, func.count(), *each).group_by(done.c.source, done.c.target)


def _named(part: Subquery, *names: str) -> dict[str, ColumnElement[Any]]:
    return {name: part.c[name] for name in names}


def _moments(figure: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    return func.count(figure), func.sum(figure), func.sum(figure * figure)


def _bought(span: Span, currency: str | None) -> Subquery:
    """Refunds lower the total and are no order."""
    ours = or_(Order.currency.is_(None), Order.currency == currency)
    return (
        select(
            Order.customer_id,
            cast(func.count(case((Order.amount >= 0, Order.date)).distinct()), Float).label("order_days"),
            func.sum(case((ours, cast(Order.amount, Float)), else_=0.0)).label("total"),
        )
        .where(Order.date > span.first, Order.date <= span.last)
        .group_by(Order.customer_id)
        .subquery("bought")
    )


def _heard(span: Span) -> Subquery:
    """What the customers said, on whatever channel."""
    said = and_(Touchpoint.direction == "in", Touchpoint.channel != SHOP, _within(Touchpoint.at, span))
    return (
        select(ContactPoint.customer_id, cast(func.count(), Float).label("contacts"))
        .join(Touchpoint, Touchpoint.contact_point_id == ContactPoint.id)
        .where(said)
        .group_by(ContactPoint.customer_id)
        .subquery("heard")
    )


def _asked(span: Span) -> Subquery:
    figures = cast(func.count(), Float).label("tickets"), cast(func.avg(Ticket.rating), Float).label("rating")
    return (
        select(Ticket.customer_id, *figures)
        .where(_within(Ticket.opened_at, span))
        .group_by(Ticket.customer_id)
        .subquery("asked")
    )


def _waited(span: Span, *, is_sqlite: bool) -> Subquery:
    """From when a person was needed until one took over."""
    minutes = (_minutes(Escalation.claimed_at, is_sqlite) - _minutes(Escalation.opened_at, is_sqlite)).label("minutes")
    return (
        select(Escalation.customer_id, func.avg(minutes).label("waited_minutes"))
        .where(_within(Escalation.opened_at, span), Escalation.claimed_at.is_not(None))
        .group_by(Escalation.customer_id)
        .subquery("waited")
    )


def _within(moment: Any, span: Span) -> ColumnElement[bool]:
    return and_(moment >= span.begin, moment < span.end)


def _minutes(moment: Any, is_sqlite: bool) -> ColumnElement[Any]:
    return cast(func.strftime("%s", moment) if is_sqlite else extract("epoch", moment), Float) / 60
