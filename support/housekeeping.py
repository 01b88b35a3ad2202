"""What time does by itself: resolved requests close, and what has had its day in the inbox and at the door goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from crm_store.models import AgentSession, InboxRow, LoginLink, Ticket
from crm_store.repositories import contact_links, idempotency, merges, outbox, schedule
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

OFTEN, HOURLY, DAILY = 600, 3600, 86_400


async def plan(unit: Unit) -> None:
    """Puts the recurring work on the timetable; doing it again changes nothing."""
    for job in ("close_resolved", "throw_away", "follow_merges"):
        await schedule.ask_for(unit, job, job, unit.now, every_seconds=HOURLY)
    await schedule.ask_for(unit, "forget_calls", "forget_calls", unit.now, every_seconds=OFTEN)
    await schedule.ask_for(unit, "score", "score", unit.now, every_seconds=DAILY)


async def close_resolved(unit: Unit, _: dict[str, Any]) -> None:
    query = select(Ticket).where(Ticket.status == "resolved", Ticket.resolved_at < unit.now - CLOSE_AFTER).limit(500)
    for ticket in await unit.session.scalars(query):
        tickets.close(unit, ticket, author="system")


async def follow_merges(unit: Unit, _: dict[str, Any]) -> None:
    """What was written for a record in the very moment of its merge goes to the customer."""
    unit.finish_with(merges.follow)


async def forget_calls(unit: Unit, _: dict[str, Any]) -> None:
    """The words of calls that were given up long ago; those of sent ones are forgotten as they are sent."""
    await outbox.forget_words(unit, unit.now - KEEP_CALLS)


async def throw_away(unit: Unit, _: dict[str, Any]) -> None:
    """Updates and programs' requests that took effect days ago; links and sessions that open nothing any more."""
    before = unit.now - KEEP_UPDATES
    await unit.session.execute(delete(InboxRow).where(InboxRow.state == "done", InboxRow.received_at < before))
    await unit.session.execute(delete(LoginLink).where(LoginLink.expires_at < unit.now))
    await contact_links.throw_away(unit)
    idle, old = AgentSession.seen_at < unit.now - IDLE_LIMIT, AgentSession.created_at < unit.now - SESSION_LIFE
    await unit.session.execute(delete(AgentSession).where(idle | old))
    await idempotency.forget(unit, unit.now - KEPT)
