"""What the imports share: reading by chunks of keys, and gathering rows and changes for bulk statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import Row, Select, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_store.models import Base
from crm_store.models.base import Versioned

T = TypeVar("T")
Columns = TypeVarTuple("Columns")
Progress = Callable[[int, int], None]
"""Is told how many rows of how many are done."""

KEYS_AT_ONCE = 5_000
"""Both databases allow some 32,000 parameters in a statement."""
ROWS_AT_ONCE = 2_000
"""Rows of a file in one transaction, so that customers' messages wait for a fraction of a second at the most."""


def no_progress(_done: int, _total: int) -> None:
    """For whoever does not want to know."""


def in_chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))


async def select_by_keys(
    session: AsyncSession, query: Select[*Columns], key: InstrumentedAttribute[Any], keys: Iterable[Any]
) -> list[Row[*Columns]]:
    """All rows of the query whose key is among these."""
    rows: list[Row[*Columns]] = []
    for some in in_chunks(list(dict.fromkeys(keys)), KEYS_AT_ONCE):
        rows += (await session.execute(query.where(key.in_(some)))).all()
    return rows


class Writes:
    """New rows and changes, gathered by table and written by a bulk statement each."""

    def __init__(self) -> None:
        self._inserts: defaultdict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._updates: defaultdict[tuple[type[Base], str, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)

    def insert(self, table: type[Base], **values: Any) -> None:
        """A new row; all new rows of a table must name the same columns."""
        self._inserts[table].append(values)

    def update(self, table: type[Base], key: str, value: Any, **changes: Any) -> None:
        """Changes the rows whose column `key` has this value."""
        self._updates[table, key, tuple(changes)].append({"the_key": value, **changes})

    async def write(self, connection: AsyncConnection) -> None:
        """New rows first. Foreign keys are checked at commit, so the order of tables does not matter."""
        for table, rows in self._inserts.items():
            await connection.execute(insert(table), rows)
        for (table, key, names), rows in self._updates.items():
            values: dict[str, Any] = {name: bindparam(name) for name in names}
            if issubclass(table, Versioned):
                values["version"] = table.version + 1
            statement = update(table).where(getattr(table, key) == bindparam("the_key")).values(values)
            await connection.execute(statement, rows)
