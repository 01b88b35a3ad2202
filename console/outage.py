"""How soon somebody who was refused for the store's sake is to come again: the sooner, the shorter it has lasted."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_SECONDS, LONGEST_SECONDS = 2, 30
"""Telegram believes any Retry-After up to an hour; replies to its updates must come within a minute all the same."""

PART = 4
"""Who waits for a quarter of the time that it has lasted comes at most a quarter of it too late."""


def pause_after(seconds: float) -> int:
    """Seconds to wait after an outage that has lasted for so long."""
    return int(min(LONGEST_SECONDS, max(FIRST_SECONDS, seconds / PART)))


class Outage:
    """From the first refusal to the next success."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None

    def goes_on(self) -> int:
        """Notes a refusal; returns its Retry-After."""
        now = self._clock()
        if self._since is None:
            self._since = now
        return pause_after(now - self._since)

    def is_over(self) -> None:
        self._since = None
