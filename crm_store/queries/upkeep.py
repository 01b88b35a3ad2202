"""What an operator asks of a database: how it is set, what waits in it, what was given up, and whether its keys fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Text, func, or_, select, text, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import made_at_ms
from crm_store.models import Customer, FaqEntryRow, InboxRow, OutboxRow, Schedule, Touchpoint
from crm_store.queries.health import LANES
from crm_store.store import Store

SAMPLE = 20
"""Encrypted values that are looked at, of the oldest customers and of the newest."""
MIXED_UP = ("26000", "42P05")
"""SQLSTATEs: a prepared statement is not there that was, or is there already."""


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and since when the longest."""

    waiting: int
    oldest: datetime | None


async def pragma(session: AsyncSession, name: str) -> str:
    """The first row of one of SQLite's PRAGMAs."""
    return str(await session.scalar(text(f"PRAGMA {name}")))


async def show(session: AsyncSession, names: Sequence[str]) -> dict[str, str]:
    """PostgreSQL's settings as it shows them."""
    return {name: str(await session.scalar(text("SELECT current_setting(:name)"), {"name": name})) for name in names}


async def server_time(session: AsyncSession) -> datetime:
    """PostgreSQL's clock."""
    found: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return found


async def shares_sessions(store: Store) -> bool:
    """Whether something in front of PostgreSQL lets two connections that are both open speak in one of its sessions.

    A pooler that does not keep statements apart shows itself by mixing up theirs.
    """
    async with store.apart() as one, store.apart() as other:
        try:
            pids = [await each.scalar(text("SELECT pg_backend_pid()")) for each in (one, other)]
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) in MIXED_UP:
                return True
            raise
    return len(set(pids)) < len(pids)


async def inbox(session: AsyncSession) -> Queue:
    query = select(func.count(), func.min(InboxRow.received_at)).where(InboxRow.state == "waiting")
    return Queue(*(await session.execute(query)).one())


async def set_aside(session: AsyncSession, since: datetime) -> int:
    """Updates that were given up."""
    query = select(func.count()).where(InboxRow.state == "failed", InboxRow.received_at >= since)
    return await session.scalar(query) or 0


async def outbox(session: AsyncSession, now: datetime) -> dict[str, Queue]:
    """Calls by lane (crm_store.queries.health.LANES) that could be made now; not those that are put off."""
    lane, is_free = OutboxRow.lane, or_(OutboxRow.not_before.is_(None), OutboxRow.not_before <= now)
    query = select(lane, func.count(), func.min(OutboxRow.created_at)).where(OutboxRow.state == "waiting", is_free)
    rows = (await session.execute(query.group_by(lane).order_by(lane))).all()
    return {LANES[lane]: Queue(waiting, oldest) for lane, waiting, oldest in rows}


async def put_off(session: AsyncSession, now: datetime, since: datetime) -> list[tuple[str, int]]:
    """(Telegram's words, how many) of calls older than `since` that will be tried again later, the most first."""
    number = func.count()
    query = (
        select(func.coalesce(OutboxRow.error, ""), number)
        .where(OutboxRow.state == "waiting", OutboxRow.not_before > now, OutboxRow.created_at < since)
        .group_by(OutboxRow.error)
        .order_by(number.desc())
    )
    return [(words, count) for words, count in (await session.execute(query)).all()]


async def given_up(session: AsyncSession, since: datetime) -> list[tuple[str, str, int]]:
    """(state, Telegram's words, how many) of calls that failed or may have arrived, the most first."""
    number = func.count()
    query = (
        select(OutboxRow.state, func.coalesce(OutboxRow.error, ""), number)
        .where(OutboxRow.state.in_(("failed", "uncertain")), OutboxRow.created_at >= since)
        .group_by(OutboxRow.state, OutboxRow.error)
        .order_by(number.desc())
    )
    return [(state, words, count) for state, words, count in (await session.execute(query)).all()]


async def late_jobs(session: AsyncSession, before: datetime) -> Sequence[str]:
    """The timetable's jobs whose time was before this."""
    query = select(Schedule.job).where(Schedule.next_run_at < before).distinct().order_by(Schedule.job)
    return (await session.scalars(query)).all()


async def published_entries(session: AsyncSession) -> int:
    query = select(func.count()).select_from(FaqEntryRow).where(FaqEntryRow.withdrawn_at.is_(None))
    return await session.scalar(query) or 0


async def newest_id_ms(session: AsyncSession) -> int:
    """When the newest row was made by the clock of that time, in milliseconds since 1970; 0 for an empty database."""
    newest = [await session.scalar(select(func.max(model.id))) for model in (InboxRow, OutboxRow, Touchpoint)]
    return max(made_at_ms(found) if found else 0 for found in newest)


async def encrypted_values(session: AsyncSession) -> Sequence[str]:
    """Phones and e-mails as they are stored, of the first customers and of the last: keys may have changed between."""
    value = func.coalesce(type_coerce(Customer.phone, Text), type_coerce(Customer.email, Text))
    query = select(value).where(value.is_not(None)).limit(SAMPLE)
    oldest = await session.scalars(query.order_by(Customer.id))
    newest = await session.scalars(query.order_by(Customer.id.desc()))
    return [*oldest.all(), *newest.all()]
