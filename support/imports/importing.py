"""Rows of another department into the store, wherever they come from: a file, or a program by the API.

They are read once and staged beside the store, checked there as a whole, and then written by statements over thousands
of rows. So memory does not grow with their number, and on SQLite nobody waits for the write lock while they are read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.imports import bad_rows, dates, repeats
from crm_store.imports.staging import Staging, staging
from crm_store.store import Store
from support.imports.days import Dates, Order, staged_moment
from support.imports.kinds import KINDS, Kind, KindOfRows
from support.imports.reading import RowReader, Rows
from support.imports.reasons import worded
from support.imports.records import Progress, in_handfuls, no_progress
from support.imports.result import MOST_KEPT, ImportFileError, ImportResult, Problems, in_order

ROWS_AT_ONCE = 5_000
"""Staged together; with `keep_good` written in one transaction, for a fraction of which customers' messages wait."""
WRITTEN_AT_ONCE = 50_000
"""In one statement: the more, the better they can be sorted by where they go."""
Beside = Callable[[AsyncConnection, ImportResult], Awaitable[None]]
"""Writes what must be there exactly if the rows are: the note that a program's request took effect."""


async def import_rows(
    store: Store,
    kind: Kind,
    rows: Rows,
    *,
    name: str,
    keep_good: bool = False,
    progress: Progress = no_progress,
    order: Order | None = None,
    zone: tzinfo = UTC,
    beside: Beside | None = None,
) -> ImportResult:
    """Adds and updates by external id; the same rows again change nothing.

    `rows` are read once and never held at once. Cells of columns that are not ours are kept as attributes. `name` is
    what problems are told of: a file's name, or what the caller calls its batch. `progress` hears how many rows of how
    many are written. `order` is that of day, month and year where a date does not begin with its year; `zone` is where
    moments without a zone were written down. `beside` is called in the transaction of the last rows; what it raises
    takes them back.

    Raises ImportFileError with the problems by line and field if there are any, and nothing is written, in one
    transaction; with `keep_good` the good rows are written, some thousand in a transaction, and the result tells of
    the others. Rows of erased customers are left out in any case, and told. Raises StoreUnavailableError.
    """
    the_kind = KINDS[kind]
    async with staging(store, the_kind.staged) as staged:
        work = _Import(staged, the_kind, name, keep_good, store.clock, progress, beside)
        await work.prepare()
        await work.read(rows, Dates(order, the_kind.moments, zone))
        await work.check()
        await work.write()
    return work.result()


@dataclass(slots=True)
class _Import:
    """One import on its way: what is staged, and the count of what became of the rows."""

    staged: Staging
    kind: KindOfRows
    name: str
    keep_good: bool
    clock: Callable[[], datetime]
    progress: Progress
    beside: Beside | None
    problems: Problems = field(default_factory=Problems)
    erased: Problems = field(default_factory=Problems)
    read_rows: int = 0
    added: int = 0
    changed: int = 0
    refused: int = 0

    async def prepare(self) -> None:
        await bad_rows.prepare(self.staged)
        await repeats.prepare(self.staged)

    async def read(self, rows: Rows, days: Dates) -> None:
        reader = RowReader(self.kind, days, self.problems)
        for some in in_handfuls(reader.staged(rows), ROWS_AT_ONCE):
            await self.staged.load(some)
        await self.staged.settle()
        self.read_rows, self.refused = reader.read, reader.refused
        if self.kind.date:
            await dates.settle(self.staged, self.kind.date, days.settled())

    async def check(self) -> None:
        """What only all rows together show, and what the store knows. Raises ImportFileError."""
        await self._refuse_bad()
        await repeats.fold(self.staged, self.kind.compared)
        for column, reason in self.kind.alone.items():
            await repeats.refuse(self.staged, column, reason)
        await self._refuse_bad()
        await self.kind.prepare(self.staged)
        await self._check(1, self.read_rows)
        await self.kind.sort(self.staged)

    async def _refuse_bad(self) -> None:
        """Notes what was found and leaves those rows out."""
        for gathered, erased in ((self.problems, False), (self.erased, True)):
            found, count = await bad_rows.take(self.staged, MOST_KEPT, erased=erased)
            gathered.extend([worded(self.kind, bad) for bad in found], count)
        self.refused += await bad_rows.drop(self.staged)

    def _stop_if_bad(self) -> None:
        if self.problems.count and not self.keep_good:
            raise ImportFileError(self.name, in_order(self.problems.kept), self.problems.count)

    async def _check(self, low: int, high: int) -> None:
        await self.kind.check(self.staged, low, high)
        await self._refuse_bad()
        self._stop_if_bad()

    async def write(self) -> None:
        """Raises ImportFileError if the store has changed meanwhile in such a way that a row is bad now."""
        rows = max(self.staged.rows, 1)  # without any there is a transaction still, for what is written beside
        for low, high in _stretches(1, rows, ROWS_AT_ONCE if self.keep_good else rows):
            async with self.staged.transaction():
                await self._check(low, high)
                await self.kind.begin(self.staged, low, high, staged_moment(self.clock()))
                await self._write(low, high)
                if self.beside and high == rows:
                    await self.beside(self.staged.connection, self.result())

    async def _write(self, low: int, high: int) -> None:
        for first, last in _stretches(low, high, WRITTEN_AT_ONCE):
            added, changed = await self.kind.write(self.staged, first, last, staged_moment(self.clock()))
            self.added += added
            self.changed += changed
            self.progress(last, self.staged.rows)

    def result(self) -> ImportResult:
        unchanged = self.read_rows - self.added - self.changed - self.refused
        told = in_order([*self.problems.kept, *self.erased.kept])
        return ImportResult(self.added, self.changed, unchanged, self.refused, told)


def _stretches(first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
    """From and to, both of them included."""
    return ((low, min(low + size - 1, last)) for low in range(first, last + 1, size))
