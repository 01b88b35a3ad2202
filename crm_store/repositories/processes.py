"""Processes that share the database: joining, signs of life, and what the dead leave behind.

Only the database's clock counts; those of the machines may differ by days.
"""

from __future__ import annotations

import os
import secrets
import socket
from importlib.metadata import version
from typing import Final, NamedTuple

from sqlalchemy import delete, func, select, text, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.ids import moment
from crm_store.models import InboxRow, OutboxRow, Process, Touchpoint
from crm_store.store import WRITER

NUMBERS: Final = 1_024
NAME: Final = "touchdesk-"
"""With the token behind it, the name of a process's own connection: as long as it is there, so is the process."""

_MS: Final = moment("outbox", "touchpoint")
_SQLITE_NOW: Final = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"

_TAKE_NUMBER: Final = """
INSERT INTO process (number, token, role, host, pid, version, started_at, seen_at)
SELECT n, :token, :role, :host, :pid, :version, {now}, {now}
FROM ({numbers}) AS free WHERE n NOT IN (SELECT number FROM process) ORDER BY random() LIMIT 1
ON CONFLICT DO NOTHING RETURNING number
"""

_REAP: Final = f"""
WITH here AS (SELECT backend_start AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()),
dead AS (
    SELECT number FROM process, here
    WHERE token <> :token
    AND (greatest(seen_at, since) < clock_timestamp() - make_interval(secs => :dead)
        OR (greatest(seen_at, since) < clock_timestamp() - make_interval(secs => :silent)
            AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '{NAME}' || token)))
    FOR UPDATE OF process SKIP LOCKED),
gone AS (DELETE FROM process WHERE number IN (SELECT number FROM dead) RETURNING token),
living AS (SELECT token FROM process WHERE token NOT IN (SELECT token FROM gone)),
left_behind AS (
    SELECT id FROM inbox
    WHERE state = 'waiting' AND lease IS NOT NULL AND lease NOT IN (SELECT token FROM living)
    FOR UPDATE SKIP LOCKED),
freed AS (
    UPDATE inbox SET lease = NULL, attempts = attempts + 1 WHERE id IN (SELECT id FROM left_behind) RETURNING id)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM freed), (SELECT count(*) - 1 FROM living)
"""

_CUT_OFF: Final = f"""
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
AND (application_name = '{NAME}' || :token
    OR (application_name ~ '^{NAME}[0-9]+$' AND application_name NOT IN (SELECT '{NAME}' || token FROM process))
    OR (application_name = '{WRITER}' AND state = 'active' AND wait_event = 'ClientRead'
        AND state_change < clock_timestamp() - make_interval(secs => :dead)))
"""


class NoNumberLeftError(RuntimeError):
    """More processes than there are numbers."""

    def __init__(self) -> None:
        super().__init__(f"{NUMBERS} processes share this database already; there is no number left for another one")


class Reaped(NamedTuple):
    """How many processes were found dead, how many updates they held, and how many others live."""

    processes: int
    leases: int
    others: int


async def join(connection: AsyncConnection, role: str) -> tuple[int, int]:
    """Gives the process that runs this a row; returns its number and its token. Raises NoNumberLeftError."""
    is_sqlite = connection.dialect.name == "sqlite"
    numbers = "SELECT 0 AS n" if is_sqlite else f"SELECT generate_series(0, {NUMBERS - 1}) AS n"
    take = text(_TAKE_NUMBER.format(now=_SQLITE_NOW if is_sqlite else "clock_timestamp()", numbers=numbers))
    myself = {"role": role, "host": socket.gethostname(), "pid": os.getpid(), "version": version("touchdesk")}
    for _ in range(NUMBERS):  # another one may take the same number at the same moment
        token = secrets.randbits(62) + 1
        number = await connection.scalar(take, {"token": token, **myself})
        if number is not None:
            return number, token
        if (await connection.execute(select(func.count()).select_from(Process))).scalar_one() >= NUMBERS:
            break
    raise NoNumberLeftError


async def take_over(connection: AsyncConnection) -> None:
    """Everybody else has ended, as on SQLite, where there is one process: frees what they held, counted."""
    held = (InboxRow.state == "waiting", InboxRow.lease.is_not(None))
    await connection.execute(delete(Process))
    await connection.execute(update(InboxRow).where(*held).values(lease=None, attempts=InboxRow.attempts + 1))


async def beat(connection: AsyncConnection, token: int) -> bool:
    """A sign of life; False if the process was taken for dead meanwhile."""
    now = text(_SQLITE_NOW if connection.dialect.name == "sqlite" else "clock_timestamp()")
    seen = update(Process).where(Process.token == token).values(seen_at=now)
    return (await connection.execute(seen)).rowcount == 1


async def clock_ms(connection: AsyncConnection) -> int:
    """PostgreSQL's clock in milliseconds since 1970, never behind the rows whose ids are their order."""
    ms: int = (await connection.execute(text(f"SELECT {_MS}"))).scalar_one()
    return ms


async def newest_id(connection: AsyncConnection) -> int:
    """Of the rows whose ids are their order; 0 if there are none."""
    newest = union_all(*(select(func.max(table.id).label("id")) for table in (InboxRow, OutboxRow, Touchpoint)))
    return await connection.scalar(select(func.max(newest.subquery().c.id))) or 0


async def reap(connection: AsyncConnection, token: int, silent: float, dead: float) -> Reaped:
    """Ends what is dead, seen by the living process with this token, and frees what it held, all or nothing.

    Dead is who has given no sign of life for `dead` seconds, or for `silent` seconds without a connection of its own.
    Silence counts from when the caller's connection began, because after the database's own trouble nobody has been
    seen. Waits for nobody: what a stopped process has locked in the middle of a commit is freed once that is over.
    """
    row = (await connection.execute(text(_REAP), {"token": token, "silent": silent, "dead": dead})).one()
    return Reaped(*row)


async def cut_off(connection: AsyncConnection, token: int, dead: float) -> None:
    """Ends the connections of processes that were taken for dead, and former ones of the caller's, with their locks.

    Where a network or a machine has failed, the server may take hours to notice. And a process that was stopped between
    two parts of a statement is busy in the server's eyes, and would keep its rows: after `dead` seconds without a
    further word it is cut off, too.
    """
    await connection.execute(text(_CUT_OFF), {"token": str(token), "dead": dead})


async def leave(connection: AsyncConnection, token: int, *, failed: bool = False) -> None:
    """Gives back what the process holds, as if never taken, and its place. If the process `failed`, any of it may be
    what made it fail, and that is counted.
    """
    mine = (InboxRow.state == "waiting", InboxRow.lease == token)
    given_back = update(InboxRow).where(*mine).values(lease=None, attempts=InboxRow.attempts + int(failed))
    await connection.execute(given_back)
    await connection.execute(delete(Process).where(Process.token == token))
