"""Searching the ledger: by words, by what is known of a touchpoint, or by both; the newest first.

Words and filters alike are terms of the index, so that any mixture of them is one look-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Subquery, and_, bindparam, func, literal_column, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, ContactPoint, Customer, Touchpoint
from crm_store.repositories.search_index import ENTRIES, WORDS
from crm_store.search_places import LAST_PLACE, first_place
from crm_store.search_terms import Phrase, pairs, tag

NEWEST = 5_000
"""PostgreSQL's index knows no order, so these are looked through first: of what is so common that its rows would take
long to sort, a page is among them."""

MOST_CONTACT_POINTS = 100
MOST_AGENTS = 500


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` ≤ at < `until`; `contact_point_ids` are those of one customer."""

    contact_point_ids: Sequence[int] | None = None
    channel: str | None = None
    direction: str | None = None
    kind: str | None = None
    agent_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


class Found(NamedTuple):
    """A touchpoint with its customer and agent; `place` is where the next page goes on."""

    place: int
    id: int
    at: datetime
    contact_point_id: int
    customer_id: int
    external_id: str | None
    customer: str
    channel: str
    direction: str
    author: str
    kind: str
    text: str | None
    agent: str | None
    ticket_id: int | None


async def search(
    session: AsyncSession, phrases: Sequence[Phrase], filters: Filters, *, before: int | None = None, limit: int
) -> list[Found]:
    """At most `limit` touchpoints that hold all phrases and pass all filters, the newest first.

    `before` is the place of the last one of the page before.
    """
    if filters.contact_point_ids is not None and not filters.contact_point_ids:
        return []
    tags, stretch = _tags(filters), _Stretch.of(filters, before)
    if not phrases and not tags:
        return await _read(session, _newest(stretch, limit))
    if session.get_bind().dialect.name == "sqlite":
        return await _read(session, _in_fts5(_match(phrases, tags), stretch, limit))
    query = _tsquery(phrases, tags)
    found = await _read(session, _among_newest(query, stretch, limit))
    return found if len(found) == limit else await _read(session, _among_all(query, stretch, limit))


class _Stretch(NamedTuple):
    """Places from `first` up to, but without, `end`."""

    first: int
    end: int

    @classmethod
    def of(cls, filters: Filters, before: int | None) -> _Stretch:
        ends = [LAST_PLACE, *([first_place(filters.until)] if filters.until else []), *([before] if before else [])]
        return cls(first_place(filters.since) if filters.since else 0, min(ends))

    def holds(self, place: ColumnElement[int]) -> ColumnElement[bool]:
        return and_(place >= _value(self.first), place < _value(self.end))


def _value(value: int | str) -> BindParameter[Any]:
    """Stands in the statement itself: a plan that is to suit all words and all times suits none."""
    return bindparam(None, value, literal_execute=True)


def _tags(filters: Filters) -> list[list[str]]:
    """Of each inner list a touchpoint must have one."""
    wanted = {
        "channel": filters.channel,
        "direction": filters.direction,
        "kind": filters.kind,
        "agent": filters.agent_id,
    }
    tags = [[tag(name, value)] for name, value in wanted.items() if value is not None]
    if filters.contact_point_ids is not None:
        tags.append([tag("contact", each) for each in filters.contact_point_ids])
    return tags


def _newest(stretch: _Stretch, limit: int) -> Subquery:
    place = ENTRIES.c.place
    return select(place).where(stretch.holds(place)).order_by(place.desc()).limit(limit).subquery()


def _match(phrases: Sequence[Phrase], tags: Sequence[Sequence[str]]) -> str:
    """In FTS5's language; terms hold no quotation marks."""
    words = [f'"{" ".join(phrase.terms)}"{" *" if phrase.open_end else ""}' for phrase in phrases]
    return " AND ".join((*words, *("(" + " OR ".join(f'"{each}"' for each in any_of) + ")" for any_of in tags)))


