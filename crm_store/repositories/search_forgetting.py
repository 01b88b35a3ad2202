"""Taking erased touchpoints out of the search index, and on SQLite out of its file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import cast

from sqlalchemy import Table, delete, func, insert, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crm_store.models import Setting
from crm_store.repositories.search_index import ENTRIES, WORDS, dialect_of

IDS_AT_ONCE = 10_000
PURGE_PAGES = 500
"""Pages of 4 KB that one step merges: some tens of milliseconds, in which nobody else can write."""

SETTINGS = cast(Table, Setting.__table__)
MARK = "search.forgotten"


async def forget_in_index(connection: AsyncConnection | AsyncSession, touchpoint_ids: Collection[int]) -> None:
    """Takes these touchpoints out of the index; nobody finds them any more.

    Call it in the erasure's own transaction, after the touchpoints lost their words: one that is just being indexed
    would come back otherwise. On SQLite the terms are still somewhere in the file until support.search.purge has run,
    which the timetable does within a minute.
    """
    ids = list(touchpoint_ids)
    for start in range(0, len(ids), IDS_AT_ONCE):
        await _forget(connection, ids[start : start + IDS_AT_ONCE])


async def _forget(connection: AsyncConnection | AsyncSession, ids: Sequence[int]) -> None:
    chosen = ENTRIES.c.touchpoint_id.in_(ids)
    if dialect_of(connection).name == "sqlite":
        gone = select(literal("delete"), ENTRIES.c.place, ENTRIES.c.terms).where(chosen).order_by(ENTRIES.c.place)
        columns = [WORDS.c.search_words, WORDS.c.rowid, WORDS.c.terms]
        await connection.execute(insert(WORDS).from_select(columns, gone))
        mark = sqlite.insert(SETTINGS).values(key=MARK, value=1)
        again = mark.on_conflict_do_update(index_elements=["key"], set_={"value": SETTINGS.c.value + 1})
        await connection.execute(again)
    await connection.execute(delete(ENTRIES).where(chosen))


async def marked(session: AsyncSession) -> int | None:
    """Something else after every forgetting; None once its last traces are gone."""
    return await session.scalar(select(SETTINGS.c.value).where(SETTINGS.c.key == MARK))


async def purge_some(connection: AsyncConnection) -> bool:
    """SQLite: rewrites a part of the index without what was taken out; False once nothing is left to do.

    FTS5 only notes what is gone, until it merges its segments into one (its documentation, "The 'merge' command").
    """
    changes = select(func.total_changes())
    before = await connection.scalar(changes)
    await connection.execute(insert(WORDS).values(search_words="merge", rank=-PURGE_PAGES))
    return (await connection.scalar(changes) or 0) - (before or 0) >= 2


async def unmark(connection: AsyncConnection, mark: int) -> None:
    """Says that all is gone which had been forgotten when `mark` was read."""
    await connection.execute(delete(SETTINGS).where(SETTINGS.c.key == MARK, SETTINGS.c.value == mark))
