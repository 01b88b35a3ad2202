"""The sample shop of `touchdesk demo`: its FAQ, customers and orders, by the way that a real shop's files take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from crm_store.store import Store
from faq.files import read_faq
from support.imports.customers import import_customers
from support.imports.orders import import_orders
from support.imports.rows import OrderRow, read_customers, read_orders
from support.knowledge.importing import import_entries
from support.scoring import rescore

SAMPLE = Path(__file__).parent / "sample"


async def load_sample(store: Store, now: datetime) -> None:
    """Fills a migrated store; the newest order is of the day before `now`, so that scores look as in a living shop.

    Loading again adds nothing, but moves the orders on and undoes what was changed in the FAQ meanwhile.
    """
    faq = read_faq(SAMPLE / "faq.yaml")
    await store.run(lambda unit: import_entries(unit, faq))
    customers, orders = SAMPLE / "customers.csv", SAMPLE / "orders.csv"
    await import_customers(store, read_customers(customers.read_bytes(), customers.name), customers.name)
    await import_orders(store, _as_of_now(read_orders(orders.read_bytes(), orders.name), now), orders.name)
    await rescore(store, now.date())


def _as_of_now(orders: Sequence[OrderRow], now: datetime) -> list[OrderRow]:
    days = now.date() - timedelta(days=1) - max(order.date for order in orders)
    return [replace(order, date=order.date + days) for order in orders]
