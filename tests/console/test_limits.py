"""Buckets empty and fill; a full one is forgotten."""

from __future__ import annotations

from console import limits
from console.limits import Limiter, Rate

SLOW = Rate(burst=2, per_second=0.5)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_then_only_the_rate() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    assert [limiter.allows("ann", SLOW) for _ in range(3)] == [True, True, False]
    assert limiter.allows("bob", SLOW)
    clock.now = 1.9
    assert not limiter.allows("ann", SLOW)
    clock.now = 2.0
    assert limiter.allows("ann", SLOW)
    clock.now = 1000.0
    assert [limiter.allows("ann", SLOW) for _ in range(3)] == [True, True, False]


def test_full_buckets_are_forgotten() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for n in range(limits.MOST_BUCKETS):
        limiter.allows(str(n), SLOW)
    clock.now = 100.0
    limiter.allows("one more", SLOW)
    assert len(limiter._left) == 1
