"""What a database keeps of rows that are gone, and how it is made to let go of it.

SQLite: every connection overwrites what it deletes (PRAGMA secure_delete), so after an erasure only the write-ahead log
still holds former pages, until it is checkpointed and cut. VACUUM writes the whole file anew, for what may be left in
the gaps of pages from before.

PostgreSQL: former versions of rows stay in their pages until VACUUM frees the room.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from crm_store.privacy.erasing import TOUCHED
from crm_store.store import Store

CHECKPOINT_TRIES = 20
CHECKPOINT_SECONDS = 0.25
WAIT_MS = 100
"""Whoever waits for readers here holds up all who write meanwhile."""


class BusyLogError(RuntimeError):
    """Somebody has read from SQLite's log all the time, so that it could not be cut."""

    def __init__(self) -> None:
        super().__init__("the database's log could not be cut, because somebody kept reading: try again")


async def cut_log(store: Store) -> None:
    """SQLite: what the log holds goes into the file, and the log is emptied. Raises BusyLogError.

    Takes milliseconds; readers are waited for. PostgreSQL recycles its log by itself.
    """
    if not store.is_sqlite:
        return
    for _ in range(CHECKPOINT_TRIES):
        async with store.apart() as connection:
            await connection.exec_driver_sql(f"PRAGMA busy_timeout = {WAIT_MS}")
            busy, *_ = (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        if not busy:
            return
        await asyncio.sleep(CHECKPOINT_SECONDS)
    raise BusyLogError


async def rewrite(store: Store) -> None:
    """SQLite: writes the whole file anew, about a second for 100 MB and twice its room on the disk, in which nobody
    else can write. PostgreSQL: vacuums what an erasure touches, while everybody goes on.

    On PostgreSQL only a table's owner may; for others it does nothing, and autovacuum does it in time. Raises
    BusyLogError and StoreUnavailableError.
    """
    if store.is_sqlite:
        async with store.writer.connect(), store.apart() as connection:  # whoever writes waits in line
            await connection.exec_driver_sql("VACUUM")
        await cut_log(store)
    else:
        async with store.apart() as connection:
            await connection.execute(text(f"VACUUM {', '.join(TOUCHED)}"))
