"""A migration that is killed at any step leaves the old schema or the new one, all rows, and can be done again."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import asyncpg
import pytest

from crm_store.migrate import downgrade
from crm_store.store import Store
from tests.crm_store.test_migrating import filled
from tests.databases import Databases, opened, sqlite_copy, sqlite_file

SAMPLE = 40
FINISHED_EVERY = 4
"""Steps of the sample; after the others the next kill meets what this one left."""
OLDEST = "0001"
Content = Mapping[str, Sequence[str]]
Look = Callable[[], Awaitable[Content]]
Reset = Callable[[], Awaitable[None]]


class Ended(NamedTuple):
    code: int
    steps: int


class Migrations:
    """Migrations in children of a process of their own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def run(self, address: str, fatal: int = 0) -> Ended:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{fatal} {address}\n".encode())
        code, steps = (await self._process.stdout.readline()).split()
        return Ended(int(code), int(steps))


@pytest.fixture
async def migrations() -> AsyncIterator[Migrations]:
    pipe = asyncio.subprocess.PIPE
    words = ("-m", "tests.crm_store.killed_migration")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe)
    yield Migrations(process)
    await process.communicate(b"")  # ends its input


async def check_every_sampled_step(migrations: Migrations, address: str, look: Look, reset: Reset) -> None:
    """`look` reads all there is, `reset` brings the database back to the old schema with its rows."""
    await reset()
    old = await look()
    whole = await migrations.run(address)
    after = new = await look()
    assert whole.code == 0
    assert old != new
    left: list[bool] = []
    for number in range(SAMPLE):
        if after == new:
            await reset()
        fatal = 1 + number * (whole.steps - 1) // (SAMPLE - 1)
        assert await migrations.run(address, fatal) == Ended(-9, fatal - 1), fatal
        after = await look()
        assert after in (old, new), f"neither old nor new after a kill at step {fatal}"
        left.append(after == new)
        if number % FINISHED_EVERY == 0:
            assert (await migrations.run(address)).code == 0
            after = await look()
            assert after == new, f"not to be finished after a kill at step {fatal}"
    assert not left[0]
    assert left[-1]
    assert left == sorted(left), "once new, always new"


async def test_sqlite(migrations: Migrations, tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    async with opened(await sqlite_file(file)) as store:
        await _make_old(store)
    old = await asyncio.to_thread(file.read_bytes)

    async def reset() -> None:
        sqlite_copy(old, file)

    async def look() -> Content:
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            return {"": sorted(map(_sorted, connection.iterdump()))}

    await check_every_sampled_step(migrations, f"sqlite:///{file}", look, reset)


async def test_postgresql(migrations: Migrations, databases: Databases, postgres: str, worker_id: str) -> None:
    lent = await databases.lend()
    async with opened(lent) as store:
        await _make_old(store)
    name = f"touchdesk_killed_{worker_id}"
    address = urlsplit(postgres)._replace(path=f"/{name}").geturl()

    async def reset() -> None:
        async with _connected(postgres) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {urlsplit(lent).path[1:]}")

    async def look() -> Content:
        async with _connected(address) as connection:
            return await _content(connection)

    try:
        await check_every_sampled_step(migrations, address, look, reset)
    finally:
        async with _connected(postgres) as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await databases.take_back(lent)


def _sorted(statement: str) -> str:
    """A table that Alembic copies gets its constraints and indexes in any order."""
    return "\n".join(sorted(line.strip(" ,") for line in statement.splitlines()))


async def _make_old(store: Store) -> None:
    await downgrade(store, OLDEST)
    assert len(await filled(store)) > 20
    if store.is_sqlite:
        async with store.apart() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


async def _content(connection: asyncpg.Connection) -> Content:
    """Every table's rows, and what the tables, indexes and triggers are."""
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    made = await connection.fetch(
        "SELECT concat(table_name, ' ', column_name, ' ', data_type) FROM information_schema.columns"
        " WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    )
    rows = {name: await connection.fetch(f'SELECT t::text FROM "{name}" t ORDER BY 1') for (name,) in tables}
    return {"": [row[0] for row in made]} | {name: [row[0] for row in found] for name, found in rows.items()}


@asynccontextmanager
async def _connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(address)
    try:
        yield connection
    finally:
        await connection.close()
