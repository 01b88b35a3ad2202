"""Orders and former judgements from the store into arrays, without ever holding all of them as rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.orders import Orders
from crm_store.queries import scoring
from crm_store.queries.scoring import OTHERS, OURS, PACKED, Rows
from support.judging.causes import Stood
from support.scoring.places import PLACE_SQL, Ints, names

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Former:
    """What stood before, by customer: equally long columns, `place` as support.scoring.places packs it."""

    ids: Ints
    place: Ints
    orders: Ints
    value: Floats
    total: Floats

    def find(self, ids: Ints) -> Ints:
        """Where each of these customers is; −1 for somebody who was never judged."""
        at = np.searchsorted(self.ids, ids)
        found = np.zeros(len(ids), np.bool_)
        inside = at < len(self.ids)
        found[inside] = self.ids[at[inside]] == ids[inside]
        return np.where(found, at, -1)

    def stood(self, at: int) -> Stood | None:
        if at < 0:
            return None
        figures = int(self.orders[at]), float(self.value[at]), float(self.total[at])
        return Stood(*names(int(self.place[at])), *figures)


async def read_orders(connection: AsyncConnection, today: date, likely: str | None) -> Orders:
    """All orders by `today`. `likely` is what the shop's currency was before: if most orders that name a currency name
    this one, they need not be counted."""
    read = await _gathered(scoring.orders(connection, today, likely))
    if _is_sure(read[1], likely):
        return made_orders(read, likely)
    counted = await scoring.currencies(connection, today)
    currency = min(counted, key=lambda name: (-counted[name], name), default=None)
    if currency != likely:
        read = await _gathered(scoring.orders(connection, today, currency))
    return made_orders(read, currency)


def _is_sure(packed: Ints, likely: str | None) -> bool:
    kinds = np.bincount(packed % PACKED, minlength=PACKED)
    return bool(kinds[OURS] > kinds[OTHERS] or (likely is None and not kinds[OTHERS]))


_ORDER = np.dtype([("who", np.int64), ("packed", np.int64), ("amount", float), ("cost", float)])
_STOOD = np.dtype([("who", np.int64), ("place", np.int64), ("orders", np.int64), ("value", float), ("total", float)])
Read = tuple[Ints, Ints, Floats, Floats]


async def _gathered(rows: AsyncIterator[Rows]) -> Read:
    handfuls = [arrays(some) async for some in rows] or [arrays(())]
    ids, packed, amount, cost = zip(*handfuls, strict=True)
    handfuls.clear()
    return np.concatenate(ids), np.concatenate(packed), np.concatenate(amount), np.concatenate(cost)


def arrays(rows: Rows) -> Read:
    """Four columns of which the latter two are money, None where it is not known."""
    table = np.fromiter(rows, _ORDER, len(rows))
    return table["who"], table["packed"], table["amount"], table["cost"]


def made_orders(read: Read, currency: str | None) -> Orders:
    """The rows must be sorted by customer."""
    ids, packed, amount, cost = read
    first = np.diff(ids, prepend=-1) != 0
    kind = packed % PACKED
    return Orders(ids[first], np.cumsum(first) - 1, packed // PACKED, amount, cost, kind != OTHERS, currency)


async def read_former(connection: AsyncConnection) -> Former:
    parts = [_former(some) async for some in scoring.former(connection, PLACE_SQL)] or [_former(())]
    return Former(*map(np.concatenate, zip(*parts, strict=True)))


async def read_former_of(connection: AsyncConnection, ids: Sequence[int]) -> Former:
    """Of some customers."""
    return Former(*_former(await scoring.former_of(connection, ids, PLACE_SQL)))


def _former(rows: Rows) -> tuple[Ints, Ints, Ints, Floats, Floats]:
    table = np.fromiter(rows, _STOOD, len(rows))
    return table["who"], table["place"], table["orders"], table["value"], table["total"]
