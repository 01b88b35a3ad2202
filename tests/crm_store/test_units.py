"""Units of work: all or nothing, reads that hold no lock, conflicts seen."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import IdMaker, new_id
from crm_store.migrate import migrate
from crm_store.models import Customer, Setting
from crm_store.repositories import settings
from crm_store.store import ConflictError, Store, StoreUnavailableError, UnknownDatabaseError
from crm_store.unit import Unit
from tests.databases import Databases, opened

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def customer(name: str) -> Customer:
    return Customer(id=new_id(), name=name, created_at=NOW, attributes={})


async def names(store: Store) -> list[str]:
    async with store.read() as session:
        return list((await session.scalars(select(Customer.name).order_by(Customer.id))).all())


async def test_a_unit_that_raises_writes_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.unit() as unit:
            unit.add(customer("Anna"))
            _ = 1 / 0
    assert await names(store) == []


async def test_reading_in_a_unit_takes_no_write_lock(store: Store) -> None:
    async with store.unit() as slow:
        await slow.session.scalar(select(func.count()).select_from(Customer))
        slow.add(customer("slow"))
        async with asyncio.timeout(2), store.unit() as quick:
            quick.add(customer("quick"))
        assert await names(store) == ["quick"]
    assert sorted(await names(store)) == ["quick", "slow"]


async def test_a_stale_write_is_refused(store: Store) -> None:
    async with store.unit() as unit:
        anna = unit.add(customer("Anna"))
    late = store.open_unit()
    kept = await late.session.get(Customer, anna.id)
    assert kept
    kept.name = "late"
    async with store.unit() as unit:
        other = await unit.session.get(Customer, anna.id)
        assert other
        other.name = "early"
    with pytest.raises(StaleDataError):
        await store.commit(late)
    await late.close()
    assert await names(store) == ["early"]


async def test_run_repeats_what_lost_a_race(store: Store) -> None:
    async def draw(unit: Unit) -> int:
        return await settings.next_epoch(unit, 42)

    await store.run(draw)
    numbers = await asyncio.gather(*(store.run(draw) for _ in range(4)))
    assert sorted(numbers) == [2, 3, 4, 5]


async def test_ticket_numbers_begin_with_1001_and_none_is_given_twice(store: Store) -> None:
    async def draw(unit: Unit) -> int:
        return await settings.next_ticket_number(unit)

    assert await store.run(draw) == 1001
    numbers = await asyncio.gather(*(store.run(draw) for _ in range(20)))
    assert sorted(numbers) == list(range(1002, 1022))


async def test_the_number_of_a_ticket_that_was_not_opened_is_left_out(store: Store) -> None:
    unit = store.open_unit()
    assert await settings.next_ticket_number(unit) == 1001
    await unit.close()
    async with store.unit() as unit:
        assert await settings.next_ticket_number(unit) == 1002


async def test_a_unit_that_writes_already_can_draw_a_number(store: Store) -> None:
    async with asyncio.timeout(5), store.unit() as unit:
        await unit.session.execute(update(Setting).values(value=0))
        unit.add(customer("Anna"))
        assert [await settings.next_ticket_number(unit) for _ in range(2)] == [1001, 1002]
    async with store.unit() as unit:
        assert await settings.next_ticket_number(unit) == 1003


async def test_two_that_draw_do_not_wait_for_each_other(databases: Databases) -> None:
    """On PostgreSQL, where a unit may write while another does."""
    url = await databases.lend()
    async with asyncio.timeout(5), opened(url) as store:
        first, second = store.open_unit(), store.open_unit()
        await first.session.execute(update(Setting).values(value=0))
        assert await settings.next_ticket_number(first) == 1001
        assert await settings.next_ticket_number(second) == 1002
        await store.commit(second)
        await store.commit(first)
        await first.close()
        await second.close()
    await databases.take_back(url)


async def test_two_units_that_wait_for_each_other_are_both_written(store: Store) -> None:
    """A deadlock on PostgreSQL, which takes one of them back; on SQLite the second waits."""
    async with store.unit() as unit:
        unit.add(Setting(key="a", value=0))
        unit.add(Setting(key="b", value=0))

    async def count_in(order: str, unit: Unit) -> None:
        async def count(session: AsyncSession) -> None:
            for key in order:
                raised = update(Setting).where(Setting.key == key).values(value=Setting.value + 1)
                await session.execute(raised, execution_options={"synchronize_session": False})
                await asyncio.sleep(0.05)

        unit.finish_with(count)

    await asyncio.gather(*(store.run(partial(count_in, order)) for order in ("ab", "ba")))
    async with store.read() as session:
        assert list(await session.scalars(select(Setting.value))) == [2, 2]


@pytest.mark.parametrize(
    ("state", "error"),
    [
        ("40001", ConflictError),
        ("40P01", ConflictError),
        ("53300", StoreUnavailableError),
        ("57P01", StoreUnavailableError),
        ("22012", DBAPIError),
    ],
)
async def test_what_postgresql_says_is_told_apart(databases: Databases, state: str, error: type[Exception]) -> None:
    url = await databases.lend()
    async with opened(url) as store:
        with pytest.raises(error) as raised:
            async with store.write() as connection:
                await connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
    assert type(raised.value) is error
    await databases.take_back(url)


async def test_signals_are_sent_after_the_commit_only(store: Store) -> None:
    with store.signals.listen("outbox") as changed:
        with pytest.raises(ZeroDivisionError):
            async with store.unit() as unit:
                unit.touch("outbox")
                _ = 1 / 0
        assert not await changed.wait(0.01)
        async with store.unit() as unit:
            unit.touch("outbox")
        assert await changed.wait(0.01)


async def test_a_read_only_database_is_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    store = Store(f"sqlite:///{file}")
    await migrate(store)
    await store.close()
    blocked = Store(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailableError, match="unavailable"):
        async with blocked.unit() as unit:
            unit.add(Setting(key="x", value=1))
    await blocked.close()


async def test_a_locked_database_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_store.store.BUSY_TIMEOUT_MS", 50)
    first, second = (Store(f"sqlite:///{tmp_path / 'store.db'}") for _ in range(2))
    await migrate(first)
    async with first.write() as connection:
        await connection.exec_driver_sql("UPDATE setting SET value = 1")
        with pytest.raises(StoreUnavailableError, match="locked"):
            async with second.unit() as unit:
                unit.add(Setting(key="x", value=1))
    await first.close()
    await second.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(UnknownDatabaseError, match="DATABASE_URL"):
        Store(url)


def test_ids_grow_even_when_many_are_made_at_once() -> None:
    make = IdMaker(process=1023)
    ids = [make() for _ in range(20_000)]
    assert ids == sorted(set(ids))
    assert all(0 < i < 2**63 for i in ids)
