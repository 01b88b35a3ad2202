"""Orders and former judgements from the store into arrays, without ever holding all of them as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.order_columns import EPOCH
from analytics.orders import Orders
from crm_store.queries import scoring
from crm_store.queries.scoring import COSTED, OTHERS, OURS, PACKED, RFM_PACKED, Columns, Whose, first_of
from support.judging.causes import Stood
from support.scoring.places import Ints, Places, have_tier, names, with_segment

Floats = NDArray[np.float64]
NAMED_AT_ONCE = 500
"""Ids in one statement."""


@dataclass(frozen=True, slots=True)
class Former:
    """Where customers stood before, by their ids: equally long columns, `place` as support.scoring.places has it."""

    ids: Ints
    place: Places

    def find(self, ids: Ints) -> Ints:
        """Where each of these customers is; −1 for somebody who was never judged."""
        at = np.searchsorted(self.ids, ids)
        found = np.zeros(len(ids), np.bool_)
        inside = at < len(self.ids)
        found[inside] = self.ids[at[inside]] == ids[inside]
        return np.where(found, at, -1)

    def of(self, ids: Ints) -> Places:
        """Their places; 0 for somebody who was never judged."""
        at = self.find(ids)
        return np.where(at < 0, 0, self.place[at]) if len(self.ids) else np.zeros(len(ids), np.int16)

    def had_ordered(self) -> Ints:
        found: Ints = self.ids[have_tier(self.place)]
        return found


async def stood(connection: AsyncConnection, former: Former, ids: Ints) -> dict[int, Stood]:
    """Of these customers, those who were judged before, with the figures by which."""
    known = ids[former.find(ids) >= 0]
    place = dict(zip(known.tolist(), former.of(known).tolist(), strict=True))
    found: dict[int, Stood] = {}
    for start in range(0, len(known), NAMED_AT_ONCE):
        some = known[start : start + NAMED_AT_ONCE].tolist()
        figures = await scoring.stood(connection, some)
        found |= {who: Stood(*names(place[who]), *figures[who]) for who in figures}
    return found


async def read_orders(connection: AsyncConnection, today: date, likely: str | None) -> Orders:
    """All orders by `today` but those of the erased. `likely` is what the shop's currency was before: if most orders
    that name a currency name this one, they need not be counted."""
    read = await _all_orders(connection, today, likely)
    if _is_sure(read.kind, likely):
        return _made(read, likely)
    counted = await scoring.currencies(connection, today)
    currency = min(counted, key=lambda name: (-counted[name], name), default=None)
    if currency != likely:
        read = await _all_orders(connection, today, currency)
    return _made(read, currency)


async def read_orders_of(connection: AsyncConnection, ids: Sequence[int], today: date, currency: str | None) -> Orders:
    """All orders by `today` of some customers, of whom the erased have none."""
    read = await _orders(connection, ids, currency)
    return _made(_chosen(read, today, await scoring.erased(connection)), currency)


@dataclass(frozen=True, slots=True)
class _Read:
    """Equally long columns, sorted by customer; `kind` is OURS, UNSAID or OTHERS, an unknown cost not a number."""

    who: Ints
    day: Ints
    kind: NDArray[np.int8]
    amount: Floats
    cost: Floats

    @classmethod
    def room_for(cls, count: int) -> _Read:
        return cls(
            who=np.empty(count, np.int64),
            day=np.empty(count, np.int64),
            kind=np.empty(count, np.int8),
            amount=np.empty(count),
            cost=np.empty(count),
        )

    def put(self, at: int, part: _Read) -> int:
        """Returns where the next part goes."""
        end = at + len(part.who)
        for field in fields(self):
            getattr(self, field.name)[at:end] = getattr(part, field.name)
        return end

    def chosen(self, which: NDArray[Any] | slice) -> _Read:
        return _Read(*(getattr(self, field.name)[which] for field in fields(self)))


async def _all_orders(connection: AsyncConnection, today: date, currency: str | None) -> _Read:
    """Room is made once: parts that are put together at last take twice as much."""
    read, end = _Read.room_for(await scoring.count_orders(connection)), 0
    for span in await scoring.all_spans(connection):
        end = read.put(end, await _orders(connection, span, currency))
    return _chosen(read.chosen(slice(end)), today, await scoring.erased(connection))


async def _orders(connection: AsyncConnection, whose: Whose, currency: str | None) -> _Read:
    return _unpacked(await scoring.orders(connection, whose, currency), first_of(whose))


def _unpacked(columns: Columns, first: int) -> _Read:
    after, days, amounts, known = columns
    packed = whole_numbers(amounts)
    cost = np.full(len(packed), np.nan)
    cost[packed & COSTED > 0] = whole_numbers(known) / 100
    who, kind = first + whole_numbers(after), (packed % COSTED).astype(np.int8)
    return _sorted(_Read(who, ordinals(days), kind, packed // PACKED / 100, cost))


def _sorted(read: _Read) -> _Read:
    """As a rule they are, but no database promises it."""
    if (np.diff(read.who) >= 0).all():
        return read
    return read.chosen(np.argsort(read.who, kind="stable"))


def _chosen(read: _Read, today: date, erased: Sequence[int]) -> _Read:
    """Orders by `today` of others than the erased."""
    if len(read.day) and read.day.max() > today.toordinal():
        read = read.chosen(read.day <= today.toordinal())
    if not erased:
        return read
    return read.chosen(~np.isin(read.who, np.array(erased, np.int64)))


def _is_sure(kind: NDArray[np.int8], likely: str | None) -> bool:
    kinds = np.bincount(kind, minlength=COSTED)
    return bool(kinds[OURS] > kinds[OTHERS] or (likely is None and not kinds[OTHERS]))


def _made(read: _Read, currency: str | None) -> Orders:
    first = np.diff(read.who, prepend=-1) != 0
    ours = read.kind != OTHERS
    return Orders(read.who[first], np.cumsum(first) - 1, read.day, read.amount, read.cost, ours, currency)


async def read_former(connection: AsyncConnection) -> Former:
    """Of everybody."""
    parts = [await read_former_of(connection, span) for span in await scoring.all_spans(connection)]
    return Former(np.concatenate([part.ids for part in parts]), np.concatenate([part.place for part in parts]))


async def read_former_of(connection: AsyncConnection, whose: Whose) -> Former:
    """Of some customers."""
    after, packed = map(whole_numbers, await scoring.places(connection, whose))
    order = np.argsort(after, kind="stable")  # as a rule they are sorted
    place, rfm = np.divmod(packed[order], RFM_PACKED)
    return Former(first_of(whose) + after[order], with_segment(place, rfm))


def whole_numbers(column: str) -> Ints:
    """Of one of crm_store.queries.scoring.Columns."""
    return np.fromstring(column, np.int64, sep=",")


def ordinals(column: str) -> Ints:
    """Of dates: date.toordinal()."""
    days = np.frombuffer(f"{column},".encode("ascii") if column else b"", "S11").astype("S10")
    return days.astype("datetime64[D]").astype(np.int64) + EPOCH
