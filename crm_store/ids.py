"""Row ids made in the program, so that a batch of related rows can be written in one go.

An id is 63 bits: milliseconds since 2024 (41), a number drawn by each process at its start (10), a counter (12). Ids of
one process grow with time; two processes that share a number by chance collide only within the same millisecond and
counter, which the primary key refuses and the unit of work retries.
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
        self._last_ms = 0
        self._counter = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            now = time.time_ns() // 1_000_000 - EPOCH_MS
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
            first_ms = max(time.time_ns() // 1_000_000 - EPOCH_MS, self._last_ms + 1)
            self._last_ms = first_ms + (count >> _COUNTER_BITS)
            self._counter = (1 << _COUNTER_BITS) - 1  # the next id is of the millisecond after the block's
            return self._made(first_ms, 0)

    def _made(self, ms: int, counter: int) -> int:
        return (ms << (_PROCESS_BITS + _COUNTER_BITS)) | (self._process << _COUNTER_BITS) | counter


def in_block(first: str, number: str) -> str:
    """SQL for the id with this number in the block that begins with `first`."""
    ms, counter = f"(CAST({number} AS BIGINT) >> {_COUNTER_BITS})", f"({number} & {(1 << _COUNTER_BITS) - 1})"
    return f"(CAST({first} AS BIGINT) + ({ms} << {_PROCESS_BITS + _COUNTER_BITS}) + {counter})"


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
