"""A customer's orders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select

from crm_store.models import Customer, Order
from crm_store.repositories import people
from crm_store.unit import Unit


async def latest(unit: Unit, customer_id: int, limit: int = 1) -> Sequence[Order]:
    """The newest first."""
    query = (
        select(Order).where(Order.customer_id == customer_id).order_by(Order.date.desc(), Order.id.desc()).limit(limit)
    )
    return (await unit.session.scalars(query)).all()


async def last(unit: Unit, customer_id: int) -> Order | None:
    """The newest; read in one statement for everybody whom the unit knows, so that a batch asks once."""
    if ("last_order", customer_id) not in unit.memory:
        await _read_last(unit, {customer_id, *people.customer_ids(unit)})
    order: Order | None = unit.memory["last_order", customer_id]
    return order


async def _read_last(unit: Unit, customer_ids: Iterable[int]) -> None:
    wanted = [each for each in customer_ids if ("last_order", each) not in unit.memory]
    unit.memory.update({("last_order", each): None for each in wanted})
    newest = (
        select(Order.id)
        .where(Order.customer_id == Customer.id)
        .order_by(Order.date.desc(), Order.id.desc())
        .limit(1)
        .correlate(Customer)
        .scalar_subquery()
    )
    of_each = select(newest).where(Customer.id.in_(wanted))
    for order in await unit.session.scalars(select(Order).where(Order.id.in_(of_each))):
        unit.memory["last_order", order.customer_id] = order


async def by_number(unit: Unit, customer_id: int, number: str) -> Order | None:
    """An order of this customer by the shop's own number, in capitals or not; nobody else's."""
    query = select(Order).where(Order.customer_id == customer_id, func.lower(Order.external_id) == number.lower())
    return (await unit.session.scalars(query.limit(1))).first()


async def numbered(unit: Unit, customer_id: int, numbers: Iterable[str]) -> Sequence[Order]:
    """The customer's own orders of these numbers; nobody else's."""
    query = select(Order).where(Order.customer_id == customer_id, Order.external_id.in_(list(numbers)))
    return (await unit.session.scalars(query)).all()


async def since(unit: Unit, customer_id: int, day: date, limit: int) -> Sequence[Order]:
    """Those of that day and later, the newest first; read in one statement for everybody whom the unit knows."""
    key = ("orders_since", day, limit)
    if (*key, customer_id) not in unit.memory:
        await _read_since(unit, {customer_id, *people.customer_ids(unit)}, key)
    found: Sequence[Order] = unit.memory[*key, customer_id]
    return found


async def _read_since(unit: Unit, customer_ids: Iterable[int], key: tuple[str, date, int]) -> None:
    _, day, limit = key
    wanted = [each for each in customer_ids if (*key, each) not in unit.memory]
    found: dict[int, list[Order]] = {each: [] for each in wanted}
    newest_first = (Order.date.desc(), Order.id.desc())
    place = func.row_number().over(partition_by=Order.customer_id, order_by=newest_first)
    numbered = select(Order.id, place.label("place")).where(Order.customer_id.in_(wanted), Order.date >= day).subquery()
    query = select(Order).join(numbered, numbered.c.id == Order.id).where(numbered.c.place <= limit)
    for order in await unit.session.scalars(query.order_by(*newest_first)):
        found[order.customer_id].append(order)
    unit.memory.update({(*key, each): orders for each, orders in found.items()})


async def get(unit: Unit, order_id: int) -> Order | None:
    return await unit.session.get(Order, order_id)
