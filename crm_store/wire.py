"""What ties a process to the others on its database: one connection that hears them and holds what only one may have.

On PostgreSQL, LISTEN and advisory locks belong to a session, and the connection's name tells the others that its owner
lives. A pooler that hands one session to several clients (PgBouncer in transaction or statement mode) breaks all three:
DATABASE_URL must lead to PostgreSQL itself or to a pooler in session mode. On SQLite there is one process; a locked
file beside the database keeps a second one out.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.store import Store, StoreUnavailableError, availability

CHANNEL: Final = "touchdesk"
LOST: Final = "wire"
"""The topic that wakes who depends on the wire; of this process alone."""
KEY: Final = "hashtextextended('touchdesk:' || CAST(:name AS text), 0)"


class AlreadyRunningError(RuntimeError):
    """A SQLite database belongs to one running process."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another touchdesk is running on this database: it has locked {path}. Stop it first; only with PostgreSQL "
            "several may share a database"
        )


class WireLostError(StoreUnavailableError):
    """The connection was cut, by whomever."""

    def __init__(self) -> None:
        RuntimeError.__init__(self, "the database is unavailable: this process's own connection to it is gone")


class Wire:
    """PostgreSQL's. `lost` is set once it is gone, whoever cut it, and with it all its locks; then make a new one."""

    def __init__(self, store: Store, hear: Callable[[str], None]) -> None:
        self.lost = asyncio.Event()
        self._store, self._hear = store, hear
        self._open, self._turn = AsyncExitStack(), asyncio.Lock()
        self._connection: AsyncConnection
        self._raw: Any = None  # the driver's own, which nobody has typed

    async def open(self) -> None:
        """Raises StoreUnavailableError."""
        self._connection = await self._open.enter_async_context(self._store.apart())
        self._raw = (await self._connection.get_raw_connection()).driver_connection
        self._raw.add_termination_listener(lambda _: self._end())
        async with self.use():
            await self._raw.add_listener(CHANNEL, lambda *heard: self._hear(heard[-1]))

    async def call_it(self, name: str) -> None:
        """Raises StoreUnavailableError."""
        async with self.use() as connection:
            await connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": name})

    async def lock(self, name: str) -> bool:
        """Takes what only one may have; False if another has it. Raises StoreUnavailableError."""
        async with self.use() as connection:
            return bool(await connection.scalar(text(f"SELECT pg_try_advisory_lock({KEY})"), {"name": name}))

    async def unlock(self, name: str) -> None:
        """Raises StoreUnavailableError."""
        async with self.use() as connection:
            await connection.execute(text(f"SELECT pg_advisory_unlock({KEY})"), {"name": name})

    async def unlock_all(self) -> None:
        """Raises StoreUnavailableError."""
        async with self.use() as connection:
            await connection.execute(text("SELECT pg_advisory_unlock_all()"))

    @asynccontextmanager
    async def use(self) -> AsyncIterator[AsyncConnection]:
        """The connection, for one at a time. Whatever goes wrong in the block cuts it. Raises StoreUnavailableError."""
        async with self._turn:
            if self.lost.is_set():
                raise WireLostError
            try:
                with availability():
                    yield self._connection
            except BaseException:
                self.cut()
                raise

    def cut(self) -> None:
        """At once, without a word to a server that may not answer."""
        self._end()
        if self._raw:
            self._raw.terminate()

    async def close(self) -> None:
        self.cut()
        async with self._turn:  # whose statement has just failed
            await self._open.aclose()

    def _end(self) -> None:
        if not self.lost.is_set():
            self.lost.set()
            self._store.signals.deliver([LOST])


class FileWire:
    """SQLite's: never lost, and every lock is free because nobody else is there."""

    def __init__(self, store: Store, _hear: Callable[[str], None]) -> None:
        self.lost = asyncio.Event()
        self._store = store
        self._file: IO[bytes] | None = None

    async def open(self) -> None:
        """Raises AlreadyRunningError and StoreUnavailableError."""
        self._take(Path(f"{self._store.url.database}-running"))

    def _take(self, path: Path) -> None:
        try:
            self._file = path.open("ab")  # stays: if it were removed, two could each hold one of the same name
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(path.resolve()) from None
        except OSError as error:
            raise StoreUnavailableError(error) from error

    async def call_it(self, _name: str) -> None:
        """A file has its name already."""

    async def lock(self, _name: str) -> bool:
        return True

    async def unlock(self, _name: str) -> None:
        """Nobody waits for it."""

    async def unlock_all(self) -> None:
        """Nobody waits for them."""

    @asynccontextmanager
    async def use(self) -> AsyncIterator[AsyncConnection]:
        """A write transaction. Raises StoreUnavailableError."""
        async with self._store.write() as connection:
            yield connection

    def cut(self) -> None:
        """A file cannot be lost."""

    async def close(self) -> None:
        self.lost.set()
        if self._file:
            self._file.close()
