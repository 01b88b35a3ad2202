"""Records that may be one customer: pairs with what they have in common.

Each kind of evidence begins with groups of records that share a value, so that no record is compared with all others.
A value that very many share (a switchboard's number, a placeholder, a common name) says nothing and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Customer, DuplicateRefusal, Order, Organisation

MOST_SHARING = 8
"""Records with one phone number, address or name; more are an office, a placeholder or a very common name."""

CUSTOMER, ORDER = Customer.__table__, Order.__table__
STRENGTH = {"phone": 4, "email": 4, "order": 2, "organisation": 1}
"""What speaks more strongly is shown first; several kinds add up."""


class Pair(NamedTuple):
    """Two records, the smaller id first, and in what they agree: names of STRENGTH."""

    one_id: int
    other_id: int
    codes: tuple[str, ...]


class CommonOrder(NamedTuple):
    """An order of the same day and amount that two records have."""

    day: date
    amount: Decimal
    currency: str | None


class Record(NamedTuple):
    """What tells one record from another."""

    id: int
    external_id: str | None
    name: str
    organisation: str | None
    created_at: datetime
    orders: int


async def pairs(session: AsyncSession, offset: int, limit: int) -> list[Pair]:
    """The likeliest pairs first, without those of whom somebody said that they are not the same."""
    found = union_all(
        _sharing(CUSTOMER.c.phone_hash, "phone"), _sharing(CUSTOMER.c.email_hash, "email"), _namesakes()
    ).cte("found")
    flags = [func.max(found.c[code]) for code in STRENGTH]
    strength = sum(
        (flag * weight for flag, weight in zip(flags, STRENGTH.values(), strict=True)), start=literal_column("0")
    )
    query = (
        select(found.c.one_id, found.c.other_id, *flags)
        .where(~_is_refused(found.c.one_id, found.c.other_id))
        .group_by(found.c.one_id, found.c.other_id)
        .order_by(strength.desc(), found.c.other_id.desc(), found.c.one_id.desc())
        .offset(offset)
        .limit(limit)
    )
    return [Pair(one, other, _codes(found)) for one, other, *found in (await session.execute(query)).all()]


async def pair(session: AsyncSession, one_id: int, other_id: int) -> Pair | None:
    """In what these two agree; None where it is nothing, or somebody has said that they are not the same."""
    one, other = sorted((one_id, other_id))
    a, b = CUSTOMER.alias("a"), CUSTOMER.alias("b")
    namesakes = and_(_name(a) == _name(b), _name(a) != "")
    agree = {
        "phone": a.c.phone_hash == b.c.phone_hash,
        "email": a.c.email_hash == b.c.email_hash,
        "order": and_(namesakes, _order_in_common(a.c.id, b.c.id)),
        "organisation": and_(namesakes, a.c.organisation_id == b.c.organisation_id),
    }
    query = (
        select(*(_flag(agree[code]) for code in STRENGTH))
        .join_from(a, b, b.c.id == other)
        .where(a.c.id == one, a.c.id != b.c.id, _is_living(a), _is_living(b), ~_is_refused(a.c.id, b.c.id))
    )
    row = (await session.execute(query)).one_or_none()
    codes = _codes(row) if row else ()
    return Pair(one, other, codes) if codes else None


async def records(session: AsyncSession, ids: Iterable[int]) -> dict[int, Record]:
    """What tells these apart, by id."""
    orders = select(func.count()).where(Order.customer_id == Customer.id).correlate(Customer).scalar_subquery()
    query = (
        select(Customer.id, Customer.external_id, Customer.name, Organisation.name, Customer.created_at, orders)
        .outerjoin(Organisation, Organisation.id == Customer.organisation_id)
        .where(Customer.id.in_(set(ids)))
    )
    return {row[0]: Record(*row) for row in (await session.execute(query)).all()}


async def common_orders(session: AsyncSession, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], CommonOrder]:
    """Of each of these pairs the newest order that both have."""
    a, b = ORDER.alias("a"), ORDER.alias("b")
    ones, others = {one for one, _ in wanted}, {other for _, other in wanted}
    query = (
        select(a.c.customer_id, b.c.customer_id, a.c.date, a.c.amount, a.c.currency)
        .join(b, and_(b.c.customer_id.in_(others), b.c.date == a.c.date, b.c.amount == a.c.amount))
        .where(a.c.customer_id.in_(ones))
        .order_by(a.c.date)
    )
    rows = (await session.execute(query)).all() if wanted else []
    return {(one, other): CommonOrder(*facts) for one, other, *facts in rows if (one, other) in set(wanted)}


def _sharing(column: ColumnElement[Any], code: str) -> Select[Any]:
    """Pairs within small groups of one value; the groups are read from the column's index alone."""
    shared = (
        select(column.label("value"))
        .where(column.is_not(None))
        .group_by(column)
        .having(func.count().between(2, MOST_SHARING))
        .cte(f"shared_{code}")
    )
    members = select(shared.c.value, CUSTOMER.c.id).join(CUSTOMER, column == shared.c.value).where(_is_living(CUSTOMER))
    pair = union_all(*_all_pairs(members.cte(f"sharing_{code}"))).cte(f"pairs_by_{code}")
    return select(pair, *_flags({code: true()}))


