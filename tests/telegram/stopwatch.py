"""How long people wait: from the moment their message was handed to the bot until its answer came."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Hashable


class Stopwatch:
    """In each chat the bot's next message answers the oldest one without an answer; good for one answer to each."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[float]] = defaultdict(deque)
        self._seconds: list[float] = []

    def handed_out(self, chat: Hashable) -> None:
        self._waiting[chat].append(time.perf_counter())

    def answered(self, chat: Hashable) -> None:
        if waiting := self._waiting.get(chat):
            self._seconds.append(time.perf_counter() - waiting.popleft())

    def read(self) -> list[float]:
        """The waits since it was last read, in seconds; forgets them, so that a warm-up can be left out."""
        read, self._seconds = self._seconds, []
        return read
