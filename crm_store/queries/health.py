"""How much waits and since when, by indexes that hold only what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import first_id, made_at_ms
from crm_store.models import Escalation, InboxRow, OutboxRow, Schedule

RECENTLY = timedelta(hours=1)
"""How far back calls are looked through that ended badly: no index holds them, and sent ones are never deleted."""


@dataclass(frozen=True, slots=True)
class Health:
    """Counts and ages at one moment; an age is that of the oldest, 0 where there is none.

    `outbox_uncertain` and `outbox_failed` are calls made within RECENTLY; `jobs_late` is that of the most overdue job.
    """

    inbox_waiting: int
    inbox_oldest: timedelta
    inbox_set_aside: int
    outbox_waiting: int
    outbox_oldest: timedelta
    outbox_sending: int
    outbox_uncertain: int
    outbox_failed: int
    queue_waiting: int
    queue_oldest: timedelta
    jobs_late: timedelta


async def health(session: AsyncSession, now: datetime) -> Health:
    """One statement for each table."""
    inbox = (await session.execute(_inbox())).one()
    outbox = (await session.execute(_outbox(now - RECENTLY))).one()
    queue = (await session.execute(_queue())).one()
    due = await session.scalar(select(func.min(Schedule.next_run_at)))
    return Health(
        inbox_waiting=inbox.waiting,
        inbox_oldest=_age(inbox.since, now),
        inbox_set_aside=inbox.set_aside,
        outbox_waiting=outbox.waiting,
        outbox_oldest=_age_of_id(outbox.first, now),
        outbox_sending=outbox.sending,
        outbox_uncertain=outbox.uncertain,
        outbox_failed=outbox.failed,
        queue_waiting=queue.waiting,
        queue_oldest=_age(queue.since, now),
        jobs_late=_age(due, now),
    )


def _inbox() -> Select[Any]:
    waiting, failed = InboxRow.state == "waiting", InboxRow.state == "failed"
    return select(
        _one(func.count(), waiting).label("waiting"),
        _one(func.min(InboxRow.received_at), waiting).label("since"),
        _one(func.count(), failed).label("set_aside"),
    )


def _outbox(since: datetime) -> Select[Any]:
    """A waiting call's age is told by its id: the index has it."""
    recent = OutboxRow.id >= first_id(int(since.timestamp() * 1000))
    waiting = OutboxRow.state == "waiting"
    return select(
        _one(func.count(), waiting).label("waiting"),
        _one(func.min(OutboxRow.id), waiting).label("first"),
        _one(func.count(), OutboxRow.state == "sending").label("sending"),
        _one(func.count(), OutboxRow.state == "uncertain", recent).label("uncertain"),
        _one(func.count(), OutboxRow.state == "failed", recent).label("failed"),
    )


def _queue() -> Select[Any]:
    waiting = (Escalation.state == "waiting", Escalation.ended_at.is_(None))
    return select(
        _one(func.count(), *waiting).label("waiting"),
        _one(func.min(Escalation.opened_at), *waiting).label("since"),
    )


def _one(what: ColumnElement[Any], *where: ColumnElement[bool]) -> Any:
    """A figure by an index of its own, whatever the others need."""
    return select(what).where(*where).scalar_subquery()


def _age(since: datetime | None, now: datetime) -> timedelta:
    return max(now - since, timedelta()) if since else timedelta()


def _age_of_id(row_id: int | None, now: datetime) -> timedelta:
    if row_id is None:
        return timedelta()
    return max(timedelta(seconds=now.timestamp() - made_at_ms(row_id) / 1000), timedelta())
