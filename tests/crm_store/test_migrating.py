"""A shop that has been at work for long comes to a newer schema, and back, with all its rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    RowMapping,
    String,
    Table,
    insert,
    select,
)

from analytics.stages import Stage
from analytics.tiers import Tier
from crm_store.migrate import (
    BrokenReferencesError,
    ForeignSchemaError,
    SchemaAheadError,
    SchemaState,
    TablesBusyError,
    differences,
    downgrade,
    migrate,
    schema_state,
)
from crm_store.models import ContactPoint
from crm_store.store import Store
from tests.databases import Databases, opened

OLDER = ("0001", "0002", "0003", "0004", "0005", "0006", "0007")
NUMBERS = (1, 2)
"""Two rows of each table, and what refers to others refers to those of the same number."""

NAMES = {"tier": list(map(str, Tier)), "stage": list(map(str, Stage))}
Rows = dict[str, list[dict[str, Any]]]


async def filled(store: Store) -> Rows:
    """Puts rows into every table that the database has; returns them."""
    async with store.write() as connection:
        await connection.run_sync(_fill)
    return await rows(store)


def _fill(connection: Connection) -> None:
    for table in tables(connection):
        made = [{column.name: value(column, number) for column in table.columns} for number in NUMBERS]
        connection.execute(insert(table), made)


async def rows(store: Store) -> Rows:
    async with store.reader.connect() as connection:
        return await connection.run_sync(_rows)


def _rows(connection: Connection) -> Rows:
    return {table.name: [_now(dict(row)) for row in _all(connection, table)] for table in tables(connection)}


def _all(connection: Connection, table: Table) -> Iterable[RowMapping]:
    return connection.execute(select(table).order_by(*table.primary_key)).mappings()


def _now(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it reads since names are stored by their codes and judgements are of a day."""
    if "rank" not in row and "percentile" not in row:
        return row
    codes = {name: NAMES[name].index(row[name]) + 1 for name in NAMES if row.get(name) in NAMES[name]}
    day = row["as_of"].date() if isinstance(row["as_of"], datetime) else row["as_of"]
    return row | codes | {"as_of": day}


def tables(connection: Connection) -> list[Table]:
    """All but Alembic's own and the tables of words, which the search index writes itself."""
    there = MetaData()
    there.reflect(connection, only=lambda name, _: not name.startswith(("alembic", "search_words")))
    return list(there.tables.values())


def value(column: Column[Any], number: int) -> Any:
    if column.table.name == "score" and column.name in NAMES and isinstance(column.type, String):
        return NAMES[column.name][number - 1]
    meant = next((key.column for key in column.foreign_keys), column)
    zone = UTC if getattr(column.type, "timezone", False) else None
    by_type = {
        Integer: number,
        Boolean: False,
        DateTime: datetime(2026, 11, number, 9, tzinfo=zone),
        Date: date(2026, 11, number),
        Double: 0.5,
        Numeric: Decimal(number),
        JSON: {"number": number},
        LargeBinary: b"trained",
    }
    kept = (made for kind, made in by_type.items() if isinstance(column.type, kind))
    return next(kept, f"{meant.name}{number}")


def common(before: Rows, after: Rows) -> tuple[Rows, Rows]:
    """The tables and columns that are in both."""
    names = before.keys() & after.keys()
    columns = {name: before[name][0].keys() & after[name][0].keys() for name in names if before[name] and after[name]}
    return _only(before, columns), _only(after, columns)


def _only(all_rows: Rows, columns: dict[str, Any]) -> Rows:
    return {name: [{key: row[key] for key in columns[name]} for row in all_rows[name]] for name in columns}


@pytest.mark.parametrize("older", OLDER)
async def test_a_shop_of_an_older_version_keeps_all_its_rows(store: Store, older: str) -> None:
    await downgrade(store, older)
    before = await filled(store)
    assert await schema_state(store) is SchemaState.BEHIND
    await migrate(store)
    assert await schema_state(store) is SchemaState.CURRENT
    assert await differences(store) == []
    after = await rows(store)
    assert before.keys() <= after.keys()
    was, remains = common(before, after)
    assert remains == was
    assert was.keys() == before.keys()


@pytest.mark.parametrize("older", OLDER)
async def test_a_shop_can_go_back_to_an_older_version_and_come_again(store: Store, older: str) -> None:
    before = await filled(store)
    await downgrade(store, older)
    was, remains = common(before, await rows(store))
    assert remains == was
    assert {"customer", "contact_point", "touchpoint", "ticket", "customer_order"} <= was.keys()
    await migrate(store)
    was, remains = common(was, await rows(store))
    assert remains == was
    assert await differences(store) == []


