"""Each column of a shop's orders, read from lists or arrays into arrays; what cannot be read is named by its row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCH = date(1970, 1, 1).toordinal()

_TABLE_PER_ORDER = 4

MOST_MONEY = 1e15
"""In an amount or a cost, whatever its sign: more is a slip, and sums of it would not be finite."""

Column = NDArray[Any] | list[Any]


NO_MONEY = f"is not a finite number of at most {MOST_MONEY:.0e}"


class ScoringInputError(ValueError):
    """The orders cannot be scored: `field` says which column, `row` (counted from 0) which line of it, if one."""

    def __init__(self, field: str, problem: str, row: int | None = None) -> None:
        self.field = field
        self.row = row
        place = field if row is None else f"{field}, row {row}"
        super().__init__(f"{place}: {problem}")


def read_day(value: object, field: str, row: int | None = None) -> date:
    """The calendar day of a date, a datetime or ISO text. Raises ScoringInputError."""
    if type(value) is date:
        return value
    try:
        return datetime.fromisoformat(str(value)).date()
    except ValueError as error:
        raise ScoringInputError(field, f"{value!r} is not an ISO date", row) from error


def people(column: Column) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The customers, whole numbers by size and anything else as text, and each row's place among them."""
    if isinstance(column, list) and set(map(type, column)) <= {int} and abs(max(column, key=abs, default=0)) < 2**63:
        column = np.array(column, np.int64)
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return _numbered(column.astype(np.int64, copy=False))
    values = list(column)
    ordered = sorted(set(values), key=str)
    if any(map(_is_empty, ordered)):
        row = next(row for row, value in enumerate(values) if _is_empty(value))
        raise ScoringInputError("customer_id", "is empty", row)
    place = {value: at for at, value in enumerate(ordered)}
    return np.fromiter(ordered, object, len(ordered)), np.fromiter(
        map(place.__getitem__, values), np.int64, len(values)
    )


def _is_empty(who: object) -> bool:
    return who is None or who == "" or (isinstance(who, float) and isnan(who))


def _numbered(column: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers that lie close together, as a database gives them, are looked up in a table instead of being sorted."""
    least = int(column.min()) if len(column) else 0
    if int(column.max(initial=least)) - least > _TABLE_PER_ORDER * len(column):
        ids, who = np.unique(column, return_inverse=True)
        return ids, who.astype(np.int64, copy=False)
    present = np.bincount(column - least) > 0
    return np.flatnonzero(present) + least, (np.cumsum(present) - 1)[column - least]


def days(column: Column) -> NDArray[np.int64]:
    """As date.toordinal()."""
    if isinstance(column, np.ndarray):
        return _days_of_array(column)
    known: dict[Any, int] = {}
    for row, value in enumerate(column):
        if value not in known:
            known[value] = read_day(value, "date", row).toordinal()
    return np.fromiter(map(known.__getitem__, column), np.int64, len(column))


def _days_of_array(column: NDArray[Any]) -> NDArray[np.int64]:
    if column.dtype.kind == "M":
        _refuse(np.isnat(column), column, "date", "is not a date")
        return column.astype("datetime64[D]").astype(np.int64) + EPOCH
    days = column.astype(np.int64)
    _refuse((days < 1) | (days > date.max.toordinal()) | (days != column), column, "date", "is not a day's ordinal")
    return days


def amounts(column: Column) -> NDArray[np.float64]:
    money = _floats(column, "amount")
    _refuse(~(np.abs(money) <= MOST_MONEY), column, "amount", NO_MONEY)
    return money


def costs(column: Column) -> NDArray[np.float64]:
    """Not a number stands for an unknown cost."""
    money = _floats([np.nan if cost is None else cost for cost in column], "cost")
    _refuse(np.abs(money) > MOST_MONEY, column, "cost", NO_MONEY)
    return money


def _floats(column: Column, field: str) -> NDArray[np.float64]:
    if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
        return column.astype(np.float64)
    try:
        return np.fromiter(map(float, column), np.float64, len(column))
    except (TypeError, ValueError) as error:
        row = next(row for row, value in enumerate(column) if _fails(float, value))
        raise ScoringInputError(field, f"{column[row]!r} is not a number", row) from error


def _fails(read: Callable[[Any], object], value: object) -> bool:
    try:
        read(value)
    except (TypeError, ValueError):
        return True
    return False


def _refuse(faulty: NDArray[np.bool_], column: Column, field: str, problem: str) -> None:
    if faulty.any():
        row = int(faulty.argmax())
        raise ScoringInputError(field, f"{column[row]!r} {problem}", row)


def most_frequent(column: Column | None, kept: NDArray[np.bool_]) -> tuple[str | None, NDArray[np.bool_]]:
    """The most frequent currency among the orders `kept`, the first by name of equals, and which orders are in it."""
    if column is None:
        return None, np.ones(len(kept), np.bool_)
    named = [currency if isinstance(currency, str) and currency else None for currency in column]
    counted = Counter(currency for currency, counts in zip(named, kept.tolist(), strict=True) if counts and currency)
    most = min(counted, key=lambda currency: (-counted[currency], currency), default=None)
    return most, np.fromiter((currency in (None, most) for currency in named), np.bool_, len(named))
