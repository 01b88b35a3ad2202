"""The sample shop of `touchdesk demo`: its FAQ, customers and orders, by the way that a real shop's files take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

from crm_store.store import Store
from faq.files import read_faq
from support.imports.files import import_file, open_table
from support.imports.importing import import_rows
from support.knowledge.importing import import_entries
from support.scoring import rescore

SAMPLE = Path(__file__).parent / "sample"


async def load_sample(store: Store, now: datetime) -> None:
    """Fills a migrated store; the newest order is of the day before `now`, so that scores look as in a living shop.

    Loading again adds nothing, but moves the orders on and undoes what was changed in the FAQ meanwhile.
    """
    faq = read_faq(SAMPLE / "faq.yaml")
    await store.run(lambda unit: import_entries(unit, faq))
    await import_file(store, "customers", SAMPLE / "customers.csv")
    await import_rows(store, "orders", _orders_as_of(now.date()), name="orders.csv")
    await rescore(store, now.date())


def _orders_as_of(today: date) -> Iterator[tuple[int, Mapping[str, str]]]:
    table = open_table(SAMPLE / "orders.csv")
    rows = list(table.rows({name: name for name in table.header}))
    days = today - timedelta(days=1) - max(date.fromisoformat(row["date"]) for _, row in rows)
    for line, row in rows:
        yield line, {**row, "date": (date.fromisoformat(row["date"]) + days).isoformat()}
