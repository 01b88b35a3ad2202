"""Customers whose orders have just changed are judged at once by what the night learned of the shop.

Always from all of a customer's orders, which an index holds: so it may be done twice, and by whoever comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from analytics.histories import Histories, histories
from analytics.judgement import Estimates, Judgements, Placing, concluded, estimated
from analytics.order_days import OrderDays
from analytics.scale import Scale
from analytics.shop_model import ShopModel
from analytics.tiers import tier_of
from crm_store.queries import scoring
from crm_store.repositories import scores
from crm_store.store import Store
from support.judging.causes import Borders
from support.scoring.newcomers import judge_newcomers_of
from support.scoring.nightly import newest_model, rescore
from support.scoring.places import places
from support.scoring.reading import Former, arrays, made_orders, read_former_of
from support.scoring.rows import change_rows, score_rows

AT_ONCE = 500


async def judge_again(store: Store, ids: Sequence[int], as_of: date) -> None:
    """Judges these customers by their orders until `as_of` as the newest night would; all of them if there was none.

    Raises StoreUnavailableError.
    """
    model = await newest_model(store)
    if model is None:
        await rescore(store, as_of)
        return
    for start in range(0, len(ids), AT_ONCE):
        await _judge_some(store, sorted(ids[start : start + AT_ONCE]), model, as_of)


async def _judge_some(store: Store, ids: list[int], model: ShopModel, as_of: date) -> None:
    """A clock that was set back must not take orders away that the night has seen."""
    day = max(as_of, model.as_of)
    at = scores.stored_moment(store.clock(), is_sqlite=store.is_sqlite)
    async with scoring.snapshot(store) as connection:
        former = await read_former_of(connection, ids)
        rows = await scoring.orders_of(connection, ids, day, model.currency)
        everybody = judged_some(_histories(rows, model), model, day)
    await _write(store, everybody, former, model, day, at)
    others = np.setdiff1d(np.array(ids, np.int64), everybody.people.customer_id).tolist()
    if others:
        await _judge_others(store, others, former, day, at)


def _histories(rows: scoring.Rows, model: ShopModel) -> Histories:
    orders = made_orders(arrays(rows), model.currency)
    return histories(orders, OrderDays.of(orders), model.rates.decay_days)


def judged_some(people: Histories, shop: ShopModel, as_of: date) -> Judgements:
    """As analytics.one_customer.rescored_one judges each of them, all at once."""
    today = as_of.toordinal()
    estimates = estimated(people, shop, today)
    return concluded(people, shop, today, estimates, _placed(people, shop, estimates))


def _placed(people: Histories, shop: ShopModel, estimates: Estimates) -> Placing:
    values = estimates.value.tolist()
    return Placing(
        percentile=_percentiles(shop.values, values),
        spend_percentile=_percentiles(shop.totals, people.total.tolist()),
        tier=np.array([tier_of(value, shop.tier_bounds) for value in values], np.int8),
        rank=None,
    )


def _percentiles(scale: Scale, figures: list[float]) -> Any:
    return np.array([scale.percentile(figure) for figure in figures], float)


async def _write(store: Store, everybody: Judgements, former: Former, model: ShopModel, day: date, at: Any) -> None:
    every = slice(0, len(everybody))
    rows = score_rows(everybody, every, day, model.currency, is_sqlite=store.is_sqlite)
    changes = list(change_rows(everybody, places(everybody), every, former, at, Borders(model.tier_bounds)))
    async with store.write() as connection:
        await scores.put(connection, rows)
        await scores.note_changes(connection, changes)


async def _judge_others(store: Store, ids: list[int], former: Former, day: date, at: Any) -> None:
    """Who has no order any more has a stage alone, if they can be reached; else no judgement."""
    async with scoring.snapshot(store) as connection:
        newcomers = await judge_newcomers_of(store, connection, ids, day, former, at)
    nobody = np.setdiff1d(np.array(ids, np.int64), newcomers).tolist()
    async with store.write() as connection:
        await scores.drop(connection, nobody)