async def test_references_are_kept_again_after_a_migration(sqlite_store: Store) -> None:
    await downgrade(sqlite_store, "0003")
    await migrate(sqlite_store)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        async with sqlite_store.write() as connection:
            await connection.execute(insert(ContactPoint).values(**contact_of(customer_id=77)))


async def test_a_database_with_broken_references_is_left_as_it_was(sqlite_store: Store) -> None:
    await downgrade(sqlite_store, "0003")
    async with sqlite_store.apart() as connection:
        await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        await connection.execute(insert(ContactPoint).values(**contact_of(customer_id=77)))
    with pytest.raises(BrokenReferencesError, match="contact_point"):
        await migrate(sqlite_store)
    assert await schema_state(sqlite_store) is SchemaState.BEHIND
    assert "merged_into_id" not in {key for row in (await rows(sqlite_store))["customer"] for key in row}
    assert "fact" not in await rows(sqlite_store)


def contact_of(customer_id: int) -> dict[str, Any]:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return {"id": 1, "customer_id": customer_id, "channel": "web", "address": "w", "created_at": at, "version": 1}


# Several at once


async def test_two_starts_at_once_migrate_once(store: Store) -> None:
    await downgrade(store, "0001")
    before = await filled(store)
    others = [Store(str(store.url.render_as_string(hide_password=False))) for _ in range(3)]
    try:
        await asyncio.gather(*map(migrate, (store, *others)))
    finally:
        await asyncio.gather(*(other.close() for other in others))
    assert await schema_state(store) is SchemaState.CURRENT
    was, remains = common(before, await rows(store))
    assert remains == was


@pytest.mark.parametrize("ahead", ["0900", "9999"])
async def test_a_newer_release_s_schema_is_left_as_it_is(store: Store, ahead: str) -> None:
    assert await schema_state(store) is SchemaState.CURRENT
    async with stamped(store, ahead):
        assert await schema_state(store) is SchemaState.AHEAD
        await migrate(store)
        with pytest.raises(SchemaAheadError):
            await downgrade(store, "0001")


async def test_a_newer_release_that_was_faster_is_let_be(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It looked behind, and when its turn came somebody newer had been there."""

    async def looked_before(_: Store) -> SchemaState:
        return SchemaState.BEHIND

    monkeypatch.setattr("crm_store.migrate.schema_state", looked_before)
    async with stamped(store, "9999"):
        await migrate(store)


@pytest.mark.parametrize("foreign", ["ae1027a6acf", "0000"])
async def test_another_program_s_database_is_refused(store: Store, foreign: str) -> None:
    async with stamped(store, foreign):
        with pytest.raises(ForeignSchemaError, match=foreign):
            await migrate(store)


async def test_who_uses_a_table_is_waited_for_in_short_turns(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a change that waits everybody else waits too, so it gives up soon, and tries again."""
    monkeypatch.setattr("crm_store.migrate.TABLE_SECONDS", 0.1)
    monkeypatch.setattr("crm_store.migrate.PAUSE_SECONDS", 0.05)
    url = await databases.lend()
    async with opened(url) as store:
        await downgrade(store, "0001")
        before = await rows(store)
        async with asyncio.TaskGroup() as tasks, store.apart() as other:
            await other.exec_driver_sql("BEGIN")
            await other.exec_driver_sql("LOCK TABLE customer IN ACCESS SHARE MODE")
            with monkeypatch.context() as patch, pytest.raises(TablesBusyError, match="others held"):
                patch.setattr("crm_store.migrate.TRIES", 2)
                await migrate(store)
            assert await rows(store) == before
            migrating = tasks.create_task(migrate(store))
            await asyncio.sleep(0.3)
            assert not migrating.done()
            await other.exec_driver_sql("ROLLBACK")
        assert await schema_state(store) is SchemaState.CURRENT
    await databases.take_back(url)


@asynccontextmanager
async def stamped(store: Store, revision: str) -> AsyncIterator[None]:
    """The database says that it is at this revision, and must still say so afterwards."""
    former = await _stamp(store, revision)
    yield
    assert await _stamp(store, former) == revision


async def _stamp(store: Store, revision: str) -> str:
    async with store.write() as connection:
        former: str = (await connection.exec_driver_sql("SELECT version_num FROM alembic_version")).scalar_one()
        await connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
    return former
