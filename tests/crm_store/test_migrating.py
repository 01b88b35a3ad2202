"""A shop that has been at work for long comes to a newer schema, and back, with all its rows."""

from __future__ import annotations

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
    Table,
    insert,
    select,
)

from crm_store.migrate import BrokenReferencesError, differences, downgrade, is_current, migrate
from crm_store.models import ContactPoint
from crm_store.store import Store

OLDER = ("0001", "0002", "0003", "0004")
NUMBERS = (1, 2)
"""Two rows of each table, and what refers to others refers to those of the same number."""

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
    return {
        table.name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
        for table in tables(connection)
    }


def tables(connection: Connection) -> list[Table]:
    """All but Alembic's own and the tables of words, which the search index writes itself."""
    there = MetaData()
    there.reflect(connection, only=lambda name, _: not name.startswith(("alembic", "search_words")))
    return list(there.tables.values())


def value(column: Column[Any], number: int) -> Any:
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
    assert not await is_current(store)
    await migrate(store)
    assert await is_current(store)
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
    assert not await is_current(sqlite_store)
    assert "merged_into_id" not in {key for row in (await rows(sqlite_store))["customer"] for key in row}
    assert "fact" not in await rows(sqlite_store)


def contact_of(customer_id: int) -> dict[str, Any]:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return {"id": 1, "customer_id": customer_id, "channel": "web", "address": "w", "created_at": at, "version": 1}
