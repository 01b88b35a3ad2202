"""Every customer judged anew."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.judgement import Judgements, judged
from analytics.orders import Orders
from analytics.shop_model import ShopModel, ShopModelError, learnt
from analytics.tiers import TierLimits, tier_bounds
from crm_store.alone import alone
from crm_store.queries import scoring
from crm_store.repositories import scores
from crm_store.repositories.referrals import refresh_counts
from crm_store.repositories.scores import Filled
from crm_store.store import Store
from support.judging.causes import Borders
from support.judging.live_rules import held
from support.scoring.asking import merged_since_judged
from support.scoring.newcomers import judge_newcomers
from support.scoring.places import Ints, Places, places
from support.scoring.reading import Former, read_former, read_orders, stood
from support.scoring.rows import change_rows, history_columns, judged_columns, moved

log = structlog.get_logger()

HORIZON_DAYS = 90
"""The period that value and risk speak of: a quarter."""
WORK = "scoring"
"""What nobody does while somebody else does it."""
WRITTEN_AT_ONCE = 20_000
"""In one transaction, for which others wait a fraction of a second with SQLite."""
CHANGED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Night:
    """What was read and found: all that is to be written. `counted` says whose orders are to be kept as a line, `at` is
    the moment of the changes, as the driver takes it."""

    model: ShopModel
    judged: Judgements
    counted: NDArray[np.bool_]
    place: Places
    former: Former
    borders: Borders
    at: Any


async def rescore(
    store: Store, as_of: date, on_wait: Callable[[], None] = lambda: None, *, recount: bool = True
) -> int:
    """Judges all customers by their orders until `as_of`, keeps what was learned of the shop and how customers moved.

    With `recount` every customer's orders are kept as a line anew, else those of whoever has ordered since the night
    before: as a rule that was done as soon as they were written.
    Nobody else judges meanwhile: `on_wait` is called if they must be waited for.
    Somebody who can be reached and has not ordered has a stage alone; nobody else has a judgement, the erased neither.
    Returns how many were judged by orders. Whatever ends it half-way, doing it again is right. Money in another
    currency than the shop's most frequent one is left out of sums (analytics.orders). Raises StoreUnavailableError.
    """
    async with alone(store, WORK, on_wait):
        return await _rescore(store, as_of, recount=recount)


async def _rescore(store: Store, as_of: date, *, recount: bool) -> int:
    night = await _judge(store, as_of, recount=recount)
    await _write_judged(store, night, as_of)
    gone = await _gone(store, night, recount=recount)
    await _each(store, gone, scores.displace)
    newcomers = await judge_newcomers(store, as_of, night.former, night.at, night.borders.merged)
    await _each(store, gone, scores.forget_orders)  # what stood is noted among the changes by now
    await _drop(store, night, np.concatenate([night.judged.people.customer_id, newcomers]))
    async with store.write() as connection:
        await scores.put_model(connection, as_of, night.model.as_data())
    await refresh_counts(store)
    return len(night.judged)


async def newest_model(store: Store) -> ShopModel | None:
    """What was learned last, if it can still be read. Raises StoreUnavailableError."""
    async with store.read() as session:
        data = await scores.newest_model(session)
    try:
        return ShopModel.from_data(data) if data else None
    except ShopModelError as error:  # of another release: the next night learns it anew
        log.warning("scoring.model_unreadable", problem=str(error))
        return None


async def _judge(store: Store, as_of: date, *, recount: bool) -> _Night:
    """Arrays are made while rows are read; what is computed from them is computed beside the event loop."""
    last = await newest_model(store)
    async with store.read() as session:
        limits = (await held(session)).tiers.limits
    async with scoring.snapshot(store) as connection:
        waiting = [await read_orders(connection, as_of, last.currency if last else None)]
    model, everybody = await asyncio.to_thread(_learn, waiting, as_of, limits)
    async with scoring.snapshot(store) as connection:
        former = await read_former(connection)
    async with store.read() as session:
        merged = await merged_since_judged(session)
    counted_by = 0 if recount or last is None or last.currency != model.currency else last.as_of.toordinal()
    return _Night(
        model=model,
        judged=everybody,
        counted=everybody.people.last > counted_by,
        place=places(everybody),
        former=former,
        borders=Borders(model.tier_bounds, _by_former_limits(everybody, last, limits), merged),
        at=scores.stored_moment(store.clock(), is_sqlite=store.is_sqlite),
    )


def _learn(waiting: list[Orders], as_of: date, limits: TierLimits) -> tuple[ShopModel, Judgements]:
    """The orders are taken out of the list, so that their memory is free when customers are judged."""
    model, people = learnt(waiting.pop(), as_of, HORIZON_DAYS, limits)
    return model, judged(people, model, as_of)


def _by_former_limits(everybody: Judgements, last: ShopModel | None, limits: TierLimits) -> tuple[float, ...] | None:
    if last is None or last.limits == limits:
        return None
    return tier_bounds(np.sort(everybody.estimates.value), last.limits)


async def _write_judged(store: Store, night: _Night, as_of: date) -> None:
    for start in range(0, len(night.judged), WRITTEN_AT_ONCE):
        await _write_part(store, night, slice(start, min(start + WRITTEN_AT_ONCE, len(night.judged))), as_of)


async def _write_part(store: Store, night: _Night, part: slice, as_of: date) -> None:
    which = moved(night.judged, night.place, part, night.former)
    async with store.read() as session:
        before = await stood(await session.connection(), night.former, night.judged.people.customer_id[which])
    changes = list(change_rows(night.judged, which, before, night.at, night.borders))
    columns, histories = await asyncio.to_thread(_columns, night, part, is_sqlite=store.is_sqlite)
    async with store.write() as connection:
        await scores.put(connection, as_of, columns)
        await scores.put_histories(connection, histories)
        await scores.note_changes(connection, changes)


def _columns(night: _Night, part: slice, *, is_sqlite: bool) -> tuple[Filled, Filled]:
    people = night.judged.people.chosen(np.flatnonzero(night.counted[part]) + part.start)
    histories = history_columns(people, night.model.currency, is_sqlite=is_sqlite)
    return judged_columns(night.judged, part, is_sqlite=is_sqlite), histories


async def _gone(store: Store, night: _Night, *, recount: bool) -> Ints:
    """Whoever has no orders any more."""
    had = night.former.had_ordered()
    if recount:
        async with scoring.snapshot(store) as connection:
            had = np.array(await scoring.with_history(connection), np.int64)
    return np.setdiff1d(had, night.judged.people.customer_id, assume_unique=True)


async def _drop(store: Store, night: _Night, present: Ints) -> None:
    await _each(store, np.setdiff1d(night.former.ids, present, assume_unique=True), scores.drop)


async def _each(store: Store, ids: Ints, change: Callable[[AsyncConnection, Sequence[int]], Awaitable[None]]) -> None:
    for start in range(0, len(ids), CHANGED_AT_ONCE):
        async with store.write() as connection:
            await change(connection, ids[start : start + CHANGED_AT_ONCE].tolist())
