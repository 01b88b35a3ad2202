"""What time does by itself: resolved requests close, and what has had its day in inbox, outbox and at the door goes.

A few rows at a time: a job that found more than that is due again at once, and others write in between.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from crm_store.models import AgentSession, ContactLink, IdempotencyKey, InboxRow, LoginLink, Ticket
from crm_store.repositories import merges, outbox_forgetting, schedule
from crm_store.repositories.tidying import delete_some
from crm_store.unit import Unit
from support import tickets
from support.access import IDLE_LIMIT, SESSION_LIFE
from support.idempotency import KEPT

CLOSE_AFTER = timedelta(days=7)
"""A resolved ticket closes after so long without a word (design.md, "escalation")."""

KEEP_UPDATES = timedelta(days=3)
"""Telegram repeats an update for a day at most; ids may restart after an idle week, so no longer than that either."""

KEEP_CALLS = timedelta(days=7)
"""So long an agent can send again what may not have arrived."""

KEEP_SENT = timedelta(days=30)
"""So long the console tells of words that they were sent."""

OFTEN, HOURLY = 600, 3600


async def plan(unit: Unit) -> None:
    """Puts the recurring work on the timetable; doing it again changes nothing."""
    for job in ("close_resolved", "throw_away", "follow_merges"):
        await schedule.ask_for(unit, job, job, unit.now, every_seconds=HOURLY)
    await schedule.ask_for(unit, "forget_calls", "forget_calls", unit.now, every_seconds=OFTEN)


async def close_resolved(unit: Unit, _: dict[str, Any]) -> None:
    query = select(Ticket).where(Ticket.status == "resolved", Ticket.resolved_at < unit.now - CLOSE_AFTER).limit(500)
    for ticket in await unit.session.scalars(query):
        tickets.close(unit, ticket, author="system")


async def follow_merges(unit: Unit, _: dict[str, Any]) -> None:
    """What was written for a record in the very moment of its merge goes to the customer."""
    unit.finish_with(merges.follow)


async def forget_calls(unit: Unit, _: dict[str, Any]) -> datetime | None:
    """The words of calls that were given up long ago; those of sent ones are forgotten as they are sent."""
    more = await outbox_forgetting.forget_words(unit, unit.now - KEEP_CALLS)
    return unit.now if more else None


async def throw_away(unit: Unit, _: dict[str, Any]) -> datetime | None:
    """Updates, calls, requests of programs that took effect days ago; links and sessions that open nothing any more."""
    now = unit.now
    idle, old = AgentSession.seen_at < now - IDLE_LIMIT, AgentSession.created_at < now - SESSION_LIFE
    more = [
        await outbox_forgetting.throw_away(unit, now - KEEP_SENT),
        await delete_some(unit, InboxRow, (InboxRow.state == "done") & (InboxRow.received_at < now - KEEP_UPDATES)),
        await delete_some(unit, IdempotencyKey, IdempotencyKey.at < now - KEPT),
        await delete_some(unit, LoginLink, LoginLink.expires_at < now),
        await delete_some(unit, ContactLink, ContactLink.used_at.is_(None) & (ContactLink.expires_at < now)),
        await delete_some(unit, AgentSession, idle | old),
    ]
    return now if any(more) else None
