"""A place beside the store where an import gathers its rows before anybody else sees any of them.

Rows go into a temporary table on a connection of its own. On SQLite that is a file apart, so the write lock is taken
only when the rows are whole and checked; on PostgreSQL it costs no log. Every cell is text, NULL where it is empty.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import in_block, new_id
from crm_store.imports.dialect import Dialect, Postgres, Sqlite
from crm_store.store import ConflictError, Store
from crm_store.unit import Unit

StagedRow = tuple[Any, ...]
OWN_COLUMNS = ("number", "line")
"""Of every staged row: its place among the rows, from 1, and its line in the file."""
ID = in_block(":first_id", "s.number")
"""The id that a staged row gets if it is new."""
CACHE_KB = 65_536
"""SQLite's default of 2 MB would write pages of large indexes out and back for nearly every row."""


class Staging:
    """The temporary table `staged` with OWN_COLUMNS and those of one kind of import, and SQL over it and the store.

    `rows` is the greatest number among them.
    """

    def __init__(self, connection: AsyncConnection, columns: Sequence[str]) -> None:
        self.connection = connection
        self.columns = (*OWN_COLUMNS, *columns)
        self.dialect: Dialect = Sqlite() if connection.dialect.name == "sqlite" else Postgres()
        self.rows = 0
        self.first_id = 0

    async def prepare(self) -> None:
        if isinstance(self.dialect, Sqlite):
            await self.run(f"PRAGMA cache_size = -{CACHE_KB}")
        await self._create("staged")

    async def _create(self, table: str) -> None:
        """INTEGER PRIMARY KEY is SQLite's row id: rows of neighbouring numbers lie together."""
        cells = ", ".join(f"{name} TEXT" for name in self.columns[len(OWN_COLUMNS) :])
        await self.run(f"CREATE TEMP TABLE {table} (number INTEGER PRIMARY KEY, line BIGINT NOT NULL, {cells})")

    async def load(self, rows: Sequence[StagedRow]) -> None:
        """Some thousand rows, each with a value for each of `columns`."""
        if isinstance(self.dialect, Sqlite):
            marks = ", ".join("?" * len(self.columns))
            await self.run("BEGIN")  # touches the temporary file only
            await self.connection.exec_driver_sql(f"INSERT INTO staged VALUES ({marks})", list(rows))
            await self.run("COMMIT")
        else:
            driver: Any = (await self.connection.get_raw_connection()).driver_connection
            await driver.copy_records_to_table("staged", records=rows, columns=self.columns)
        self.rows = rows[-1][0]

    async def settle(self) -> None:
        """When all rows are loaded: PostgreSQL plans by what it knows of a table, and looks at no temporary one."""
        self.first_id = new_id.block(self.rows)
        if not isinstance(self.dialect, Sqlite):
            await self.run("ANALYZE staged")

    async def sort(self, rows: str, order: str) -> None:
        """On SQLite, gives the rows new numbers in this order of `rows`, a FROM clause in which they are `s`.

        Rows that lie beside each other in the store's indexes are then written one after the other. That takes a
        third of the time, while nobody else can write.
        """
        if isinstance(self.dialect, Sqlite):
            columns = self.columns[1:]
            await self._create("sorted")
            self.rows = await self.run(
                f"INSERT INTO sorted ({', '.join(columns)}) SELECT {', '.join(f's.{name}' for name in columns)}"
                f" {rows} ORDER BY {order}"
            )
            await self.run("DROP TABLE staged")
            await self.run("ALTER TABLE sorted RENAME TO staged")

    async def run(self, sql: str, **values: Any) -> int:
        """How many rows the statement changed."""
        return (await self.execute(sql, **values)).rowcount

    async def execute(self, sql: str, **values: Any) -> CursorResult[Any]:
        """`:first_id` is known here (see ID)."""
        if ":first_id" in sql:
            values["first_id"] = self.first_id
        return await self.connection.execute(text(sql), values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """What is done inside is seen by others whole at its end, or never."""
        await self.run(self.dialect.begin)
        try:
            yield
        except BaseException:
            await self.run("ROLLBACK")
            raise
        await self.run("COMMIT")

    @asynccontextmanager
    async def unit(self, now: datetime) -> AsyncIterator[Unit]:
        """A unit of work inside the transaction, for what the rest of the program does row by row.

        Raises ConflictError if somebody else changes the same row at that moment.
        """
        session = AsyncSession(
            self.connection, autoflush=False, expire_on_commit=False, join_transaction_mode="create_savepoint"
        )
        unit = Unit(session, now)
        try:
            yield unit
            await unit.write_bulk()
            await unit.write_last()
            await session.commit()
        except StaleDataError as error:
            raise ConflictError(error) from error
        finally:
            await unit.close()


@asynccontextmanager
async def staging(store: Store, columns: Sequence[str]) -> AsyncIterator[Staging]:
    """An empty staging table with these columns. Raises StoreUnavailableError."""
    async with store.apart() as connection:
        staged = Staging(connection, columns)
        await staged.prepare()
        yield staged
