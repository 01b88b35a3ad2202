"""Order histories that the insight benchmark splits by date: what was known on a day, and what followed."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.orders import Orders, read_orders

CDNOW_FILE = "lifetimes/datasets/CDNOW_master.txt"
"""In the installed distribution `lifetimes`, which is not imported: it wants a pandas of its time."""
RETAIL_FILE = "online-retail.csv"

Sale = tuple[int, date, float]


@dataclass(frozen=True, slots=True)
class Split:
    """A shop's orders, the last day that is known, and how many days after it are to be foreseen."""

    name: str
    orders: Orders
    day: date
    horizon_days: int

    def known(self) -> Orders:
        return self.orders.until(self.day.toordinal())

    def followed(self) -> Orders:
        return self.orders.until(self.day.toordinal() + self.horizon_days)


def splits(folder: Path) -> list[Split]:
    """CDNOW after 39 of 78 weeks, and the online retailer after nine of twelve months."""
    return [
        _split("CDNOW", read_cdnow(), date(1997, 9, 30), 273),
        _split("Retail", read_retail(folder / RETAIL_FILE), date(2011, 9, 9), 91),
    ]


def _split(name: str, sales: Sequence[Sale], day: date, horizon_days: int) -> Split:
    who, when, amounts = zip(*sales, strict=True)
    columns = {"customer_id": who, "date": when, "amount": amounts}
    return Split(name, read_orders(columns, date.max), day, horizon_days)


def read_cdnow() -> list[Sale]:
    """Lines of customer, date, number of discs and dollars, below a heading."""
    text = Path(str(distribution("lifetimes").locate_file(CDNOW_FILE))).read_text(encoding="ascii")
    lines = (line.split() for line in text.splitlines()[1:] if line.strip())
    return [(int(who), datetime.strptime(day, "%Y%m%d").date(), float(paid)) for who, day, _, paid in lines]  # noqa: DTZ007


def read_retail(path: Path) -> list[Sale]:
    return list(_retail(path))


def _retail(path: Path) -> Iterator[Sale]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield int(row["CustomerID"]), date.fromisoformat(row["InvoiceDate"]), float(row["TotalPrice"])


def large_shop(customers: int, orders: int, today: date, seed: int = 0) -> dict[str, NDArray[np.generic]]:
    """Made up, the same for a seed: all have ordered within two years, most of them once, some often."""
    chance = np.random.default_rng(seed)
    more = (customers * chance.random(orders - customers) ** 2).astype(np.int64)
    who = np.concatenate([np.arange(customers), more])
    chance.shuffle(who)
    days = (today.toordinal() - chance.integers(0, 730, orders)).astype(np.int32)
    return {"customer_id": who, "date": days, "amount": chance.lognormal(3, 1, orders).round(2)}
