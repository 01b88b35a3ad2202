"""How much waits and since when, by indexes that hold only what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import first_id, made_at_ms
from crm_store.models import Escalation, InboxRow, OutboxRow, Schedule
from crm_store.queries.processes import ROLES, processes

RECENTLY = timedelta(hours=1)
"""How far back calls are looked through that ended badly: no index holds them, and sent ones stay for days."""
LANES: Final = ("agent", "answer", "notice", "campaign")
"""Names of OutboxRow.lane."""
EMPTY: Final = (0, None)
"""A lane in which nothing waits."""


@dataclass(frozen=True, slots=True)
class Health:
    """Counts and ages at one moment; an age is that of the oldest, 0 where there is none.

    `inbox_leased` are those of the waiting that a process works on. What waits in the outbox is told by lane (LANES).
    `outbox_uncertain` and `outbox_failed` are calls made within RECENTLY; `jobs_late` is that of the most overdue job.
    `processes` are the living by role; those without a sign of life are `processes_silent`.
    """

    inbox_waiting: int
    inbox_leased: int
    inbox_oldest: timedelta
    inbox_set_aside: int
    outbox_waiting: Mapping[str, int]
    outbox_oldest: Mapping[str, timedelta]
    outbox_sending: int
    outbox_uncertain: int
    outbox_failed: int
    queue_waiting: int
    queue_oldest: timedelta
    jobs_late: timedelta
    processes: Mapping[str, int]
    processes_silent: int
    versions: int


async def health(session: AsyncSession, now: datetime) -> Health:
    """One statement for each table, two for the outbox."""
    inbox = (await session.execute(_inbox())).one()
    outbox = (await session.execute(_outbox(now - RECENTLY))).one()
    lanes = {LANES[lane]: (count, first) for lane, count, first in (await session.execute(_lanes())).all()}
    queue = (await session.execute(_queue())).one()
    due = await session.scalar(select(func.min(Schedule.next_run_at)))
    seen = await processes(session, now)
    alive = [process for process in seen if process.is_alive]
    return Health(
        inbox_waiting=inbox.waiting,
        inbox_leased=inbox.leased,
        inbox_oldest=_age(inbox.since, now),
        inbox_set_aside=inbox.set_aside,
        outbox_waiting={lane: lanes.get(lane, EMPTY)[0] for lane in LANES},
        outbox_oldest={lane: _age_of_id(lanes.get(lane, EMPTY)[1], now) for lane in LANES},
        outbox_sending=outbox.sending,
        outbox_uncertain=outbox.uncertain,
        outbox_failed=outbox.failed,
        queue_waiting=queue.waiting,
        queue_oldest=_age(queue.since, now),
        jobs_late=_age(due, now),
        processes=dict.fromkeys(ROLES, 0) | Counter(process.role for process in alive),
        processes_silent=len(seen) - len(alive),
        versions=len({process.version for process in alive}),
    )


def _inbox() -> Select[Any]:
    waiting, failed = InboxRow.state == "waiting", InboxRow.state == "failed"
    return select(
        _one(func.count(), waiting).label("waiting"),
        _one(func.count(), waiting, InboxRow.lease.is_not(None)).label("leased"),
        _one(func.min(InboxRow.received_at), waiting).label("since"),
        _one(func.count(), failed).label("set_aside"),
    )


def _lanes() -> Select[int, int, int]:
    """A waiting call's age is told by its id: the index has it."""
    lane = OutboxRow.lane
    return select(lane, func.count(), func.min(OutboxRow.id)).where(OutboxRow.state == "waiting").group_by(lane)


def _outbox(since: datetime) -> Select[Any]:
    recent = OutboxRow.id >= first_id(int(since.timestamp() * 1000))
    return select(
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
