"""Those who have not ordered: a stage alone, by what they asked and how often they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.stages import stage_before_order
from crm_store.queries import scoring
from crm_store.queries.scoring import Rows
from crm_store.repositories import scores
from crm_store.repositories.scores import midnight, stored_moment
from crm_store.store import Store
from support.judging.causes import Borders, Stood
from support.scoring.places import Ints, names, place_before_order
from support.scoring.reading import Former
from support.scoring.rows import Row, change_row

BUYERS_CATEGORIES = ("products", "product", "prices", "price", "stock", "catalogue", "assortment")
"""FAQ categories whose entries are about what there is to buy."""
SESSIONS_WITHIN = timedelta(days=30)
_NO_BORDERS = Borders(())


async def judge_newcomers(store: Store, as_of: date, former: Former, at: Any) -> Ints:
    """All who can be reached and have no order, once those with orders are written; returns who they are."""
    since, until = _window(as_of)
    async with scoring.snapshot(store) as connection:
        found = scoring.never_ordered(connection, midnight(as_of), since, until, BUYERS_CATEGORIES)
        done = [await _keep(store, some, as_of, former, at) async for some in found]
    return np.concatenate([np.zeros(0, np.int64), *done])


async def judge_newcomers_of(
    store: Store, connection: AsyncConnection, ids: Sequence[int], as_of: date, former: Former, at: Any
) -> Ints:
    """Those among some customers without an order who can be reached."""
    rows = await scoring.never_ordered_of(connection, ids, *_window(as_of), BUYERS_CATEGORIES)
    return await _keep(store, rows, as_of, former, at)


def _window(as_of: date) -> tuple[Any, Any]:
    """Moments from which on sessions count, and before which all happened."""
    until = midnight(as_of) + timedelta(days=1)
    return until - SESSIONS_WITHIN, until


async def _keep(store: Store, some: Rows, as_of: date, former: Former, at: Any) -> Ints:
    ids = np.array([customer_id for customer_id, _, _ in some], np.int64)
    stages = [
        str(stage_before_order(asked_about_products=bool(asked), sessions_in_30_days=sessions))
        for _, asked, sessions in some
    ]
    moment = stored_moment(midnight(as_of), is_sqlite=store.is_sqlite)
    rows = [
        scores.stage_alone(who, moment, stage, is_sqlite=store.is_sqlite)
        for who, stage in zip(ids.tolist(), stages, strict=True)
    ]
    changes = _changes(ids, stages, former, at)
    async with store.write() as connection:
        await scores.put(connection, rows)
        await scores.note_changes(connection, changes)
    return ids


def _changes(ids: Ints, stages: Sequence[str], former: Former, at: Any) -> list[Row]:
    rows = []
    for who, stage, found in zip(ids.tolist(), stages, former.find(ids).tolist(), strict=True):
        place = place_before_order(stage)
        if found < 0 or former.place[found] != place:
            now = Stood(*names(place), orders=0, value=0.0, total=0.0)
            rows.append(change_row(who, at, former.stood(found), now, None, _NO_BORDERS))
    return rows
