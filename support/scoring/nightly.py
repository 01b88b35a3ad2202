"""Every customer judged anew from all orders."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analytics.judgement import Judgements, judged
from analytics.orders import Orders
from analytics.shop_model import ShopModel, ShopModelError, learnt
from analytics.tiers import TierLimits, tier_bounds
from crm_store.queries import scoring
from crm_store.repositories import scores
from crm_store.repositories.referrals import refresh_counts
from crm_store.store import Store
from support.judging.causes import Borders
from support.judging.live_rules import held
from support.scoring.newcomers import judge_newcomers
from support.scoring.places import Ints, places
from support.scoring.reading import Former, read_former, read_orders
from support.scoring.rows import Row, change_rows, score_rows

HORIZON_DAYS = 90
"""The period that value and risk speak of: a quarter."""
WRITTEN_AT_ONCE = 20_000
"""In one transaction, for which others wait a fraction of a second with SQLite."""
DROPPED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Night:
    """What was read and found: all that is to be written. `at` is the moment of the changes, as the driver takes it."""

    model: ShopModel
    judged: Judgements
    place: Ints
    former: Former
    borders: Borders
    at: Any


async def rescore(store: Store, as_of: date) -> int:
    """Judges all customers by their orders until `as_of`, keeps what was learned of the shop and how customers moved.

    Somebody who can be reached and has not ordered has a stage alone; nobody else has a judgement, the erased neither.
    Returns how many were judged by orders. Whatever ends it half-way, doing it again is right. Money in another
    currency than the shop's most frequent one is left out of sums (analytics.orders). Raises StoreUnavailableError.
    """
    night = await _judge(store, as_of)
    await _write_judged(store, night, as_of)
    await _drop(store, night, await _judge_others(store, night, as_of))
    async with store.write() as connection:
        await scores.put_model(connection, as_of, night.model.as_data())
        await refresh_counts(connection)
    return len(night.judged)


async def newest_model(store: Store) -> ShopModel | None:
    """What was learned last, if it can still be read. Raises StoreUnavailableError."""
    async with store.read() as session:
        data = await scores.newest_model(session)
    try:
        return ShopModel.from_data(data) if data else None
    except ShopModelError:  # of another release: the next night learns it anew
        return None


async def _judge(store: Store, as_of: date) -> _Night:
    """Arrays are made while rows are read; what is computed from them is computed beside the event loop."""
    last = await newest_model(store)
    async with store.read() as session:
        limits = (await held(session)).tiers.limits
    async with scoring.snapshot(store) as connection:
        waiting = [await read_orders(connection, as_of, last.currency if last else None)]
    model, everybody = await asyncio.to_thread(_learn, waiting, as_of, limits)
    async with scoring.snapshot(store) as connection:
        former = await read_former(connection)
    borders = Borders(model.tier_bounds, _by_former_limits(everybody, last, limits))
    at = scores.stored_moment(store.clock(), is_sqlite=store.is_sqlite)
    return _Night(model, everybody, places(everybody), former, borders, at)


def _learn(waiting: list[Orders], as_of: date, limits: TierLimits) -> tuple[ShopModel, Judgements]:
    """The orders are taken out of the list, so that their memory is free when customers are judged."""
    model, people = learnt(waiting.pop(), as_of, HORIZON_DAYS, limits)
    return model, judged(people, model, as_of)


def _by_former_limits(everybody: Judgements, last: ShopModel | None, limits: TierLimits) -> tuple[float, ...] | None:
    if last is None or last.limits == limits:
        return None
    return tier_bounds(everybody.estimates.value, last.limits)


async def _write_judged(store: Store, night: _Night, as_of: date) -> None:
    for start in range(0, len(night.judged), WRITTEN_AT_ONCE):
        part = slice(start, min(start + WRITTEN_AT_ONCE, len(night.judged)))
        rows, changes = await asyncio.to_thread(_made, night, part, as_of, is_sqlite=store.is_sqlite)
        async with store.write() as connection:
            await scores.put(connection, rows)
            await scores.note_changes(connection, changes)


def _made(night: _Night, part: slice, as_of: date, *, is_sqlite: bool) -> tuple[list[Row], list[Row]]:
    rows = score_rows(night.judged, part, as_of, night.model.currency, is_sqlite=is_sqlite)
    return rows, list(change_rows(night.judged, night.place, part, night.former, night.at, night.borders))


async def _judge_others(store: Store, night: _Night, as_of: date) -> Ints:
    """Returns all who have a judgement now."""
    bought_once = night.former.ids[night.former.orders > 0]
    gone = np.setdiff1d(bought_once, night.judged.people.customer_id, assume_unique=True)
    for some in _handfuls(gone):
        async with store.write() as connection:
            await scores.set_aside(connection, some)
    newcomers = await judge_newcomers(store, as_of, night.former, night.at)
    return np.concatenate([night.judged.people.customer_id, newcomers])


async def _drop(store: Store, night: _Night, present: Ints) -> None:
    for some in _handfuls(np.setdiff1d(night.former.ids, present, assume_unique=True)):
        async with store.write() as connection:
            await scores.drop(connection, some)


def _handfuls(ids: Ints) -> Sequence[list[int]]:
    return [ids[start : start + DROPPED_AT_ONCE].tolist() for start in range(0, len(ids), DROPPED_AT_ONCE)]
