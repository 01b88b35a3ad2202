"""The database: one engine for reads, one for writes, and units of work over both.

Reads run on connections of their own in autocommit, so that no read holds a transaction open. A unit gathers rows and
changes in memory and writes them in one short transaction. On SQLite there is one write connection, which makes the
pool the write lock; BEGIN IMMEDIATE, because a transaction that begins with a read cannot wait for the lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import URL, Dialect, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import NullPool

from crm_store.keepalive import keep_alive
from crm_store.outages import is_conflict, is_outage, raw_errors
from crm_store.signals import Signals
from crm_store.unit import Unit, UnitSession

BUSY_TIMEOUT_MS = 10_000
IDLE_MS = 15_000
"""So long a transaction may do nothing: a process that was stopped amid a commit must not hold its rows for ever. Long
after any pause of our own, and no longer than others take to miss the process (workers.membership)."""
WRITER = "touchdesk"
"""The name of connections that write, for whoever looks at the server's sessions."""
CONFLICT_TRIES = 5
QUIET = {"hide_parameters": True}  # an error of the database must not carry a customer's words into the log
T = TypeVar("T")


class StoreUnavailableError(RuntimeError):
    """The database cannot be read or written: locked, read-only, full or gone."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(f"the database is unavailable: {(str(cause) or type(cause).__name__).splitlines()[0]}")


class ConflictError(StoreUnavailableError):
    """The database took the transaction back because another stood in its way; once more, it may do it."""


CONFLICTS = (StaleDataError, IntegrityError, ConflictError)
"""Somebody else was faster: the same is worth another try in a fresh unit."""


@contextmanager
def availability() -> Iterator[None]:
    """Whatever says that the database cannot be used, said in one way: StoreUnavailableError, perhaps ConflictError.

    What says so is in crm_store.outages; anything else goes on as it is.
    """
    try:
        yield
    except DBAPIError as error:
        if is_conflict(error):
            raise ConflictError(error.orig or error) from error
        if is_outage(error):
            raise StoreUnavailableError(error.orig or error) from error
        raise
    except raw_errors() as error:
        if is_outage(error):
            raise StoreUnavailableError(error) from error
        raise
    except PoolTimeoutError as error:
        raise StoreUnavailableError(error) from error


class UnknownDatabaseError(ValueError):
    """DATABASE_URL names neither SQLite nor PostgreSQL."""

    def __init__(self, url: str) -> None:
        super().__init__(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not {url.split(':', 1)[0]!r}")


def database_url(text_: str) -> URL:
    """DATABASE_URL with its async driver; sqlite:// and postgresql:// are understood with and without one."""
    try:
        url = make_url(text_)
    except Exception as error:
        raise UnknownDatabaseError(text_) from error
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    backend = url.drivername.split("+", 1)[0]
    if backend not in drivers:
        raise UnknownDatabaseError(text_)
    return url.set(drivername=drivers[backend])