def _in_fts5(match: str, stretch: _Stretch, limit: int) -> Subquery:
    """FTS5 walks its rows backwards and stops when it has enough."""
    found = literal_column("search_words").op("MATCH")(match)
    place = WORDS.c.rowid
    hits = select(place.label("place")).select_from(WORDS).where(found, stretch.holds(place))
    return hits.order_by(place.desc()).limit(limit).subquery()


def _tsquery(phrases: Sequence[Phrase], tags: Sequence[Sequence[str]]) -> ColumnElement[Any]:
    words = [" <-> ".join(f"'{t}'" for t in phrase.terms) + (":*" if phrase.open_end else "") for phrase in phrases]
    narrow = [f"'{pair}'" for each in phrases for pair in pairs(each.terms[:-1] if each.open_end else each.terms)]
    any_of = [" | ".join(f"'{each}'" for each in one) for one in tags]
    return sql_cast(_value(" & ".join(f"({part})" for part in (*words, *narrow, *any_of))), TSQUERY)


def _among_newest(query: ColumnElement[Any], stretch: _Stretch, limit: int) -> Subquery:
    entry = ENTRIES.c
    newest = select(entry.place, entry.terms).where(stretch.holds(entry.place)).order_by(entry.place.desc())
    looked_at = newest.limit(NEWEST).subquery().c
    found = looked_at.terms.op("@@")(query)
    return select(looked_at.place).where(found).order_by(looked_at.place.desc()).limit(limit).subquery()


def _among_all(query: ColumnElement[Any], stretch: _Stretch, limit: int) -> Subquery:
    """By the index of words. OFFSET 0 keeps the planner from walking through all places instead, in the hope of
    finding enough soon: it takes terms that always come together for rare."""
    entry = ENTRIES.c
    hits = select(entry.place).where(entry.terms.op("@@")(query), stretch.holds(entry.place)).offset(0).subquery().c
    return select(hits.place).order_by(hits.place.desc()).limit(limit).subquery()


async def _read(session: AsyncSession, hits: Subquery) -> list[Found]:
    query = (
        select(
            hits.c.place,
            Touchpoint.id,
            Touchpoint.at,
            Touchpoint.contact_point_id,
            ContactPoint.customer_id,
            Customer.external_id,
            func.coalesce(func.nullif(Customer.name, ""), ContactPoint.display_name, ""),
            Touchpoint.channel,
            Touchpoint.direction,
            Touchpoint.author,
            Touchpoint.kind,
            Touchpoint.text,
            Agent.name,
            Touchpoint.ticket_id,
        )
        .join(ENTRIES, ENTRIES.c.place == hits.c.place)
        .join(Touchpoint, Touchpoint.id == ENTRIES.c.touchpoint_id)
        .join(ContactPoint, ContactPoint.id == Touchpoint.contact_point_id)
        .join(Customer, Customer.id == ContactPoint.customer_id)
        .outerjoin(Agent, Agent.id == Touchpoint.agent_id)
        .order_by(hits.c.place.desc())
    )
    return [Found(*row) for row in (await session.execute(query)).all()]


async def contact_points(session: AsyncSession, customer_id: int) -> Sequence[int]:
    """The newest contact points of a customer: more than anybody has who is one person."""
    query = select(ContactPoint.id).where(ContactPoint.customer_id == customer_id).order_by(ContactPoint.id.desc())
    return (await session.scalars(query.limit(MOST_CONTACT_POINTS))).all()


async def agent_named(session: AsyncSession, name: str) -> int | None:
    """Whoever has this name, also one who has left."""
    found: int | None = await session.scalar(select(Agent.id).where(Agent.name == name))
    return found


async def agent_names(session: AsyncSession) -> Sequence[str]:
    """Everybody who works here or did, by name."""
    return (await session.scalars(select(Agent.name).order_by(Agent.name).limit(MOST_AGENTS))).all()
