"""Those who have not ordered: a stage alone, by what they asked and how often they came."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.stages import stage_before_order
from crm_store.queries import scoring
from crm_store.queries.scoring import Rows
from crm_store.repositories import scores
from crm_store.repositories.scores import midnight
from crm_store.store import Store
from support.judging.causes import Borders, Stood
from support.scoring.places import Ints, names, place_before_order
from support.scoring.reading import Former, stood
from support.scoring.rows import Row, change_row, stage_columns

BUYERS_CATEGORIES = ("products", "product", "prices", "price", "stock", "catalogue", "assortment")
"""FAQ categories whose entries are about what there is to buy."""
SESSIONS_WITHIN = timedelta(days=30)


async def judge_newcomers(store: Store, as_of: date, former: Former, at: Any, merged: Collection[int] = ()) -> Ints:
    """All who can be reached and have no order, once those with orders are written; returns who they are."""
    since, until = _window(as_of)
    async with scoring.snapshot(store) as connection:
        found = scoring.never_ordered(connection, as_of, since, until, BUYERS_CATEGORIES)
        done = [await _keep(store, some, as_of, former, at, merged) async for some in found]
    return np.concatenate([np.zeros(0, np.int64), *done])


async def judge_newcomers_of(
    store: Store,
    connection: AsyncConnection,
    ids: Sequence[int],
    as_of: date,
    former: Former,
    at: Any,
    merged: Collection[int] = (),
) -> Ints:
    """Those among some customers without an order who can be reached."""
    rows = await scoring.never_ordered_of(connection, ids, *_window(as_of), BUYERS_CATEGORIES)
    return await _keep(store, rows, as_of, former, at, merged)


def _window(as_of: date) -> tuple[Any, Any]:
    """Moments from which on sessions count, and before which all happened."""
    until = midnight(as_of) + timedelta(days=1)
    return until - SESSIONS_WITHIN, until


async def _keep(store: Store, some: Rows, as_of: date, former: Former, at: Any, merged: Collection[int]) -> Ints:
    ids = np.array([customer_id for customer_id, _, _ in some], np.int64)
    stages = [
        str(stage_before_order(asked_about_products=bool(asked), sessions_in_30_days=sessions))
        for _, asked, sessions in some
    ]
    changes = await _changes(store, ids, stages, former, at, Borders((), merged=merged))
    async with store.write() as connection:
        await scores.put(connection, as_of, stage_columns(ids.tolist(), stages, is_sqlite=store.is_sqlite))
        await scores.note_changes(connection, changes)
    return ids


async def _changes(
    store: Store, ids: Ints, stages: Sequence[str], former: Former, at: Any, borders: Borders
) -> list[Row]:
    places = np.array([place_before_order(stage) for stage in stages], np.int64)
    moved = np.flatnonzero(former.of(ids) != places)
    async with store.read() as session:
        before = await stood(await session.connection(), former, ids[moved])
    now = [(who, Stood(*names(place), orders=0, value=0.0, total=0.0)) for who, place in _pairs(ids, places, moved)]
    return [change_row(who, at, before.get(who), stands, None, borders) for who, stands in now]


def _pairs(ids: Ints, places: Ints, which: Ints) -> Iterable[tuple[int, int]]:
    return zip(ids[which].tolist(), places[which].tolist(), strict=True)
