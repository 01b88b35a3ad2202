"""Which contacts matter: how often each kind of them was, how fast it was answered, how it was rated, what followed.

The ledger has no index of moments alone, so a report reads it once from end to end; it is not for hot paths.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, select, tuple_, union
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Ticket
from crm_store.queries.contact_timeline import (
    COMPLAINT,
    DAY_SECONDS,
    ORDER,
    RATING_REQUEST,
    Period,
    day_number,
    timeline,
)

WAITS = {"wait": ("bot", "agent"), "agent_wait": ("agent",)}
"""For a word of whom."""
LATER = ("ordered", "heard", "complained")
KEY = ("kind", "channel", "direction", "author")


class Kind(NamedTuple):
    """What tells kinds of contacts apart."""

    kind: str
    channel: str
    direction: str
    author: str


class Speed(NamedTuple):
    """How many were answered, and seconds within which half of those, and nine in ten, were."""

    answered: int
    median: int | None
    p90: int | None


class Frequency(NamedTuple):
    """A kind's contacts in the period and their customers; answers of whoever it was, and of an agent."""

    kind: Kind
    contacts: int
    customers: int
    by_anybody: Speed
    by_agent: Speed


class Stars(NamedTuple):
    """Tickets that were rated, and the mean of it."""

    tickets: int
    mean: float


class Outcomes(NamedTuple):
    """Of so many customers, how many ordered, fell silent and complained afterwards."""

    customers: int
    order: int
    silence: int
    complaint: int

    def less(self, others: Outcomes) -> Outcomes:
        return Outcomes(*(one - other for one, other in zip(self, others, strict=True)))


class Followed(NamedTuple):
    """After a customer's first day of contact in the period: those who had a kind on that day, and those who had
    others only."""

    having: Outcomes
    lacking: Outcomes


async def frequencies(session: AsyncSession, period: Period, limit: int) -> tuple[list[Frequency], int]:
    """The `limit` most frequent kinds, and how many kinds there are.

    An answer is the next outbound touchpoint of bot or agent on the same contact point, within the days that what
    follows is looked at. Percentiles are by nearest rank.
    """
    rows = (await session.execute(_frequencies(_timeline(session, period), period, limit))).all()
    return [_frequency(row) for row in rows], rows[0][-1] if rows else 0


async def followed(session: AsyncSession, period: Period, kinds: Collection[Kind], today: date) -> dict[Kind, Followed]:
    """What followed a customer's first day of contact in the period, by what kinds of contact there were on it.

    So everybody counts once and is watched equally long. To ask who never had a kind in the whole period would be to
    know already what followed: nobody without a complaint complains. Only customers whose days after it are over are
    counted. Silence is no order and no word in those days.
    """
    query = _followed(_timeline(session, period), period, day_number(today), kinds)
    rows = (await session.execute(query)).all()
    found = {}
    for row in rows:
        counts = [int(count) for count in row[len(KEY) :]]
        having, everybody = Outcomes(*counts[:4]), Outcomes(*counts[4:])
        found[Kind(*row[: len(KEY)])] = Followed(having, everybody.less(having))
    return found


async def ratings(session: AsyncSession, period: Period, kinds: Collection[Kind]) -> dict[Kind, Stars]:
    """The ratings of the tickets that contacts of a kind belong to, directly or by their conversation; each ticket
    counts once for a kind."""
    rows = (await session.execute(_ratings(_timeline(session, period), period, kinds))).all()
    return {Kind(*row[:4]): Stars(row[4], float(row[5])) for row in rows}


def _timeline(session: AsyncSession, period: Period) -> CTE:
    return timeline(period, is_sqlite=session.get_bind().dialect.name == "sqlite")


def _frequency(row: Sequence[Any]) -> Frequency:
    return Frequency(Kind(*row[:4]), row[4], row[5], Speed(*row[6:9]), Speed(*row[9:12]))


def _frequencies(happened: CTE, period: Period, limit: int) -> Select[Any]:
    ranked = _ranked(_waits(happened, period))
    contacts = func.count().label("contacts")
    return (
        select(
            *_key(ranked),
            contacts,
            func.count(ranked.c.customer_id.distinct()),
            *(column for name in WAITS for column in _speed(ranked, name)),
            func.count().over().label("kinds"),
        )
        .group_by(*_key(ranked))
        .order_by(contacts.desc(), *_key(ranked))
        .limit(limit)
    )


def _waits(happened: CTE, period: Period) -> CTE:
    """How long each contact waited for a word of anybody, and of an agent; nothing where none came in time."""
    c = happened.c
    by = {name: _next_second(happened, authors).label(name) for name, authors in WAITS.items()}
    seen = select(*_key(happened), c.customer_id, c.second, c.day, *by.values()).cte("seen")

    def wait(name: str) -> ColumnElement[int]:
        waited = seen.c[name] - seen.c.second
        return case((and_(seen.c.direction == "in", waited <= period.within * DAY_SECONDS), waited)).label(name)

    return select(*_key(seen), seen.c.customer_id, *map(wait, by)).where(seen.c.day <= period.last_day).cte("waits")


