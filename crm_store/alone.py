"""Long work that must never be done twice at once, whoever does it: this process, another one or a command.

What is locked is a number of PostgreSQL's own, or a file beside SQLite's: either is free when its holder ends, however
it ends, so that nobody waits for the dead.
"""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO
from zlib import crc32

from sqlalchemy import text

from crm_store.store import Store, StoreUnavailableError

LOOK_SECONDS = 0.2
Attempt = Callable[[], Awaitable[bool]]


@asynccontextmanager
async def alone(store: Store, work: str, on_wait: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
    """For as long as the block runs, nobody else is in a block for this `work` on the same database.

    If somebody is, `on_wait` is called once and their end waited for; whoever is in the block must not enter it again.
    Raises StoreUnavailableError.
    """
    async with (_in_sqlite if store.is_sqlite else _in_postgres)(store, work) as take:
        is_free = await take()
        if not is_free:
            on_wait()
        while not is_free:
            await asyncio.sleep(LOOK_SECONDS)
            is_free = await take()
        yield


@asynccontextmanager
async def _in_sqlite(store: Store, work: str) -> AsyncIterator[Attempt]:
    with _beside(store, work) as file:

        async def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield take


def _beside(store: Store, work: str) -> IO[bytes]:
    """An empty file, which stays: if it were removed, two could each hold one of the same name."""
    try:
        return Path(f"{store.url.database}-{work}").resolve().open("ab")
    except OSError as error:
        raise StoreUnavailableError(error) from error


@asynccontextmanager
async def _in_postgres(store: Store, work: str) -> AsyncIterator[Attempt]:
    """On a connection of its own, because the lock is the connection's."""
    async with store.apart() as connection:

        async def take() -> bool:
            return bool(await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))

        key = crc32(work.encode())
        try:
            yield take
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock_all()"))
