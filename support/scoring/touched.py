"""Customers whose orders have just changed are judged at once by what the night learned of the shop.

Always from all of a customer's orders, which an index holds: so it may be done twice, and by whoever comes first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from analytics.histories import histories
from analytics.judgement import Judgements, judged_alone
from analytics.order_days import OrderDays
from analytics.orders import Orders
from analytics.shop_model import ShopModel
from analytics.tiers import TIERS
from crm_store.alone import alone
from crm_store.queries import scoring
from crm_store.repositories import scores
from crm_store.store import Store
from support.judging.causes import Borders
from support.scoring.newcomers import judge_newcomers_of
from support.scoring.nightly import WORK, newest_model
from support.scoring.places import places
from support.scoring.reading import Former, read_former_of, read_orders_of, stood
from support.scoring.rows import Row, change_rows, history_columns, judged_columns, moved

AT_ONCE = 500
FEW = 5_000
"""So few customers are all judged anew as quickly as some of them."""
MOST_SHARE = 10
"""No more than one in so many are judged by what is known of all."""

Ranks = Mapping[tuple[int, str], int]
"""By customer and the tier in which they stood."""


async def judge_again(store: Store, ids: Collection[int], as_of: date, *, merged: bool = False) -> bool:
    """Judges these customers by their orders until `as_of` as the newest night would, while nobody else judges.

    False, and nothing done, where too little is known of the shop for that: all are to be judged anew. `merged` says
    that they have other orders because records were merged or taken apart, which leaves the shop as it is. Raises
    StoreUnavailableError.
    """
    every = sorted({*ids})
    async with alone(store, WORK):
        model = await newest_model(store)
        if model is None or not _knows_enough(model, len(every), merged=merged):
            return False
        for start in range(0, len(every), AT_ONCE):
            some = every[start : start + AT_ONCE]
            borders = Borders(model.tier_bounds, merged=some if merged else ())
            await _judge_some(store, some, model, borders, as_of)
    return True


def _knows_enough(model: ShopModel, touched: int, *, merged: bool) -> bool:
    """A shop's own borders between the tiers are not those that were learned of nobody, or of a few among many."""
    if merged:
        return model.customers > 0
    return model.currency is not None and model.customers >= max(FEW, touched * MOST_SHARE)


async def _judge_some(store: Store, ids: list[int], model: ShopModel, borders: Borders, as_of: date) -> None:
    """A clock that was set back must not take orders away that the night has seen."""
    day = max(as_of, model.as_of)
    at = scores.stored_moment(store.clock(), is_sqlite=store.is_sqlite)
    async with scoring.snapshot(store) as connection:
        former = await read_former_of(connection, ids)
        orders = await read_orders_of(connection, ids, day, model.currency)
        before = await stood(connection, former, orders.ids)
        ranks = await scoring.ranks(connection, ids)
    everybody = await asyncio.to_thread(_judged, orders, model, day, ranks)
    which = moved(everybody, places(everybody), slice(0, len(everybody)), former)
    await _write(store, everybody, day, model, list(change_rows(everybody, which, before, at, borders)))
    others = np.setdiff1d(np.array(ids, np.int64), everybody.people.customer_id).tolist()
    if others:
        await _judge_others(store, others, former, borders, day, at)


def _judged(orders: Orders, model: ShopModel, day: date, ranks: Ranks) -> Judgements:
    people = histories(orders, OrderDays.of(orders), model.rates.decay_days)
    everybody = judged_alone(people, model, day)
    return replace(everybody, placing=replace(everybody.placing, rank=_kept_ranks(everybody, ranks)))


def _kept_ranks(everybody: Judgements, ranks: Ranks) -> Any:
    """Everybody's rank is that of the newest night as long as they stay in their tier, and not known in another."""
    standing = zip(everybody.people.customer_id.tolist(), TIERS[everybody.placing.tier].tolist(), strict=True)
    return np.array([ranks.get((who, tier)) for who, tier in standing], object)


async def _write(store: Store, everybody: Judgements, day: date, model: ShopModel, changes: list[Row]) -> None:
    every = slice(0, len(everybody))
    columns = judged_columns(everybody, every, is_sqlite=store.is_sqlite)
    histories = history_columns(everybody.people, model.currency, is_sqlite=store.is_sqlite)
    async with store.write() as connection:
        await scores.put(connection, day, columns)
        await scores.put_histories(connection, histories)
        await scores.note_changes(connection, changes)


async def _judge_others(store: Store, ids: list[int], former: Former, borders: Borders, day: date, at: Any) -> None:
    """Who has no order any more has a stage alone, if they can be reached; else no judgement."""
    async with scoring.snapshot(store) as connection:
        newcomers = await judge_newcomers_of(store, connection, ids, day, former, at, borders.merged)
    nobody = np.setdiff1d(np.array(ids, np.int64), newcomers).tolist()
    async with store.write() as connection:
        await scores.forget_orders(connection, ids)
        await scores.drop(connection, nobody)