def _next_second(happened: CTE, authors: Collection[str]) -> ColumnElement[int]:
    """When one of these next wrote: read backwards, so that one pass finds it for every row. A bot's answer has the
    same moment as what it answers."""
    c = happened.c
    answered = case((and_(c.direction == "out", c.author.in_(authors)), c.second))
    return func.min(answered).over(partition_by=c.contact_point_id, order_by=c.second.desc())


def _ranked(waits: CTE) -> CTE:
    """With each wait the share of those of its kind that are not longer."""
    columns: list[ColumnElement[Any]] = []
    for name in WAITS:
        wait = waits.c[name]
        window: dict[str, Any] = {"partition_by": [*_key(waits), wait.is_(None)], "order_by": wait}
        columns += [wait, func.cume_dist().over(**window).label(f"{name}_share")]
    return select(*_key(waits), waits.c.customer_id, *columns).cte("ranked")


def _speed(ranked: CTE, name: str) -> tuple[ColumnElement[Any], ...]:
    wait, share = ranked.c[name], ranked.c[f"{name}_share"]
    return (func.count(wait), *(func.min(case((share >= reached, wait))) for reached in (0.5, 0.9)))


def _followed(happened: CTE, period: Period, today: int, kinds: Collection[Kind]) -> Select[Any]:
    """Totals are over all kinds, also those that are not asked for."""
    customers = _customers(happened, period)
    c = customers.c
    is_over = c.opened + period.within < today
    having = _outcomes(customers, and_(c.had == 1, is_over))
    everybody = [func.sum(count).over() for count in _outcomes(customers, and_(c.nth == 1, is_over))]
    counts = (count.label(f"count_{number}") for number, count in enumerate((*having, *everybody)))
    counted = select(*_key(customers), *counts).group_by(*_key(customers)).cte("counted")
    return select(counted).where(_is_one_of(counted, kinds))


def _customers(happened: CTE, period: Period) -> CTE:
    """A row for each kind of contact that a customer had: whether on the first day, and what the customer did later;
    `nth` is 1 for one row of each."""
    each = _by_customer_and_kind(happened, period)
    c = each.c
    later = (func.max(c[name]).over(partition_by=c.customer_id).label(name) for name in LATER)
    nth = func.row_number().over(partition_by=c.customer_id).label("nth")
    return select(*_key(each), c.opened, c.had, *later, nth).where(c.opened <= period.last_day).cte("customers")


def _by_customer_and_kind(happened: CTE, period: Period) -> CTE:
    """Whether a customer had a kind of contact on the first day of all, and whether it is one that was looked for in
    the days after that."""
    opened = func.min(happened.c.day).over(partition_by=happened.c.customer_id).label("opened")
    seen = select(*_key(happened), happened.c.customer_id, happened.c.day, opened).cte("seen")
    c = seen.c
    is_later = c.day.between(c.opened + 1, c.opened + period.within)
    is_heard = c.direction == "in"
    found = {
        "had": c.day == c.opened,
        "ordered": and_(is_later, is_heard, c.kind == ORDER),
        "heard": and_(is_later, is_heard),
        "complained": and_(is_later, is_heard, c.kind == COMPLAINT),
    }
    flags = (func.max(_flag(condition)).label(name) for name, condition in found.items())
    return (
        select(*_key(seen), c.customer_id, c.opened, *flags).group_by(*_key(seen), c.customer_id, c.opened).cte("each")
    )


def _outcomes(customers: CTE, counted: ColumnElement[bool]) -> list[ColumnElement[int]]:
    c = customers.c
    outcomes = (c.ordered == 1, and_(c.ordered == 0, c.heard == 0), c.complained == 1)
    return [func.sum(_flag(counted)), *(func.sum(_flag(and_(counted, outcome))) for outcome in outcomes)]


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _ratings(happened: CTE, period: Period, kinds: Collection[Kind]) -> Select[Any]:
    c = happened.c
    wanted = and_(_is_one_of(happened, kinds), c.day <= period.last_day)
    own = select(*_key(happened), c.ticket_id).where(wanted, c.ticket_id.is_not(None))
    talks = select(*_key(happened), c.conversation_id).where(wanted, c.ticket_id.is_(None)).distinct().cte("talks")
    tickets = _tickets_of_talks(happened)
    by_talk = select(*_key(talks), tickets.c.ticket_id).join(
        tickets, tickets.c.conversation_id == talks.c.conversation_id
    )
    belonging = union(own, by_talk).cte("belonging")
    return (
        select(*_key(belonging), func.count(), func.avg(Ticket.rating))
        .join(Ticket, Ticket.id == belonging.c.ticket_id)
        .where(Ticket.rating.is_not(None))
        .group_by(*_key(belonging))
    )


def _tickets_of_talks(happened: CTE) -> CTE:
    """Being asked for a rating begins a new conversation, which is no longer about the ticket."""
    c = happened.c
    about = and_(c.ticket_id.is_not(None), c.conversation_id.is_not(None), c.kind != RATING_REQUEST)
    return select(c.conversation_id, c.ticket_id).where(about).distinct().cte("tickets_of_talks")


def _is_one_of(of: CTE, kinds: Collection[Kind]) -> ColumnElement[bool]:
    return tuple_(*_key(of)).in_([tuple(kind) for kind in kinds])


def _key(of: CTE) -> list[ColumnElement[Any]]:
    return [of.c[name] for name in KEY]
