"""A unit of work: rows and changes gathered in memory and written in one short transaction.

It is a SQLAlchemy session with autoflush off: reads go to an autocommit connection, and the write connection is taken
only by the flush. Rows made in the unit are not seen by its SQL; what a use case must find again it remembers in
`memory` (see the repositories).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import Delete, Engine, Insert, Table, Update, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from crm_store.hot_rows import write_conversations
from crm_store.models import Base

Row = TypeVar("Row", bound=Base)
Ephemeral = tuple[str, dict[str, Any]]
Last = Callable[[AsyncSession], Awaitable[None]]


class UnitSession(Session):
    """Sends the flush and explicit writes to the write engine and everything else to the read engine."""

    def __init__(self, *, read: Engine, write: Engine, **options: Any) -> None:
        super().__init__(**options)
        self._read, self._write = read, write
        self._has_begun = False

    def get_bind(self, mapper: Any = None, *, clause: Any = None, at_once: bool = False, **_: Any) -> Engine:
        """`at_once`, in a statement's bind_arguments, writes by the reading connection, which commits by itself. On
        SQLite a unit that writes already would wait for itself there: then it is part of the unit.
        """
        is_write = self._flushing or isinstance(clause, Insert | Update | Delete)
        if is_write and not (at_once and self._is_free()):
            self._has_begun = True
            return self._write
        return self._read

    def _is_free(self) -> bool:
        return not self._has_begun or self._read.dialect.name != "sqlite"


class Unit:
    """One unit of work at one moment. `topics` are told to waiting readers and senders once it is written."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session = session
        self.now = now
        self.memory: dict[Hashable, Any] = {}
        self.topics: set[str] = set()
        self.ephemeral: list[Ephemeral] = []
        self.closed = False
        self._last: list[Last] = []
        self._inserts: dict[type[Base], list[dict[str, Any]]] = defaultdict(list)

    def add(self, row: Row) -> Row:
        """Keeps a new row for the flush and returns it."""
        self.session.add(row)
        return row

    def insert(self, table: type[Base], **values: Any) -> None:
        """Keeps a new row that nobody will ask this unit for: written in bulk, without becoming an object."""
        self._inserts[table].append(values)

    async def write_bulk(self) -> None:
        """Begins the transaction with what is written in bulk; the commit's flush follows. Raises StaleDataError."""
        await write_conversations(self.session)
        for table, rows in self._inserts.items():
            await self.session.execute(insert(cast(Table, table.__table__)), rows)
        self._inserts.clear()

    def finish_with(self, work: Last) -> None:
        """Statements that run in the unit's transaction when all its rows are written, such as one over all of them."""
        self._last.append(work)

    async def write_last(self) -> None:
        """Flushes and runs what was to come last. Raises what a flush raises."""
        if self._last:
            await self.session.flush()
        for work in self._last:
            await work(self.session)
        self._last.clear()

    def touch(self, *topics: str) -> None:
        """Says what this unit changes, so that whoever waits for it is woken after the commit."""
        self.topics.update(topics)

    async def once(self, key: Hashable, load: Callable[[], Awaitable[Any]]) -> Any:
        """The value remembered under `key`, loaded the first time."""
        if key not in self.memory:
            self.memory[key] = await load()
        return self.memory[key]

    async def close(self) -> None:
        self.closed = True
        await self.session.close()
