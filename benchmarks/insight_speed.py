"""How fast a large shop is judged, and one order more, in a fresh process.

python -m benchmarks.insight_speed CUSTOMERS ORDERS
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from analytics.history import NewOrder
from analytics.judgement import Judgements, judged
from analytics.one_customer import rescored_one
from analytics.orders import read_orders
from analytics.shop_model import ShopModel, learnt
from analytics.tiers import TierLimits
from benchmarks.insight_data import large_shop
from benchmarks.insight_table import SPEED

TODAY = date(2026, 6, 30)
HORIZON_DAYS = 90
UPDATES = 5_000
ROWS_AT_ONCE = 20_000


def measure(customers: int, orders: int) -> dict[str, float]:
    """Figures by the names of insight_table.SPEED. Raises CalledProcessError."""
    command = [sys.executable, "-m", "benchmarks.insight_speed", str(customers), str(orders)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    customers, orders = map(int, sys.argv[1:])
    print(json.dumps(measured(customers, orders)))


def measured(customers: int, orders: int) -> dict[str, float]:
    columns = large_shop(customers, orders, TODAY)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    begun = time.process_time()
    shop, people = learnt(read_orders(columns, TODAY), TODAY, HORIZON_DAYS, TierLimits())
    everybody = judged(people, shop, TODAY)
    scored, peak = time.process_time(), peak_mb()
    for start in range(0, len(everybody), ROWS_AT_ONCE):
        list(everybody.rows(start, start + ROWS_AT_ONCE))
    figures = (scored - begun, peak, time.process_time() - scored, median(update_micros(shop, everybody)))
    return dict(zip([row.name for row in SPEED], figures, strict=True))


def peak_mb() -> float:
    """Since /proc/self/clear_refs was written to."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def update_micros(shop: ShopModel, everybody: Judgements) -> Iterator[float]:
    """From a stored history and an order to the customer's new figures, wall clock; each order is of the next day."""
    order, tomorrow = NewOrder(TODAY + timedelta(days=1), 25.0), TODAY + timedelta(days=1)
    for row in everybody.rows(0, UPDATES):
        history = row.history
        begun = time.perf_counter()
        rescored_one(history.with_order(order, shop.rates.decay_days, is_order_day=False), shop, tomorrow)
        yield (time.perf_counter() - begun) * 1e6


if __name__ == "__main__":
    main()
