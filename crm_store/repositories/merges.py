"""Two records of one customer: whose rows are whose, and giving them over and back by statements over whole tables.

A merged record names the living one in `merged_into_id`, never another merged one, so one step leads from any record
to the customer. What other tables hold of it moves, except what may not or need not (STAYING).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    Update,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.columns import BigInt
from crm_store.models import (
    CardSnapshot,
    ContactPoint,
    Customer,
    Escalation,
    Fact,
    Merge,
    MergedRow,
    Order,
    OrderHistory,
    Score,
    Ticket,
    Touchpoint,
)

CUSTOMER, SCORE, HISTORY = (cast(Table, model.__table__) for model in (Customer, Score, OrderHistory))
BELONGINGS: tuple[Table, ...] = tuple(
    cast(Table, model.__table__) for model in (ContactPoint, Ticket, Escalation, Order, Fact, CardSnapshot)
)
"""Tables whose `customer_id` a merge turns to the kept customer."""

MOVING: dict[Table, str] = dict.fromkeys(BELONGINGS, "customer_id") | {CUSTOMER: "merged_into_id"}
"""All that moves, with the column that says whose it is: records that became part of the gone one before move too."""

STAYING = {
    "consent": "is append-only: whoever reads it asks for `merged_ids`",
    "contact_link": "leads to whoever the customer is by then: whoever follows it asks for `living`",
    "order_history": "is counted anew from the orders",
    "score": "is made anew from the orders",
    "score_change": "tells where each record stood in its own time",
}
"""Tables with a customer whose rows a merge leaves where they are, and why."""

FOLLOWING: dict[Table, str] = {
    cast(Table, model.__table__): column
    for model, column in (
        (Ticket, "contact_point_id"),
        (Escalation, "contact_point_id"),
        (Fact, "source_id"),
        (CardSnapshot, "touchpoint_id"),
    )
}
"""What a contact point that goes back takes along, even if it came after the merge: its words are that person's. The
column names the contact point, or a touchpoint of it.
"""


def living_id() -> ColumnElement[int]:
    """In a query over `customer`: the id of the customer that the record stands for."""
    return func.coalesce(Customer.merged_into_id, Customer.id)


def same_customer(customer_id: int) -> ScalarSelect[int]:
    """For `column.in_(…)`: the customer's own id and those of all records that became part of it."""
    return (
        select(Customer.id).where(or_(Customer.id == customer_id, Customer.merged_into_id == customer_id))
    ).scalar_subquery()


async def merged_ids(session: AsyncSession, customer_id: int) -> list[int]:
    """The customer's own id, then those of all records that became part of it."""
    query = select(Customer.id).where(Customer.merged_into_id == customer_id).order_by(Customer.id)
    return [customer_id, *await session.scalars(query)]


async def living(session: AsyncSession, customer_id: int) -> int | None:
    """The id of the customer that a record stands for: its own, or the one it was merged into; None for no record."""
    found: int | None = await session.scalar(select(living_id()).where(Customer.id == customer_id))
    return found


async def living_by_phone(session: AsyncSession, phone_hash: str, limit: int) -> Sequence[Customer]:
    """Customers with this number, merged and erased records left out."""
    query = select(Customer).where(
        Customer.phone_hash == phone_hash, Customer.merged_into_id.is_(None), Customer.erased_at.is_(None)
    )
    return (await session.scalars(query.order_by(Customer.id).limit(limit))).all()


async def present_of(session: AsyncSession, gone_id: int) -> Merge | None:
    """The merge that still holds by which this record became part of another."""
    return (await session.scalars(_present().where(Merge.gone_id == gone_id))).one_or_none()


async def newest_into(session: AsyncSession, kept_id: int) -> Merge | None:
    """The last merge into this customer that still holds: the one that can be undone."""
    query = _present().where(Merge.kept_id == kept_id).order_by(Merge.at.desc(), Merge.id.desc()).limit(1)
    return (await session.scalars(query)).first()


