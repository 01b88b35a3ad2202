"""Row ids made in the program, so that a batch of related rows can be written in one go.

An id is 63 bits: milliseconds since 2024 (41), the process's number (10), a counter (12). Ids of one process grow with
time. Processes that share a database have numbers of their own and count from its clock instead of their machines'
(`follow`), because ids are an order: what one decides after another has committed must come after it. A program that
has not joined them draws its number; two that draw the same collide only within the same millisecond and counter, which
the primary key refuses and the unit of work retries.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable

Ids = Callable[[], int]

EPOCH_MS = 1_704_067_200_000  # 2024-01-01T00:00:00Z
_COUNTER_BITS = 12
_PROCESS_BITS = 10


class IdMaker:
    """Makes growing 63-bit ids; safe to call from several threads."""

    def __init__(self, process: int | None = None) -> None:
        self._process = secrets.randbelow(1 << _PROCESS_BITS) if process is None else process
        self._offset_ns: int | None = None  # from this machine's running time to the database's clock
        self._last_ms = 0
        self._counter = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            now = self._now()
            if now > self._last_ms:
                self._last_ms, self._counter = now, 0
            else:  # the same millisecond, or a clock that went back
                self._counter += 1
                if self._counter >> _COUNTER_BITS:
                    self._last_ms, self._counter = self._last_ms + 1, 0
            return self._made(self._last_ms, self._counter)

    def block(self, count: int) -> int:
        """The id numbered 0 of a block for rows that a statement numbers itself, up to `count`; see `in_block`."""
        with self._lock:
            first_ms = max(self._now(), self._last_ms + 1)
            self._last_ms = first_ms + (count >> _COUNTER_BITS)
            self._counter = (1 << _COUNTER_BITS) - 1  # the next id is of the millisecond after the block's
            return self._made(first_ms, 0)

    def become(self, process: int) -> None:
        """Takes a number, 0 to 1,023, that no other process of the database has."""
        with self._lock:
            self._process = process

    def follow(self, ms: int) -> None:
        """Counts from this moment of the database, in milliseconds since 1970, which has just been (`moment`).

        Whoever asks after another's commit makes later ids. Because the answer took its way, ids lag a little. Never
        goes back behind an id already made.
        """
        with self._lock:
            self._offset_ns = (ms - EPOCH_MS) * 1_000_000 - time.monotonic_ns()
            self._last_ms = max(self._last_ms, ms - EPOCH_MS)

    def go_beyond(self, row_id: int) -> None:
        """Makes later ids than this one, whatever the clock says: it may have been set back since."""
        with self._lock:
            self._last_ms = max(self._last_ms, (row_id >> _PROCESS_BITS + _COUNTER_BITS) + 1)

    def _now(self) -> int:
        if self._offset_ns is None:
            return time.time_ns() // 1_000_000 - EPOCH_MS
        return (time.monotonic_ns() + self._offset_ns) // 1_000_000

    def _made(self, ms: int, counter: int) -> int:
        return (ms << (_PROCESS_BITS + _COUNTER_BITS)) | (self._process << _COUNTER_BITS) | counter


def in_block(first: str, number: str) -> str:
    """SQL for the id with this number in the block that begins with `first`."""
    ms, counter = f"(CAST({number} AS BIGINT) >> {_COUNTER_BITS})", f"({number} & {(1 << _COUNTER_BITS) - 1})"
    return f"(CAST({first} AS BIGINT) + ({ms} << {_PROCESS_BITS + _COUNTER_BITS}) + {counter})"


_CLOCK_MS = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def moment(*tables: str) -> str:
    """PostgreSQL for its clock in whole milliseconds since 1970, or the millisecond after the newest id in these tables
    if that is later: the clock may have gone back, or not have moved on since.
    """
    newest = (
        f"((SELECT max(id) FROM {table}) >> {_PROCESS_BITS + _COUNTER_BITS}) + {EPOCH_MS + 1}" for table in tables
    )
    return f"greatest({_CLOCK_MS}, {', '.join(newest)})"


def in_order(newest: str, number: str) -> str:
    """PostgreSQL for a new row's id of this moment by its own clock, or of the `newest` id's if that is later, where
    `number` grows with each row: for rows whose order is that of their arrival at the database, whichever process
    brings them.
    """
    bits = _PROCESS_BITS + _COUNTER_BITS
    ms = f"greatest({_CLOCK_MS} - {EPOCH_MS}, {newest} >> {bits})"
    return f"({ms} << {bits}) | ({number} & {(1 << bits) - 1})"


def made_at_ms(row_id: int) -> int:
    """When an id was made, in milliseconds since 1970."""
    return (row_id >> _PROCESS_BITS + _COUNTER_BITS) + EPOCH_MS


def first_id(ms: int) -> int:
    """The least id that can be made in this millisecond since 1970 or later."""
    return max(0, ms - EPOCH_MS) << _PROCESS_BITS + _COUNTER_BITS


def ids_before(row_id: int) -> Ids:
    """Growing ids of the millisecond before a row's: for what must come first although it was decided later."""
    bits = _PROCESS_BITS + _COUNTER_BITS
    return itertools.count(((row_id >> bits) - 1 << bits) + secrets.randbelow(1 << bits)).__next__


new_id = IdMaker()