class Store:
    """Opens units of work and reads; the only holder of database connections."""

    def __init__(self, url: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.url = database_url(url)
        self.clock = clock
        self.signals = Signals()
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.reader, self.writer = self._sqlite() if self.is_sqlite else self._postgres()

    def _sqlite(self) -> tuple[AsyncEngine, AsyncEngine]:
        reader = create_async_engine(self.url, isolation_level="AUTOCOMMIT", pool_size=4, max_overflow=0, **QUIET)
        writer = create_async_engine(self.url, pool_size=1, max_overflow=0, pool_timeout=60, **QUIET)
        for engine in (reader, writer):
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(writer.sync_engine, "begin", _begin_immediate)
        return reader, writer

    def _postgres(self) -> tuple[AsyncEngine, AsyncEngine]:
        """Two pools: a unit that reads must never wait for a place that only its own writing could free."""
        reader = create_async_engine(self.url, isolation_level="AUTOCOMMIT", pool_size=10, pool_pre_ping=True, **QUIET)
        writer = create_async_engine(self.url, pool_size=5, pool_pre_ping=True, **QUIET)
        for engine in (reader, writer):
            event.listen(engine.sync_engine, "do_connect", _connect_postgres)
        event.listen(writer.sync_engine, "connect", _make_mortal)
        return reader, writer

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """A unit of work that is written when the block ends and forgotten when it raises.

        Raises StoreUnavailableError, ConflictError, StaleDataError (somebody else changed a row) and IntegrityError
        (somebody else made it); `run` repeats the latter three.
        """
        unit = self.open_unit()
        try:
            with availability():
                yield unit
            await self.commit(unit)
        finally:
            await unit.close()

    def open_unit(self) -> Unit:
        session = AsyncSession(
            sync_session_class=UnitSession,
            read=self.reader.sync_engine,
            write=self.writer.sync_engine,
            autoflush=False,
            expire_on_commit=False,
        )
        return Unit(session, self.clock())

    async def commit(self, unit: Unit) -> None:
        """Writes the unit in one transaction, then wakes whoever waits for what it changed."""
        unit.closed = True  # what somebody adds from now on could miss the transaction
        try:
            with availability():
                await unit.write_bulk()
                await unit.write_last()
                await unit.session.commit()
        except BaseException:
            await unit.session.rollback()
            raise
        self.signals.send(unit.topics)

    async def run(self, work: Callable[[Unit], Awaitable[T]]) -> T:
        """Runs `work` in a unit; runs it again in a fresh one when somebody else was faster."""
        for _ in range(CONFLICT_TRIES - 1):
            try:
                async with self.unit() as unit:
                    return await work(unit)
            except CONFLICTS:
                continue
        async with self.unit() as unit:
            return await work(unit)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A session for read queries only. Raises StoreUnavailableError."""
        with availability():
            async with AsyncSession(self.reader, autoflush=False) as session:
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A bare write transaction for bulk statements that need no unit. Raises StoreUnavailableError."""
        with availability():
            async with self.writer.begin() as connection:
                yield connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[AsyncConnection]:
        """A connection of one's own in autocommit, with temporary tables that nobody else sees; gone afterwards.

        Long work prepares there without the write lock, and says itself when a transaction begins. Raises
        StoreUnavailableError.
        """
        engine = create_async_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool, **QUIET)
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        else:
            event.listen(engine.sync_engine, "do_connect", _connect_postgres)
        with availability():
            async with engine.connect() as connection:
                yield connection

    async def ping(self) -> None:
        """Raises StoreUnavailableError if the database does not answer."""
        with availability():
            async with self.reader.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        await self.reader.dispose()
        await self.writer.dispose()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    try:
        _set_up_sqlite(connection)
    except sqlite3.Error:  # no database, or not to be opened: the driver's thread must not outlive this
        connection.close()
        raise


def _set_up_sqlite(connection: Any) -> None:
    connection.isolation_level = None  # the driver's own transactions lose savepoints; ours are explicit
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    with suppress(sqlite3.OperationalError):  # a read-only file keeps its journal; the first write says so clearly
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten (crm_store.privacy.traces)
    cursor.close()


def _connect_postgres(dialect: Dialect, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Without a connection there is no database, whatever the reason: no socket, no such host, no more connections."""
    try:
        connection: Any = dialect.connect(*arguments, **options)
        transport = connection.driver_connection._transport  # noqa: SLF001 - asyncpg shows it nowhere else
        keep_alive(transport.get_extra_info("socket"))
    except (OSError, dialect.loaded_dbapi.Error) as error:
        raise StoreUnavailableError(error) from error
    return connection


def _make_mortal(connection: Any, _record: object) -> None:
    """A stopped process must not hold rows for ever: PostgreSQL ends its transaction, or others by this name do, where
    the server takes it for busy (crm_store.repositories.processes.cut_off). By statements, because a pooler may refuse
    what is asked for at the connection's start.
    """
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
    cursor.execute(f"SET application_name = '{WRITER}'")
    cursor.close()
    connection.commit()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