async def recent(session: AsyncSession, limit: int) -> Sequence[tuple[Merge, str, str]]:
    """The last merges that still hold, with the names of the kept and the gone."""
    kept, gone = CUSTOMER.alias("kept"), CUSTOMER.alias("gone")
    query = (
        select(Merge, kept.c.name, gone.c.name)
        .join(kept, kept.c.id == Merge.kept_id)
        .join(gone, gone.c.id == Merge.gone_id)
        .where(Merge.undone_at.is_(None))
        .order_by(Merge.id.desc())
        .limit(limit)
    )
    return [(merge, kept_name, gone_name) for merge, kept_name, gone_name in (await session.execute(query)).all()]


def _present() -> Select[Merge]:
    return select(Merge).where(Merge.undone_at.is_(None))


async def pass_external_id(session: AsyncSession, external_id: str, *, giver_id: int, taker_id: int) -> None:
    """Two statements, because no two records may have one number of the shop's at any moment."""
    for customer_id, value in ((giver_id, None), (taker_id, external_id)):
        await session.execute(update(CUSTOMER).where(CUSTOMER.c.id == customer_id).values(external_id=value))


async def give(session: AsyncSession, merge_id: int, kept_id: int, gone_id: int) -> None:
    """Gives all rows of the gone one to the kept one, and notes which they were."""
    for table, owner in MOVING.items():
        await session.execute(
            insert(MergedRow).from_select(
                ["merge_id", "table_name", "row_id"],
                select(literal(merge_id, BigInt), literal(table.name), _key(table)).where(table.c[owner] == gone_id),
            )
        )
        await session.execute(_change_owner(table, owner, kept_id).where(_key(table).in_(_noted(merge_id, table))))
    await _pass_on_score(session, kept_id, gone_id)


async def give_back(session: AsyncSession, merge_id: int, kept_id: int, gone_id: int) -> None:
    """Gives back what was given, as far as the kept one still has it."""
    for table, owner in MOVING.items():
        noted = _key(table).in_(_noted(merge_id, table))
        await session.execute(_change_owner(table, owner, gone_id).where(noted, table.c[owner] == kept_id))
    for table, came_by in FOLLOWING.items():
        came = _writer(table.c[came_by]) == gone_id
        await session.execute(_change_owner(table, "customer_id", gone_id).where(came, table.c.customer_id == kept_id))


def _writer(came_by: ColumnElement[int]) -> ScalarSelect[int]:
    """Whose the contact point is that a column names, itself or by its touchpoint."""
    owner = select(ContactPoint.customer_id)
    if came_by.name == "contact_point_id":
        return owner.where(ContactPoint.id == came_by).scalar_subquery()
    heard = owner.join(Touchpoint, Touchpoint.contact_point_id == ContactPoint.id)
    return heard.where(Touchpoint.id == came_by).scalar_subquery()


def _key(table: Table) -> ColumnElement[int]:
    (key,) = table.primary_key.columns
    return key


def _noted(merge_id: int, table: Table) -> Select[int]:
    return select(MergedRow.row_id).where(MergedRow.merge_id == merge_id, MergedRow.table_name == table.name)


def _change_owner(table: Table, owner: str, customer_id: int | ScalarSelect[int]) -> Update:
    """With the version of rows that have one: a unit that knows such a row as it was must run again."""
    values: dict[str, Any] = {owner: customer_id}
    if "version" in table.c:
        values["version"] = table.c.version + 1
    return update(table).values(values)


async def _pass_on_score(session: AsyncSession, kept_id: int, gone_id: int) -> None:
    """The kept one's own stands, if there is one, until the next scoring; the gone one is in no tier."""
    for table in (SCORE, HISTORY):
        has_one = exists(select(1).where(table.alias("own").c.customer_id == kept_id))
        await session.execute(update(table).where(table.c.customer_id == gone_id, ~has_one).values(customer_id=kept_id))
        await session.execute(delete(table).where(table.c.customer_id == gone_id))


async def follow(session: AsyncSession) -> None:
    """Rows that somebody wrote for a record in the very moment of its merge go to the customer too."""
    merged = CUSTOMER.alias("merged")
    for table in BELONGINGS:
        whose = select(merged.c.merged_into_id).where(merged.c.id == table.c.customer_id).scalar_subquery()
        stray = table.c.customer_id.in_(select(merged.c.id).where(merged.c.merged_into_id.is_not(None)))
        await session.execute(_change_owner(table, "customer_id", whose).where(stray))
