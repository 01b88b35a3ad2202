"""Ways in which a database cannot be used: broken inside the block, mended after it, by nobody who uses the store."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import structlog

from crm_store.store import Store
from tests.databases import OTHERS
from tests.faults.private_postgres import PrivatePostgres

Fault = Callable[[Store], AbstractAsyncContextManager[None]]


def sqlite_set(broken: str, mended: str) -> Fault:
    """By pragmas, which are the connection's own: the only one that writes."""

    @asynccontextmanager
    async def fault(store: Store) -> AsyncIterator[None]:
        async with store.writer.connect() as connection:
            sqlite: Any = (await connection.get_raw_connection()).driver_connection
        await sqlite.execute(f"PRAGMA {broken}")
        yield
        await sqlite.execute(f"PRAGMA {mended}")

    return fault


sqlite_disk_full = sqlite_set("max_page_count = 1", "max_page_count = 1000000")
"""One is raised to as many pages as there are."""

sqlite_read_only = sqlite_set("query_only = ON", "query_only = OFF")


@asynccontextmanager
async def sqlite_io_error(_: Store) -> AsyncIterator[None]:
    """Every write of this process to any file fails with EFBIG, the log's too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with structlog.testing.capture_logs():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@asynccontextmanager
async def sqlite_locked(store: Store) -> AsyncIterator[None]:
    lock = sqlite3.connect(str(store.url.database), timeout=30, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(lock.execute, "BEGIN IMMEDIATE")
    yield
    lock.close()


@asynccontextmanager
async def pool_full(store: Store) -> AsyncIterator[None]:
    """Others have every connection that may write."""
    async with AsyncExitStack() as held:
        for _number in range(1 if store.is_sqlite else 15):
            await held.enter_async_context(store.writer.connect())
        yield


def postgres_says(state: str) -> Fault:
    """Every update is answered with this SQLSTATE."""

    @asynccontextmanager
    async def fault(store: Store) -> AsyncIterator[None]:
        async with _connected(store) as connection:
            await connection.execute(
                f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$;
                    CREATE TRIGGER refuse BEFORE INSERT ON inbox EXECUTE FUNCTION refuse()"""
            )
            yield
            await connection.execute("DROP FUNCTION refuse CASCADE")

    return fault


@asynccontextmanager
async def postgres_read_only(store: Store) -> AsyncIterator[None]:
    """As a standby is to which the connections were moved."""
    async with _connected(store) as connection:
        await _set_for_all(connection, "SET default_transaction_read_only = on")
        yield
        await connection.execute("SET default_transaction_read_only = off")
        await _set_for_all(connection, "RESET default_transaction_read_only")


async def _set_for_all(connection: asyncpg.Connection, setting: str) -> None:
    database = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"ALTER DATABASE {database} {setting}")
    await connection.execute(OTHERS)


@asynccontextmanager
async def postgres_locked(store: Store) -> AsyncIterator[None]:
    async with _connected(store) as connection, connection.transaction():
        await connection.execute("LOCK TABLE inbox IN EXCLUSIVE MODE")
        yield


def postgres_stopped(server: PrivatePostgres) -> Fault:
    @asynccontextmanager
    async def fault(_: Store) -> AsyncIterator[None]:
        await asyncio.to_thread(server.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(server.start)

    return fault


def postgres_hanging(server: PrivatePostgres) -> Fault:
    """It takes connections and statements, and answers nothing."""

    @asynccontextmanager
    async def fault(_: Store) -> AsyncIterator[None]:
        with server.paused():
            yield

    return fault


@asynccontextmanager
async def _connected(store: Store) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(store.url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        yield connection
    finally:
        await connection.close()
