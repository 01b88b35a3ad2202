"""The processes that share the database, as whoever looks after them sees them; workers.membership keeps the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.columns import UtcDateTime
from crm_store.models import InboxRow, Process
from crm_store.repositories.processes import NAME
from crm_store.wire import KEY

ROLES: Final = ("run", "web", "worker")
WORKING: Final = ("run", "worker")
"""Those that let updates take effect, send and do what the timetable says."""
SILENT: Final = timedelta(seconds=15)
"""Without a sign of life for so long a process counts as dead (workers.membership.DEAD_SECONDS)."""

_LEADER: Final = f"""
SELECT process.token FROM process
JOIN pg_stat_activity AS session ON session.application_name = '{NAME}' || process.token
JOIN pg_locks AS held ON held.pid = session.pid AND held.granted
WHERE held.locktype = 'advisory' AND held.objsubid = 1
AND ((held.classid::bigint << 32) | held.objid::bigint) = {KEY}
AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
"""An advisory lock's 64 bits are shown in two halves (PostgreSQL's documentation of pg_locks)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A process's row; `silence` is how long ago its last sign of life was, by the database's clock."""

    token: int
    role: str
    host: str
    pid: int
    version: str
    silence: timedelta

    @property
    def is_alive(self) -> bool:
        return self.silence <= SILENT

    @property
    def works(self) -> bool:
        return self.role in WORKING


async def processes(session: AsyncSession, now: datetime) -> list[Seen]:
    """All that have a row, a few; `now` is this machine's clock, which is the database's too where that is a file."""
    row = Process
    query = select(row.token, row.role, row.host, row.pid, row.version, row.seen_at, _clock(session, now))
    rows = (await session.execute(query.order_by(row.number))).all()
    return [
        Seen(token, role, host, pid, version, max(clock - seen_at, timedelta()))
        for token, role, host, pid, version, seen_at, clock in rows
    ]


async def leases_without_owner(session: AsyncSession, silent: Sequence[Seen]) -> int:
    """Updates held by a process that is silent or has no row any more."""
    is_gone = InboxRow.lease.not_in(select(Process.token))
    is_silent = InboxRow.lease.in_([process.token for process in silent])
    is_held = (InboxRow.state == "waiting", InboxRow.lease.is_not(None))
    query = select(func.count()).where(*is_held, or_(is_gone, is_silent))
    return await session.scalar(query) or 0


async def leader(session: AsyncSession, name: str) -> int | None:
    """The token of the process that leads this name (workers.leadership) on PostgreSQL; None if nobody does."""
    token: int | None = await session.scalar(text(_LEADER), {"name": name})
    return token


def _clock(session: AsyncSession, now: datetime) -> ColumnElement[Any]:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return literal(now, UtcDateTime) if is_sqlite else func.clock_timestamp(type_=UtcDateTime)
