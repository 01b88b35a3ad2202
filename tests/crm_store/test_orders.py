"""Recent orders of everybody in a batch are one statement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from crm_store.ids import new_id
from crm_store.models import ContactPoint, Customer, Order
from crm_store.person import Person
from crm_store.repositories import orders, people
from crm_store.store import Store
from crm_store.unit import Unit
from tests.crm_store.test_indexes import statements
from tests.crm_store.test_schema import NOW, person

TODAY = NOW.date()


def ordered(unit: Unit, customer: Customer, days_ago: int, number: str) -> None:
    unit.add(
        Order(
            id=new_id(),
            external_id=number,
            customer_id=customer.id,
            date=TODAY - timedelta(days=days_ago),
            amount=Decimal(1),
            attributes={},
        )
    )


async def known(store: Store, count: int) -> list[tuple[Customer, ContactPoint]]:
    async with store.unit() as unit:
        pairs = [person(unit) for _ in range(count)]
        for place, (customer, _) in enumerate(pairs):
            for days_ago in (200, 30, 5, 1):
                ordered(unit, customer, days_ago, f"{place}-{days_ago}")
    return pairs


async def test_recent_orders_of_a_batch_are_read_at_once(store: Store) -> None:
    pairs = await known(store, 20)
    async with store.unit() as unit:
        for customer, contact in pairs:
            people.remember(unit, Person(contact, customer))
        with statements(store) as seen:
            found = [await orders.since(unit, customer.id, TODAY - timedelta(days=90), 2) for customer, _ in pairs]
        assert len(seen) == 1
    assert [[order.external_id for order in each] for each in found] == [[f"{n}-1", f"{n}-5"] for n in range(20)]


async def test_another_day_or_number_is_another_question(store: Store) -> None:
    ((customer, _),) = await known(store, 1)
    async with store.unit() as unit:
        for days, limit, expected in [(90, 3, 3), (90, 2, 2), (3, 3, 1), (0, 3, 0)]:
            assert len(await orders.since(unit, customer.id, TODAY - timedelta(days=days), limit)) == expected
