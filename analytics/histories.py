"""The shop's orders as one history per customer: what every figure is computed from."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from math import fsum, isfinite
from typing import Any

COLUMNS = ("customer_id", "date", "amount")


class ScoringInputError(ValueError):
    """The orders cannot be scored: `field` says which column, `row` (counted from 0) which line of it, if one."""

    def __init__(self, field: str, problem: str, row: int | None = None) -> None:
        self.field = field
        self.row = row
        place = field if row is None else f"{field}, row {row}"
        super().__init__(f"{place}: {problem}")


@dataclass(frozen=True, slots=True)
class History:
    """One customer's orders up to a day; `days` counts the days on which they ordered."""

    customer_id: Any
    orders: int
    days: int
    first: date
    last: date
    total: float

    @property
    def gap_days(self) -> float | None:
        """Mean days from one order day to the next; None before the second."""
        return (self.last - self.first).days / (self.days - 1) if self.days > 1 else None


@dataclass(slots=True)
class _Orders:
    days: list[date]
    amounts: list[float]


def histories(orders: Mapping[str, Iterable[Any]], as_of: date) -> tuple[list[History], list[int]]:
    """The customers with an order by `as_of`, sorted by id as text, and all days between their order days, sorted.

    `orders` holds the columns `customer_id`, `date` (date, datetime or ISO text) and `amount` (a number). Orders after
    `as_of` are left out. Raises ScoringInputError.
    """
    gathered = _gather(orders, as_of)
    gaps: list[int] = []
    people = [_history(who, gathered[who], gaps) for who in sorted(gathered, key=str)]
    gaps.sort()
    return people, gaps


def _gather(orders: Mapping[str, Iterable[Any]], as_of: date) -> dict[Hashable, _Orders]:
    gathered: dict[Hashable, _Orders] = {}
    read: dict[Hashable, date] = {}
    for row, (who, when, amount) in enumerate(zip(*_columns(orders), strict=True)):
        if who is None or who == "":
            raise ScoringInputError("customer_id", "is empty", row)
        day = read.get(when)
        if day is None:
            day = read[when] = read_day(when, "date", row)
        money = _money(amount, row)
        if day > as_of:
            continue
        theirs = gathered.get(who)
        if theirs is None:
            theirs = gathered[who] = _Orders([], [])
        theirs.days.append(day)
        theirs.amounts.append(money)
    return gathered


def _columns(orders: Mapping[str, Iterable[Any]]) -> list[list[Any]]:
    for name in COLUMNS:
        if name not in orders:
            raise ScoringInputError(name, "the column is missing")
    columns = [list(orders[name]) for name in COLUMNS]
    for name, column in zip(COLUMNS, columns, strict=True):
        if len(column) != len(columns[0]):
            raise ScoringInputError(name, f"{len(column)} rows where {COLUMNS[0]} has {len(columns[0])}")
    return columns


def read_day(value: object, field: str, row: int | None = None) -> date:
    """The calendar day of a date, a datetime or ISO text. Raises ScoringInputError."""
    if type(value) is date:
        return value
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError as error:
        raise ScoringInputError(field, f"{value!r} is not an ISO date", row) from error


def _money(value: Any, row: int) -> float:
    try:
        money = float(value)
    except (TypeError, ValueError) as error:
        raise ScoringInputError("amount", f"{value!r} is not a number", row) from error
    if not isfinite(money):
        raise ScoringInputError("amount", f"{value!r} is not a finite number", row)
    return money


def _history(customer_id: Hashable, orders: _Orders, gaps: list[int]) -> History:
    days = sorted(set(orders.days))
    gaps += [(later - earlier).days for earlier, later in pairwise(days)]
    return History(customer_id, len(orders.days), len(days), days[0], days[-1], fsum(orders.amounts))
