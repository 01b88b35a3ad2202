"""Who was brought by whom, and how many ideas and words of feedback are whose: counted over whole tables, or for one.

A referral is kept at the record that was met, and names the record whose link it was. Merged records are resolved
where it is counted, so a merge moves nothing and taking it back restores everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    Table,
    bindparam,
    exists,
    func,
    select,
    union,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import aliased

from crm_store.models import ContactPoint, Customer, Fact, Order, Score
from crm_store.models.judgement import HAS_OTHERS_FIGURES
from crm_store.queries.scoring import snapshot
from crm_store.store import Store

TAUGHT = ("idea", "feedback")
"""Kinds of facts by which a customer is worth something to the shop besides money: they count as `ideas`."""
Counts = tuple[int, int]
"""Of customers who were brought, and of ideas."""
NONE: Counts = (0, 0)
WRITTEN_AT_ONCE = 500
"""In one transaction, for which others wait with SQLite."""
SCORE = cast(Table, Score.__table__)


async def has_more(session: AsyncSession, customer_id: int, contact_point_id: int) -> bool:
    """Whether the customer has anything besides this contact point: another, an order, or a merged record."""
    other_contact = exists(
        select(1).where(ContactPoint.customer_id == customer_id, ContactPoint.id != contact_point_id)
    )
    order = exists(select(1).where(Order.customer_id == customer_id))
    merged = exists(select(1).where(Customer.merged_into_id == customer_id))
    return bool(await session.scalar(select(other_contact | order | merged)))


def came_by_link(customer_id: ColumnElement[int]) -> ScalarSelect[int]:
    """How many newcomers opened a link of this customer's; records of the customer's own do not count."""
    met, own = aliased(Customer), aliased(Customer)
    records = select(own.id).where((own.id == customer_id) | (own.merged_into_id == customer_id))
    query = select(func.count()).where(met.referred_by_id.in_(records), _living_id(met) != customer_id)
    return query.scalar_subquery()


async def refresh_counts(store: Store) -> None:
    """Sets `brought` and `ideas` of every score that they differ in: three reads, for which nobody waits, and a write
    for each that changed. Raises StoreUnavailableError.

    `brought` are the living customers who came through this one and have bought since; `ideas` those that an agent
    confirmed. What is held meanwhile grows with the customers who have either.
    """
    async with snapshot(store) as connection:
        brought, ideas = await _found(connection, _brought()), await _found(connection, _ideas())
        kept = await _kept(connection)
    true = {who: (brought.get(who, 0), ideas.get(who, 0)) for who in brought.keys() | ideas.keys()}
    changed = [who for who in true.keys() | kept.keys() if true.get(who, NONE) != kept.get(who, NONE)]
    for start in range(0, len(changed), WRITTEN_AT_ONCE):
        some = changed[start : start + WRITTEN_AT_ONCE]
        async with store.write() as connection:
            await _set(connection, [(who, kept.get(who, NONE), true.get(who, NONE)) for who in some])


async def _kept(connection: AsyncConnection) -> dict[int, Counts]:
    query = select(SCORE.c.customer_id, SCORE.c.brought, SCORE.c.ideas)
    rows = await connection.execute(query.where(HAS_OTHERS_FIGURES))
    return {who: (brought, ideas) for who, brought, ideas in rows}


async def _found(connection: AsyncConnection, counts: Select[int, int]) -> dict[int, int]:
    rows = (await connection.execute(counts)).all()
    return {customer_id: count for customer_id, count in rows if count}


async def _set(connection: AsyncConnection, changes: Sequence[tuple[int, Counts, Counts]]) -> None:
    """Of each customer what was kept and what is true; whoever has been counted by somebody else since then is left."""
    statement = (
        update(SCORE)
        .where(SCORE.c.customer_id == bindparam("who"))
        .where(SCORE.c.brought == bindparam("had_brought"), SCORE.c.ideas == bindparam("had_ideas"))
        .values(brought=bindparam("now_brought"), ideas=bindparam("now_ideas"))
    )
    names = "who", "had_brought", "had_ideas", "now_brought", "now_ideas"
    rows = [dict(zip(names, (who, *kept, *true), strict=True)) for who, kept, true in changes]
    await connection.execute(statement, rows)


async def refresh_ideas(session: AsyncSession, customer_id: int) -> None:
    """The same for one customer's ideas; one statement."""
    count = select(func.count()).where(*_counting(), Fact.customer_id == customer_id).scalar_subquery()
    await session.execute(update(SCORE).where(SCORE.c.customer_id == customer_id).values(ideas=count))


def _counting() -> tuple[ColumnElement[bool], ...]:
    return Fact.kind.in_(TAUGHT), Fact.state == "confirmed"


def _ideas() -> Select[int, int]:
    return select(Fact.customer_id, func.count()).where(*_counting()).group_by(Fact.customer_id)


def _brought() -> Select[int, int]:
    pairs = _pairs().subquery()
    query = select(pairs.c.bringer, func.count()).where(pairs.c.bringer != pairs.c.brought)
    return query.group_by(pairs.c.bringer)


def _pairs() -> CompoundSelect[int, int]:
    """Each bringer once with each customer they brought."""
    return union(_by_link(), _by_name())


def _by_link() -> Select[int, int]:
    """Whoever opened a link, unless it turned out that the shop had known them before."""
    met, bringer, living = aliased(Customer), aliased(Customer), aliased(Customer)
    query = _buyers(met, bringer, living, met.referred_by_id == bringer.id).where(met.referred_by_id.is_not(None))
    return query.where(living.created_at >= met.created_at, ~_bought(living, before=met))


def _by_name() -> Select[int, int]:
    """Whom an import says that somebody brought."""
    met, bringer, living = aliased(Customer), aliased(Customer), aliased(Customer)
    return _buyers(met, bringer, living, met.referrer == bringer.external_id).where(met.referrer.is_not(None))


def _buyers(
    met: type[Customer], bringer: type[Customer], living: type[Customer], brought: ColumnElement[bool]
) -> Select[int, int]:
    """(bringer, brought), both living; only buyers, because anybody can open a link many times."""
    query = select(_living_id(bringer).label("bringer"), living.id.label("brought")).select_from(met)
    return query.join(bringer, brought).join(living, living.id == _living_id(met)).where(_bought(living))


def _living_id(record: type[Customer]) -> ColumnElement[int]:
    return func.coalesce(record.merged_into_id, record.id)


def _bought(customer: type[Customer], before: type[Customer] | None = None) -> ColumnElement[bool]:
    """Whether they have an order that is no refund; `before` the day on which another record was made."""
    query = select(1).where(Order.customer_id == customer.id, Order.amount > 0)
    if before is not None:
        query = query.where(Order.date < func.date(before.created_at))
    return exists(query)
