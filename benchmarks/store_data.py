"""What the store's benchmark fills it with: customers, a year of chats in English and Chinese, a file of orders."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, cast

from sqlalchemy import Table, insert, text

from benchmarks.matching_data import chance
from crm_store.ids import new_id
from crm_store.migrate import migrate
from crm_store.models import ContactPoint, Customer, Touchpoint
from crm_store.store import Store
from support.search import catch_up

END, YEAR = datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=365)
SEED, MILLION = 4, 1_000_000
ROWS_AT_ONCE = 10_000
KEPT, BUSY = 0, 1
"""Numbers of the customer that a merge keeps, and of the one with 10,000 touchpoints, who becomes part of it."""
BUSY_TOUCHPOINTS = 10_000

THINGS = {
    "en": ("grinder", "kettle", "machine", "filter", "cup", "scale", "invoice", "parcel", "milk jug", "voucher"),
    "zh": ("磨豆机", "水壶", "咖啡机", "滤纸", "杯子", "电子秤", "发票", "包裹", "奶缸", "优惠券"),
}
TROUBLES = {
    "en": ("has not arrived", "leaks", "is broken", "makes noise", "is the wrong colour", "smells of smoke"),
    "zh": ("还没有收到", "漏水", "坏了", "声音很大", "颜色不对", "有烟味"),
}
CHATS = {
    "en": "Hello, my {} {}; it is order {}. Can you help me, please?",
    "zh": "你好，我的{}{}，订单{}，请帮我看一下。",
}
ORDERS = {"en": "order {}", "zh": "订单{}"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is filled in, and how often each read and merge is timed."""

    touchpoints: int
    customers: int
    orders: int
    rounds: int


async def fill(store: Store, size: Size) -> list[int]:
    """The customers' ids; each has one contact point, and all that was said is in the index."""
    await migrate(store)
    ids, contacts = ([new_id() for _ in range(size.customers)] for _ in range(2))
    await add(store, Customer, (customer(number, row_id) for number, row_id in enumerate(ids)))
    await add(store, ContactPoint, (contact(*pair) for pair in zip(contacts, ids, strict=True)))
    await add(store, Touchpoint, touchpoints(size.touchpoints, contacts))
    while await catch_up(store, YEAR, size.touchpoints):
        pass
    if not store.is_sqlite:  # there it comes by itself, but maybe in the middle of a measurement
        async with store.apart() as connection:
            await connection.execute(text("VACUUM ANALYZE"))
    return ids


async def add(store: Store, model: type[Any], rows: Iterator[Row]) -> None:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        async with store.write() as connection:
            await connection.execute(insert(cast(Table, model.__table__)), some)


def customer(number: int, row_id: int) -> Row:
    phone = f"+49 170 {number:07}"
    known = {"external_id": f"C-{number}", "name": f"Customer {number}", "phone": phone, "attributes": {}}
    return {"id": row_id, "version": 1, "created_at": END - YEAR, **known}


def contact(row_id: int, customer_id: int) -> Row:
    place = {"channel": "telegram", "address": str(row_id), "state": "active"}
    return {"id": row_id, "customer_id": customer_id, "version": 1, "created_at": END - YEAR, **place}


def touchpoints(count: int, contacts: Sequence[int]) -> Iterator[Row]:
    """A year of questions in the order of time; one customer asks every so often, all others at random."""
    draw, every = chance(SEED), max(2, count // BUSY_TOUCHPOINTS)
    known = {"channel": "telegram", "direction": "in", "author": "customer", "kind": "text"}
    for number in range(count):
        contact_id = contacts[BUSY] if number % every == 0 else draw.choice(contacts)
        at = END - YEAR * ((count - number) / count)
        yield {"id": new_id(), "contact_point_id": contact_id, "at": at, "text": chat(draw, number), **known}


def chat(draw: Random, number: int) -> str:
    """Some things and troubles are common, some rare, and a few hardly ever come together."""
    language = draw.choice(("en", "zh"))
    thing, trouble = (each[int(len(each) * draw.random() ** 3)] for each in (THINGS[language], TROUBLES[language]))
    return CHATS[language].format(thing, trouble, number)


def query(draw: Random, touchpoints: int) -> str:
    """Any thing with any trouble, in quotation marks; every fourth time the number of an order."""
    language = draw.choice(("en", "zh"))
    if draw.randrange(4) == 0:
        return f'"{ORDERS[language].format(draw.randrange(touchpoints))}"'
    words = (draw.choice(THINGS[language]), draw.choice(TROUBLES[language]))
    return f'"{(" " if language == "en" else "").join(words)}"'


def write_orders(path: Path, size: Size) -> Path:
    """Every thousandth is the busy customer's."""
    draw = chance(SEED)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("order_id", "customer_id", "date", "amount", "currency", "product"))
        for number in range(size.orders):
            owner = draw.randrange(size.customers) if number % 1000 else BUSY
            date = (END - timedelta(days=draw.randrange(1, 365))).date()
            amount = f"{draw.randrange(100, 100_000) / 100:.2f}"
            table.writerow((f"O-{number}", f"C-{owner}", date, amount, "EUR", draw.choice(THINGS["en"])))
    return path
