"""What a night costs a large shop: all customers judged from SQLite and kept there, in a fresh process.

The night before was judged too, so every row is replaced and compared; only the second night is measured: one in which
customers' orders are kept as a line only if there are new ones, as on six nights of seven.
python -m benchmarks.insight_store CUSTOMERS ORDERS
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.insight_data import large_shop
from benchmarks.insight_speed import TODAY, peak_mb
from benchmarks.insight_table import FROM_STORE
from crm_store.migrate import migrate
from crm_store.store import Store
from crm_store.vault import open_vault
from support.scoring import rescore

FIRST_ID, ID_STEP = 300_000_000_000_000_000, 4_096
"""Ids lie as far apart as crm_store.ids makes them in a quiet shop."""


def measure(customers: int, orders: int) -> dict[str, float]:
    """Figures by the names of insight_table.FROM_STORE. Raises CalledProcessError."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "shop.db"
        for step in ("fill", "judge", "judge"):
            command = [sys.executable, "-m", "benchmarks.insight_store", step, str(path), str(customers), str(orders)]
            environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    step, path, customers, orders = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    if step == "fill":
        fill(path, customers, orders)
    else:
        print(json.dumps(asyncio.run(judged(path))))


def fill(path: Path, customers: int, orders: int) -> None:
    asyncio.run(_migrate(path))
    shop = large_shop(customers, orders, TODAY)
    owners = (FIRST_ID + shop["customer_id"].astype(np.int64) * ID_STEP).tolist()
    days = (shop["date"].astype(np.int64) - date(1970, 1, 1).toordinal()).astype("datetime64[D]").astype(str).tolist()
    numbers = range(1, orders + 1)
    people = ((FIRST_ID + nth * ID_STEP, f"C-{nth}") for nth in range(customers))
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(
            "INSERT INTO customer (id, external_id, name, attributes, created_at, version)"
            " VALUES (?, ?, '', '{}', '2024-01-01 00:00:00.000000', 1)",
            people,
        )
        database.executemany(
            "INSERT INTO customer_order (id, external_id, customer_id, date, amount, currency, attributes)"
            " VALUES (?, ?, ?, ?, ?, 'EUR', '{}')",
            zip(numbers, map(str, numbers), owners, days, shop["amount"].tolist(), strict=True),
        )


async def _migrate(path: Path) -> None:
    store = Store(f"sqlite:///{path}")
    await migrate(store)
    await store.close()


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


async def judged(path: Path) -> dict[str, float]:
    """A night after the last one that was judged."""
    open_vault("a benchmark's secret")
    store = Store(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as database:
        nights = database.execute("SELECT COUNT(*) FROM shop_model").fetchone()[0]
    forget_peak()
    begun = time.process_time()
    await rescore(store, TODAY + timedelta(days=nights), recount=not nights)
    figures = time.process_time() - begun, peak_mb()
    await store.close()
    return dict(zip([row.name for row in FROM_STORE], figures, strict=True))


if __name__ == "__main__":
    main()
