"""Lists within a row: what several tables hold of one thing, read by a single statement.

A statement's way to the database and back costs more than the few rows it finds; and rows of one statement are of one
moment. The database packs each list as JSON; here its values become what their columns say they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Date,
    Numeric,
    ScalarSelect,
    Select,
    Text,
    cast,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from crm_store.columns import Encrypted, Json, UtcDateTime
from crm_store.vault import vault

CENT = Decimal("0.01")
Query = Select[*tuple[Any, ...]]
T = TypeVar("T")


def listed(query: Query, *, is_sqlite: bool) -> ScalarSelect[Any]:
    """The rows of `query`, in its order, as one value: for `unpacked`."""
    found = query.subquery()
    pack, gather = (func.json_array, func.json_group_array) if is_sqlite else (func.jsonb_build_array, func.jsonb_agg)
    exact = [cast(column, Text) if isinstance(column.type, Numeric) else column for column in found.c]
    return select(type_coerce(gather(pack(*exact)), Json)).scalar_subquery()


def unpacked(make: Callable[..., T], query: Query, rows: Iterable[list[Any]] | None) -> tuple[T, ...]:
    """What `make` makes of each row of a list that the database packed; amounts of money have two decimals."""
    if not rows:
        return ()
    readers = _readers(query)
    return tuple(
        make(*(None if value is None else read(value) for read, value in zip(readers, row, strict=True)))
        for row in rows
    )


def one_of(column: ColumnElement[str] | InstrumentedAttribute[str], values: Iterable[str]) -> ColumnElement[bool]:
    """`column IN (…)` of values that never change: for a statement that is built once, and is not to be put together
    again each time because a list of values might have another length.
    """
    return column.in_([literal(value) for value in values])


@lru_cache(maxsize=100)
def _readers(query: Query) -> tuple[Callable[[Any], Any], ...]:
    """Worked out once for a query that is built once: asking each column for its type takes as long as reading rows."""
    return tuple(_reader(column.type) for column in query.selected_columns)


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    return next((read for known, read in _READERS if isinstance(kind, known)), _as_it_is)


def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _money(text: str) -> Decimal:
    return Decimal(text).quantize(CENT)


def _json(value: Any) -> Any:
    """SQLite keeps JSON as text, so within other JSON it is a string."""
    return json.loads(value) if isinstance(value, str) else value


def _decrypted(token: str) -> str:
    return vault().decrypt(token)


def _as_it_is(value: Any) -> Any:
    return value


_READERS: tuple[tuple[type[TypeEngine[Any]], Callable[[Any], Any]], ...] = (
    (UtcDateTime, _moment),
    (Date, date.fromisoformat),
    (Numeric, _money),
    (Boolean, bool),
    (Encrypted, _decrypted),
    (JSON, _json),
)
