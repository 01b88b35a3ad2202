"""The search index: what is not in it yet, putting it in, and taking out what was erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Dialect, Table, and_, column, exists, func, insert, not_, select, table
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import SearchEntry, Touchpoint
from crm_store.search_places import another_place, place_of
from crm_store.search_terms import pairs

ENTRIES = cast(Table, SearchEntry.__table__)
WORDS = table("search_words", column("search_words"), column("rowid"), column("terms"), column("rank"))
"""FTS5's table (migration 0005); what is put into the column of its own name is a command."""


class Unindexed(NamedTuple):
    """A touchpoint that nobody can find yet."""

    id: int
    at: datetime
    contact_point_id: int
    channel: str
    direction: str
    kind: str
    agent_id: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """What a touchpoint is found by: the terms of its words in order, and the tags of all else."""

    touchpoint_id: int
    at: datetime
    terms: Sequence[str]
    tags: Sequence[str]


async def newest(session: AsyncSession) -> int:
    """The newest touchpoint in the index; 0 where it is empty."""
    return await session.scalar(select(func.max(ENTRIES.c.touchpoint_id))) or 0


async def unindexed(session: AsyncSession, after: int, limit: int) -> list[Unindexed]:
    """Touchpoints with greater ids than `after` that are not in the index and not erased, the oldest first."""
    query = (
        select(*(getattr(Touchpoint, name) for name in Unindexed._fields))
        .where(Touchpoint.id > after, _is_open(after))
        .order_by(Touchpoint.id)
        .limit(limit)
    )
    return [Unindexed(*row) for row in (await session.execute(query)).all()]


async def write(connection: AsyncConnection, documents: Sequence[Document]) -> int:
    """Adds those whose touchpoint has not been erased or added meanwhile; returns how many. At least one document."""
    open_ids = await _still_open(connection, [document.touchpoint_id for document in documents])
    places = await _places(connection, [document for document in documents if document.touchpoint_id in open_ids])
    if not places:
        return 0
    shown = _as_tsvector if connection.dialect.name == "postgresql" else _as_text
    # in the order of places, because FTS5 begins another segment whenever it has to go back
    rows = [
        {"place": place, "touchpoint_id": document.touchpoint_id, "terms": shown(document)}
        for place, document in sorted(places.items(), key=lambda each: each[0])
    ]
    if connection.dialect.name == "postgresql":
        await connection.execute(postgresql.insert(ENTRIES).on_conflict_do_nothing(), rows)
    else:
        await connection.execute(insert(ENTRIES), rows)
        words = [{"rowid": row["place"], "terms": row["terms"]} for row in rows]
        await connection.execute(insert(WORDS), words)
    return len(rows)


async def _still_open(connection: AsyncConnection, ids: Sequence[int]) -> set[int]:
    """Held until the end of the transaction: an erasure that comes now waits, and then finds what to take out."""
    query = select(Touchpoint.id).where(Touchpoint.id.in_(ids), _is_open(min(ids) - 1))
    return set(await connection.scalars(query.with_for_update(read=True, skip_locked=True)))


def _is_open(after: int) -> ColumnElement[bool]:
    """Neither erased nor indexed. For ids greater than `after`: PostgreSQL would go through all others as well."""
    indexed = exists().where(ENTRIES.c.touchpoint_id == Touchpoint.id, ENTRIES.c.touchpoint_id > after)
    return and_(Touchpoint.redacted_at.is_(None), not_(indexed))


async def _places(connection: AsyncConnection, documents: Iterable[Document]) -> dict[int, Document]:
    """A free place for each."""
    found: dict[int, Document] = {}
    waiting = [(place_of(document.at, document.touchpoint_id), document) for document in documents]
    while waiting:
        wanted = [place for place, _ in waiting]
        taken = set(await connection.scalars(select(ENTRIES.c.place).where(ENTRIES.c.place.in_(wanted)))) | set(found)
        again = []
        for place, document in waiting:
            if place in taken or place in found:
                again.append((another_place(place), document))
            else:
                found[place] = document
        waiting = again
    return found


def _as_text(document: Document) -> str:
    return " ".join((*document.terms, *document.tags))


def _as_tsvector(document: Document) -> str:
    """Terms hold neither quotation marks nor backslashes."""
    places: dict[str, list[str]] = {}
    for place, term in enumerate(document.terms, 1):
        places.setdefault(term, []).append(str(place))
    words = [f"'{term}':{','.join(at)}" for term, at in places.items()]
    return " ".join((*words, *(f"'{each}'" for each in {*pairs(document.terms), *document.tags})))


def dialect_of(connection: AsyncConnection | AsyncSession) -> Dialect:
    return connection.dialect if isinstance(connection, AsyncConnection) else connection.get_bind().dialect
