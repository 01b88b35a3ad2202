"""Migrated databases for tests: SQLite files copied from one, PostgreSQL's emptied after a test and lent again.

A migration, or a copy on PostgreSQL, takes longer than most tests.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_store.migrate import migrate
from crm_store.store import Store
from crm_store.vault import open_vault

SECRET = "a secret for tests"
TEMPLATE = "touchdesk_template"
LOCK = 20261120
"""Held by the one of several workers that makes the template."""
QUICK = ("fsync = off", "full_page_writes = off")
"""What a server may leave out whose data nobody misses."""
SCHEMA = """
SELECT md5(string_agg(concat(oid, '.', xmin), ' ' ORDER BY oid))
FROM (SELECT oid, xmin FROM pg_class UNION ALL SELECT oid, xmin FROM pg_trigger) AS made
"""
"""Another sum once a table, an index or a trigger was made, changed or renamed, even if it was changed back."""
OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
ROWS = """
SELECT string_agg(format('DELETE FROM %I', relname), ';') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""

_migrated: list[bytes] = []
_engines: dict[str, tuple[AsyncEngine, AsyncEngine]] = {}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    """A store over its own new connections, whose engines know the statements that they compiled in earlier tests."""
    open_vault(SECRET)
    store = Store(url)
    store.reader, store.writer = _engines.setdefault(url, (store.reader, store.writer))
    yield store
    await store.close()


async def sqlite_file(path: Path) -> str:
    """Puts an empty, migrated SQLite file there; returns its address."""
    if not _migrated:
        with TemporaryDirectory() as folder:
            template = Path(folder) / "template.db"
            await _migrate(f"sqlite:///{template}")
            _migrated.append(template.read_bytes())
    return await asyncio.to_thread(sqlite_copy, _migrated[0], path)


def sqlite_copy(content: bytes, path: Path) -> str:
    """Puts a SQLite file with this content in the place of a former one and its log; returns its address."""
    for former in path.parent.glob(f"{path.name}*"):
        former.unlink()
    path.write_bytes(content)
    return f"sqlite:///{path}"


class Databases:
    """PostgreSQL's. Those that one worker has made on the server; `worker` keeps their names apart from the others'."""

    def __init__(self, server: str, worker: str) -> None:
        self._server = server
        self._names = (f"touchdesk_{worker}_{number}" for number in itertools.count())
        self._free: list[str] = []
        self._schema = ""

    async def lend(self) -> str:
        """The address of an empty, migrated database that nobody else has."""
        return self._free.pop() if self._free else await self._copy()

    async def take_back(self, url: str) -> None:
        """Ends whatever still holds it; one with another schema than it was lent with is thrown away."""
        async with _connected(url) as connection:
            await connection.execute(OTHERS)
            intact = await connection.fetchval(SCHEMA) == self._schema
            if intact:  # triggers, which keep the ledger, and foreign keys let a replica pass
                await connection.execute(f"SET session_replication_role = replica; {await connection.fetchval(ROWS)}")
        if intact:
            self._free.append(url)
        else:
            await self._drop(url)

    async def _copy(self) -> str:
        url = self._named(name := next(self._names))
        async with _connected(self._server) as connection:
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
                await self._make_template(connection)
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        async with _connected(url) as connection:
            self._schema = await connection.fetchval(SCHEMA)
        return url

    async def _make_template(self, connection: asyncpg.Connection) -> None:
        """Has its name only when it is complete."""
        for setting in QUICK:
            await connection.execute(f"ALTER SYSTEM SET {setting}")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"DROP DATABASE IF EXISTS {TEMPLATE}_begun WITH (FORCE)")
        await connection.execute(f"CREATE DATABASE {TEMPLATE}_begun")
        await _migrate(self._named(f"{TEMPLATE}_begun"))
        await connection.execute(f"ALTER DATABASE {TEMPLATE}_begun RENAME TO {TEMPLATE}")

    async def _drop(self, url: str) -> None:
        async with _connected(self._server) as connection:
            await connection.execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")

    def _named(self, name: str) -> str:
        return urlsplit(self._server)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    store = Store(url)
    try:
        await migrate(store)
    finally:
        await store.close()
