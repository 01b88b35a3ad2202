"""Finding what was said: in the ledger of all customers, by words and by what else is known of a contact."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.queries import ledger_search
from crm_store.queries.ledger_search import Filters, Found
from crm_store.search_hits import Excerpt, excerpt
from crm_store.search_terms import Phrase, phrases
from crm_store.unit import Unit
from support import search
from support.audit import audit
from support.customers.finding import named
from support.desk import Desk
from support.errors import DeskError


class UnknownColleagueError(DeskError):
    """Nobody who answers, or ever answered, has this name."""

    key = "console.search.unknown_agent"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no agent {name!r}", agent=name)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for. `customer` is our number or the shop's own, `agent` a name; `since` and `until` are
    days where the shop is, both included; `before` is where the page before ended.
    """

    words: str = ""
    customer: str | None = None
    channel: str | None = None
    kind: str | None = None
    direction: str | None = None
    agent: str | None = None
    since: date | None = None
    until: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A touchpoint and the line of it that shows why it was found."""

    found: Found
    excerpt: Excerpt


@dataclass(frozen=True, slots=True)
class Hits:
    """A page, the newest first; `before` asks for the next one, and is None on the last."""

    items: Sequence[Hit]
    before: int | None = None


async def search_ledger(desk: Desk, question: Question, limit: int) -> Hits:
    """At most `limit` hits. Words without a letter or digit in them find nothing; no words at all, everything.

    Raises UnknownCustomerError and UnknownColleagueError.
    """
    sought = phrases(question.words)
    filters = await _filters(desk, question)
    if question.words.strip() and not sought:
        return Hits(())
    await search.catch_up(desk.store)
    async with desk.store.read() as session:
        found = await ledger_search.search(session, sought, filters, before=question.before, limit=limit + 1)
    hits = await asyncio.to_thread(_hits, found[:limit], sought)
    return Hits(hits, hits[-1].found.place if len(found) > limit else None)


def _hits(found: Sequence[Found], sought: Sequence[Phrase]) -> list[Hit]:
    """A page of long texts takes longer than chats should be kept waiting."""
    return [Hit(each, excerpt(each.text or "", sought)) for each in found]


async def note_search(unit: Unit, agent_id: int) -> None:
    """Puts into the audit log that somebody of the staff looks through what everybody said; not for which words, which
    may be personal themselves."""
    audit(unit, "ledger.searched", "customer", "*", agent_id=agent_id)


async def _filters(desk: Desk, question: Question) -> Filters:
    async with desk.store.read() as session:
        return Filters(
            contact_point_ids=await _contacts(session, question.customer) if question.customer else None,
            channel=question.channel,
            direction=question.direction,
            kind=question.kind,
            agent_id=await _agent(session, question.agent) if question.agent else None,
            since=_begin(question.since, desk.timezone) if question.since else None,
            until=_end(question.until, desk.timezone) if question.until else None,
        )


async def _contacts(session: AsyncSession, customer: str) -> Sequence[int]:
    return await ledger_search.contact_points(session, await named(session, customer))


async def _agent(session: AsyncSession, name: str) -> int:
    agent_id = await ledger_search.agent_named(session, name)
    if agent_id is None:
        raise UnknownColleagueError(name)
    return agent_id


def _begin(day: date, zone: ZoneInfo) -> datetime | None:
    """None for the first year there is, of which a zone may know no midnight."""
    return datetime.combine(day, time(), zone) if day.year > date.min.year else None


def _end(day: date, zone: ZoneInfo) -> datetime | None:
    """The first moment of the next day."""
    return _begin(day + timedelta(days=1), zone) if day.year < date.max.year else None
