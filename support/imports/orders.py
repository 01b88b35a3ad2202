"""A shop's orders into the store; a new one is also a touchpoint of its customer.

What a file does not say, by an empty cell or a missing column, leaves what is known as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, Order, Touchpoint
from crm_store.store import Store
from faq.problems import Problem
from support.imports.customers import SHOP
from support.imports.files import ImportFileError
from support.imports.records import ROWS_AT_ONCE, Progress, Writes, in_chunks, no_progress, select_by_keys
from support.imports.result import ImportResult
from support.imports.rows import OrderRow

NOON = time(12, tzinfo=UTC)
"""The hour given to an order of which only the day is known: it is the same day nearly everywhere."""


async def import_orders(
    store: Store, orders: Sequence[OrderRow], name: str, progress: Progress = no_progress
) -> ImportResult:
    """Adds and updates orders by `order_id`; the second import of a file changes nothing.

    A customer whom the store does not hold is a problem of the file `name`: raises ImportFileError, and nothing is
    written. Also raises StoreUnavailableError.
    """
    async with store.read() as session:
        known = await _read_known(session, orders)
    _check(known, orders, name)
    before, done, changed = len(known.orders), 0, 0
    for some in in_chunks(orders, ROWS_AT_ONCE):
        writes = Writes()
        changed += sum(_plan(writes, known, order, store.clock()) for order in some)
        async with store.write() as connection:
            await writes.write(connection)
        done += len(some)
        progress(done, len(orders))
    return ImportResult(len(orders) - before, changed, before - changed)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds: customers and their contact points of the shop by customer_id, orders by order_id."""

    customers: dict[str, int]
    in_shop: dict[str, int]
    orders: dict[str, dict[str, Any]]


COMPARED = (
    "id",
    "external_id",
    "customer_id",
    "date",
    "amount",
    "currency",
    "cost",
    "product",
    "category",
    "source",
    "attributes",
)


async def _read_known(session: AsyncSession, orders: Sequence[OrderRow]) -> _Known:
    ids = [order.customer_id for order in orders]
    customers = await select_by_keys(session, select(Customer.external_id, Customer.id), Customer.external_id, ids)
    contacts = select(ContactPoint.address, ContactPoint.id).where(ContactPoint.channel == SHOP)
    in_shop = await select_by_keys(session, contacts, ContactPoint.address, ids)
    columns = [getattr(Order, name) for name in COMPARED]
    stored = await select_by_keys(session, select(*columns), Order.external_id, [order.order_id for order in orders])
    return _Known(
        customers={external_id: row_id for external_id, row_id in customers if external_id},
        in_shop=dict(in_shop),
        orders={row.external_id: dict(zip(COMPARED, row, strict=True)) for row in stored},
    )


def _check(known: _Known, orders: Sequence[OrderRow], name: str) -> None:
    problems = [
        Problem(order.line, "customer_id", f"there is no customer {order.customer_id!r}; import the customers first")
        for order in orders
        if order.customer_id not in known.customers
    ]
    if problems:
        raise ImportFileError(name, problems)


def _plan(writes: Writes, known: _Known, order: OrderRow, now: datetime) -> bool:
    """Gathers what must be written for one order; says whether a known one changed."""
    stored = known.orders.get(order.order_id)
    said = _said(known, order)
    if stored is None:
        writes.insert(Order, id=new_id(), external_id=order.order_id, **said)
        _plan_touchpoint(writes, known, order, now)
        return False
    said["attributes"] = {**stored["attributes"], **said["attributes"]}
    changes = {column: value for column, value in said.items() if value is not None and value != stored[column]}
    if changes:
        writes.update(Order, "id", stored["id"], **changes)
    return bool(changes)


def _said(known: _Known, order: OrderRow) -> dict[str, Any]:
    return {
        "customer_id": known.customers[order.customer_id],
        "date": order.date,
        "amount": order.amount,
        "currency": order.currency,
        "cost": order.cost,
        "product": order.product,
        "category": order.category,
        "source": order.source,
        "attributes": dict(order.attributes),
    }


def _plan_touchpoint(writes: Writes, known: _Known, order: OrderRow, now: datetime) -> None:
    writes.insert(
        Touchpoint,
        id=new_id(),
        contact_point_id=_contact(writes, known, order.customer_id, now),
        at=datetime.combine(order.date, NOON),
        channel=SHOP,
        direction="in",
        author="customer",
        kind="order",
        payload={"order": order.order_id, "amount": str(order.amount), "product": order.product},
    )


def _contact(writes: Writes, known: _Known, customer_id: str, now: datetime) -> int:
    """The customer's contact point of the shop; made for one who did not come by an import."""
    if customer_id not in known.in_shop:
        known.in_shop[customer_id] = new_id()
        writes.insert(
            ContactPoint,
            id=known.in_shop[customer_id],
            customer_id=known.customers[customer_id],
            channel=SHOP,
            address=customer_id,
            state="active",
            created_at=now,
        )
    return known.in_shop[customer_id]
