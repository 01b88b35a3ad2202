"""How fast one visitor, or one network address, may post: token buckets in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

MOST_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and then so many a second."""

    burst: float
    per_second: float


VISITOR = Rate(burst=10, per_second=1)
ADDRESS = Rate(burst=60, per_second=10)  # a whole office may stand behind one


class Limiter:
    """Counts what each key has left; full buckets are forgotten."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._left: dict[tuple[str, Rate], tuple[float, float]] = {}

    def allows(self, key: str, rate: Rate) -> bool:
        """Whether `key` may go on; counts it if so."""
        now = self._clock()
        left, since = self._left.get((key, rate), (rate.burst, now))
        left = min(rate.burst, left + (now - since) * rate.per_second)
        self._left[key, rate] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > MOST_BUCKETS:
            self._forget_full(now)
        return left >= 1

    def _forget_full(self, now: float) -> None:
        self._left = {
            (key, rate): (left, since)
            for (key, rate), (left, since) in self._left.items()
            if left + (now - since) * rate.per_second < rate.burst
        }
