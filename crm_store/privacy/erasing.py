"""Erasing a customer's rows: a statement or two a table, all in the transaction of one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from crm_store.models import Customer, ForumTopic, Schedule, SearchEntry, Setting, StoredFile, Touchpoint
from crm_store.privacy.finding import by_contact, table, touchpoint_ids
from crm_store.privacy.register import HOLDINGS, Holding
from crm_store.privacy.whose import FORMER_TOPIC, Whose
from crm_store.repositories.search_forgetting import forget_in_index


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done: rows by table, and the paths of files whose bytes are to go once it is written."""

    rows: dict[str, int]
    paths: tuple[str, ...]


async def erase(session: AsyncSession, whose: Whose, now: datetime) -> Erasure:
    """Erases all that the register names. Doing it again finds only what came since.

    Raises StaleDataError if the customer's records were merged or taken apart since `whose` was read.
    """
    await _hold(session, whose)
    paths = await _paths(session, whose)
    touchpoints = list(await session.scalars(touchpoint_ids(whose)))
    await _forget_jobs(session, whose)
    rows = {}
    for holding in HOLDINGS:
        if not holding.stays:
            rows[holding.name] = await _write(session, _statement(holding, whose, now))
    await forget_in_index(session, touchpoints)
    return Erasure({name: count for name, count in rows.items() if count}, paths)


async def _hold(session: AsyncSession, whose: Whose) -> None:
    """From here on nobody else changes which records they are."""
    kept, *gone = whose.customer_ids
    record = table(Customer)
    is_kept = (record.c.id == kept) & record.c.merged_into_id.is_(None)
    is_gone = record.c.id.in_(gone) & (record.c.merged_into_id == kept)
    statement = update(record).where(is_kept | is_gone).values(version=record.c.version + 1)
    if await _write(session, statement) != len(whose.customer_ids):
        raise StaleDataError("the customer's records were merged or taken apart meanwhile")


async def _paths(session: AsyncSession, whose: Whose) -> tuple[str, ...]:
    found = await session.scalars(select(StoredFile.path).where(by_contact(StoredFile)(whose)))
    return tuple(path for path in found if path)


async def _forget_jobs(session: AsyncSession, whose: Whose) -> None:
    """The card's next turn on the timetable, and whose topics were that are gone."""
    topics = await session.scalars(select(ForumTopic.id).where(by_contact(ForumTopic)(whose)))
    cards = [f"card:{topic_id}" for topic_id in topics]
    await _write(session, delete(table(Schedule)).where(table(Schedule).c.key.in_(cards)))
    setting = table(Setting)
    former = setting.c.key.startswith(FORMER_TOPIC) & setting.c.value.in_(whose.contact_ids)
    await _write(session, delete(setting).where(former))


def _statement(holding: Holding, whose: Whose, now: datetime) -> Update | Delete:
    rows = table(holding.model)
    found = holding.of(whose)
    if holding.also:  # rows found through each other: all are found before the first is gone
        (key,) = rows.primary_key
        found = key.in_(select(key).where(found | holding.also(whose)).correlate(None))
    if holding.left is None:
        return delete(rows).where(found)
    if holding.model is Touchpoint:  # which can be redacted but once
        found &= rows.c.redacted_at.is_(None)
    return update(rows).where(found).values(dict(holding.left(now)))


async def _write(session: AsyncSession, statement: Update | Delete) -> int:
    return cast("CursorResult[Any]", await session.execute(statement)).rowcount


TOUCHED: Sequence[str] = (*(h.name for h in HOLDINGS if not h.stays), SearchEntry.__tablename__)
"""Tables in which an erasure leaves former versions of rows behind."""
