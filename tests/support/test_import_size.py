"""Long files: memory does not grow with them, one bad row leaves the store as it was, and others write meanwhile."""

import asyncio
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import func, select

from crm_store.ids import new_id
from crm_store.models import Order, Organisation, Touchpoint
from crm_store.store import Store
from support.imports.files import import_file
from support.imports.importing import import_rows
from support.imports.reading import Rows
from support.imports.records import Progress, no_progress
from support.imports.result import MOST_KEPT, ImportFileError, ImportResult

ORDERS = 50_000
CUSTOMERS = 500


@pytest.fixture
async def shop(store: Store) -> Store:
    customers = ({"customer_id": f"C-{number}"} for number in range(CUSTOMERS))
    await import_rows(store, "customers", enumerate(customers, 1), name="customers")
    return store


def orders(count: int) -> Iterator[dict[str, str]]:
    for number in range(count):
        customer, day = f"C-{number % CUSTOMERS}", f"2026-01-{1 + number % 28:02}"
        yield {"order_id": f"{number}", "customer_id": customer, "date": day, "amount": f"{number % 97}.50"}


async def take(store: Store, rows: Rows, progress: Progress = no_progress) -> ImportResult:
    return await import_rows(store, "orders", rows, name="orders", progress=progress)


async def counted(store: Store) -> tuple[int, int]:
    async with store.read() as session:
        rows = [await session.scalar(select(func.count()).select_from(table)) for table in (Order, Touchpoint)]
    return rows[0] or 0, rows[1] or 0


async def test_a_long_file_takes_little_memory_and_tells_its_progress(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with path.open("w") as file:
        file.write("order_id,customer_id,date,amount\n")
        file.writelines(",".join(order.values()) + "\n" for order in orders(ORDERS))
    reading: list[tuple[int, int]] = []
    writing: list[tuple[int, int]] = []

    tracemalloc.start()
    began = perf_counter()
    result = await import_file(
        shop,
        "orders",
        path,
        reading=lambda done, size: reading.append((done, size)),
        writing=lambda done, rows: writing.append((done, rows)),
    )
    took, (_, peak) = perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert result == ImportResult(added=ORDERS)
    assert await counted(shop) == (ORDERS, ORDERS)
    assert peak < 16_000_000  # some 8 MB for the rows of one handful; a list of all of them would take 40
    assert took < 120  # some 5 s on two idle cores, without the tracing
    size = path.stat().st_size
    assert reading[-1] == (size, size)
    assert reading == sorted(reading)
    assert len(reading) > 10
    assert writing[-1] == (ORDERS, ORDERS)
    assert await take(shop, enumerate(orders(ORDERS), 2)) == ImportResult(unchanged=ORDERS)


async def test_one_bad_row_among_many_leaves_the_store_as_it_was(shop: Store) -> None:
    rows = [*orders(12_000), {"order_id": "bad", "customer_id": "nobody", "date": "2026-01-01", "amount": "1"}]
    with pytest.raises(ImportFileError) as error:
        await take(shop, enumerate(rows, 2))
    assert [(problem.line, problem.field) for problem in error.value.problems] == [(12_002, "customer_id")]
    assert await counted(shop) == (0, 0)


async def test_new_customers_in_whatever_order_from_several_programs_at_once(store: Store) -> None:
    """Without an organisation in common, behind whose row all but one would wait."""
    rows = [{"customer_id": f"C-{number:04}", "name": "Ann"} for number in range(4_000)]
    some = [rows, rows[::-1], rows[1::2] + rows[::2]]
    found = await asyncio.gather(
        *(import_rows(store, "customers", enumerate(each, 1), name="customers") for each in some)
    )
    assert sum(result.added for result in found) == len(rows)


async def test_of_a_file_that_fits_nothing_only_the_first_problems_are_kept(shop: Store) -> None:
    with pytest.raises(ImportFileError) as error:
        await take(shop, enumerate(({"order_id": f"{n}", "customer_id": "nobody"} for n in range(3_000)), 1))
    assert (len(error.value.problems), error.value.count) == (MOST_KEPT, 6_000)
    assert str(error.value).endswith("… and 5950 more")


async def test_others_write_while_a_file_is_read_and_checked(shop: Store) -> None:
    """Until the first row is written no lock is held, however long the reading takes."""
    written_meanwhile = 0

    async def write() -> None:
        nonlocal written_meanwhile
        while True:
            async with shop.unit() as unit:
                unit.add(Organisation(id=new_id(), name=str(new_id()), created_at=unit.now))
            written_meanwhile += 1

    seen: list[int] = []
    writer = asyncio.ensure_future(write())
    result = await take(shop, enumerate(orders(20_000), 1), lambda *_: seen.append(written_meanwhile))
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    assert result == ImportResult(added=20_000)
    assert seen[0] >= 4  # one for each handful that was staged