def _namesakes() -> Select[Any]:
    """Pairs within small groups of one name that also have an order or their organisation in common."""
    name = _name(CUSTOMER)
    counted = select(
        name.label("value"),
        CUSTOMER.c.id,
        CUSTOMER.c.organisation_id,
        func.count().over(partition_by=name).label("namesakes"),
    ).where(_is_living(CUSTOMER), name != "")
    named = counted.cte("named")
    members = select(named).where(named.c.namesakes.between(2, MOST_SHARING)).cte("namesakes")
    pair = union_all(*_all_pairs(members)).cte("pairs_of_namesakes")
    one, other = CUSTOMER.alias(), CUSTOMER.alias()
    found = (
        select(
            pair,
            _flag(_order_in_common(pair.c.one_id, pair.c.other_id)).label("order"),
            _flag(one.c.organisation_id == other.c.organisation_id).label("organisation"),
        )
        .join(one, one.c.id == pair.c.one_id)
        .join(other, other.c.id == pair.c.other_id)
        .cte("of_one_name")
    )
    agree = {"order": found.c.order == 1, "organisation": found.c.organisation == 1}
    return select(found.c.one_id, found.c.other_id, *_flags(agree)).where(or_(*agree.values()))


def _all_pairs(members: CTE) -> list[Select[Any]]:
    """Each member of a group with each before it, by a window: a join would be left to the planner's luck."""
    group: dict[str, Any] = {"partition_by": members.c.value, "order_by": members.c.id}
    back = [func.lag(members.c.id, n).over(**group).label(f"back_{n}") for n in range(1, MOST_SHARING)]
    placed = select(members.c.id, *back).cte(f"placed_{members.name}")
    before = [placed.c[f"back_{n}"] for n in range(1, MOST_SHARING)]
    return [select(one.label("one_id"), placed.c.id.label("other_id")).where(one.is_not(None)) for one in before]


def _flags(agree: Mapping[str, ColumnElement[bool]]) -> list[ColumnElement[int]]:
    return [_flag(agree.get(code, false())).label(code) for code in STRENGTH]


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _is_living(of: Any) -> ColumnElement[bool]:
    return and_(of.c.merged_into_id.is_(None), of.c.erased_at.is_(None))


def _name(of: Any) -> ColumnElement[str]:
    """A name without case and spaces; SQLite knows the case of A to Z only."""
    return func.replace(func.lower(of.c.name), " ", "")


def _order_in_common(one_id: ColumnElement[int], other_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Of the same day and amount."""
    a, b = ORDER.alias(), ORDER.alias()
    same = and_(b.c.customer_id == other_id, b.c.date == a.c.date, b.c.amount == a.c.amount)
    return exists(select(1).select_from(a).join(b, same).where(a.c.customer_id == one_id))


def _is_refused(one_id: ColumnElement[int], other_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Of the records themselves or of some that became part of them."""
    one, other = CUSTOMER.alias(), CUSTOMER.alias()
    refused = (
        select(
            func.coalesce(one.c.merged_into_id, one.c.id).label("one_id"),
            func.coalesce(other.c.merged_into_id, other.c.id).label("other_id"),
        )
        .select_from(DuplicateRefusal)
        .join(one, one.c.id == DuplicateRefusal.one_id)
        .join(other, other.c.id == DuplicateRefusal.other_id)
        .cte()
    )
    same = and_(refused.c.one_id == one_id, refused.c.other_id == other_id)
    turned = and_(refused.c.one_id == other_id, refused.c.other_id == one_id)
    return exists(select(1).select_from(refused).where(or_(same, turned)))


def _codes(flags: Iterable[int]) -> tuple[str, ...]:
    return tuple(code for code, flag in zip(STRENGTH, flags, strict=True) if flag)
