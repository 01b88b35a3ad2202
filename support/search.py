"""Keeps the ledger findable: what was written is indexed some seconds later, off every message's path."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from crm_store.queries.chat import earlier
from crm_store.repositories import schedule
from crm_store.repositories.search_forgetting import marked, purge_some, unmark
from crm_store.repositories.search_index import Document, Unindexed, newest, unindexed, write
from crm_store.search_terms import tag, terms
from crm_store.store import Store
from crm_store.unit import Unit

JOB = "index_search"

EVERY_SECONDS, BACK = 5, timedelta(seconds=60)
"""Ids are made before a unit is written, so that a unit of another process may come later than a newer one."""

LATE_EVERY_SECONDS, LATE_BACK = 600, timedelta(hours=6)
"""A file of a million rows is one long transaction, while which others write."""

ALL_EVERY_SECONDS = 86_400
"""However late it came, nothing stays hidden for longer: a computer's clock may be days behind."""

AT_ONCE = 500
MOST_AT_A_TIME = 10_000
MOST_BEFORE_A_SEARCH = 1_000


class Step(NamedTuple):
    """How many were added, the last that was looked at, and whether there may be more behind it."""

    added: int
    upto: int
    is_full: bool


async def plan(unit: Unit) -> None:
    """Puts the indexing on the timetable; doing it again changes nothing."""
    late = {"back_seconds": LATE_BACK.total_seconds(), "to_the_end": True}
    for key, every, payload in (
        ("search", EVERY_SECONDS, {"back_seconds": BACK.total_seconds()}),
        ("search.late", LATE_EVERY_SECONDS, late),
        ("search.all", ALL_EVERY_SECONDS, {"after": 0, "to_the_end": True}),
    ):
        await schedule.ask_for(unit, key, JOB, unit.now, payload, every_seconds=every)


async def work_off(store: Store, unit: Unit, payload: dict[str, Any]) -> None:
    """The timetable's job: indexes what is new, and removes the last traces of what was erased.

    `payload`: `after` an id, or from `back_seconds` before the newest that is indexed; `to_the_end`: after a full step
    it asks to go on at once from there, however new the newest is by then.
    """
    after = payload["after"] if "after" in payload else await _before_newest(store, payload["back_seconds"])
    step = await _index(store, after, MOST_AT_A_TIME)
    if step.is_full and payload.get("to_the_end"):
        await schedule.ask_for(unit, f"search.more:{step.upto}", JOB, unit.now, payload | {"after": step.upto})
    await purge(store)


async def catch_up(store: Store, back: timedelta = BACK, most: int = MOST_BEFORE_A_SEARCH) -> int:
    """Indexes touchpoints that are not, from so long before the newest one that is, the oldest first; about `most`.

    Returns how many were added. Several processes may do it at once. Raises StoreUnavailableError.
    """
    return (await _index(store, await _before_newest(store, back.total_seconds()), most)).added


async def _before_newest(store: Store, seconds: float) -> int:
    async with store.read() as session:
        return earlier(await newest(session), seconds)


async def _index(store: Store, after: int, most: int) -> Step:
    """The oldest with greater ids than `after`, about `most`."""
    added = looked_at = 0
    while looked_at < most:
        async with store.read() as session:
            found = await unindexed(session, after, AT_ONCE)
        if not found:
            return Step(added, after, is_full=False)
        documents = await asyncio.to_thread(_documents, found)
        async with store.write() as connection:
            added += await write(connection, documents)
        after, looked_at = found[-1].id, looked_at + len(found)
    return Step(added, after, is_full=True)


def _documents(found: Sequence[Unindexed]) -> list[Document]:
    """Hundreds of long texts take longer than chats should be kept waiting."""
    return [document(each) for each in found]


def document(touchpoint: Unindexed) -> Document:
    """What a touchpoint is found by; its tags are what crm_store.queries.ledger_search filters by."""
    known = {
        "contact": touchpoint.contact_point_id,
        "channel": touchpoint.channel,
        "direction": touchpoint.direction,
        "kind": touchpoint.kind,
        "agent": touchpoint.agent_id,
    }
    tags = [tag(name, value) for name, value in known.items() if value is not None]
    return Document(touchpoint.id, touchpoint.at, terms(touchpoint.text or ""), tags)


async def purge(store: Store) -> None:
    """Removes what forget_in_index left of erased words in SQLite's file; does nothing where nothing was erased.

    In small steps, so that messages are not kept waiting. PostgreSQL's vacuum does it there. Raises
    StoreUnavailableError.
    """
    if not store.is_sqlite:
        return
    async with store.read() as session:
        mark = await marked(session)
    if mark is None:
        return
    unfinished = True
    while unfinished:
        async with store.write() as connection:
            unfinished = await purge_some(connection)
    async with store.write() as connection:
        await unmark(connection, mark)
