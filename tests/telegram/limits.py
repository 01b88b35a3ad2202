"""Telegram's sending limits: about 30 messages a second in all, 1 a second in a chat, 20 a minute in a group.

The bursts are what the Bot API is commonly seen to let pass; it documents none.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

from tests.telegram.errors import too_many


@dataclass(frozen=True)
class Limits:
    """Messages per second and how many may come at once. `enforce=False` only counts the violations."""

    overall: float = 30.0
    overall_burst: int = 30
    chat: float = 1.0
    chat_burst: int = 5
    group: float = 20 / 60
    group_burst: int = 20
    enforce: bool = True


@dataclass
class Meter:
    """Watches the sends. `violations` counts them by limit: overall, chat, group."""

    limits: Limits
    violations: Counter[str] = field(default_factory=Counter)
    _due: dict[tuple[str, int], float] = field(default_factory=dict)
    """When each bucket will be empty again, on the caller's clock (generic cell rate algorithm)."""

    def admit(self, chat_id: int, *, is_group: bool, now: float) -> None:
        """Counts one message. Raises ApiError 429 if it comes too early and limits are enforced."""
        limits = self.limits
        buckets = [("overall", 0, limits.overall, limits.overall_burst)]
        if is_group:
            buckets.append(("group", chat_id, limits.group, limits.group_burst))
        else:
            buckets.append(("chat", chat_id, limits.chat, limits.chat_burst))
        waits = {name: self._wait(name, key, rate, burst, now) for name, key, rate, burst in buckets}
        late = {name: wait for name, wait in waits.items() if wait > 0}
        self.violations.update(late.keys())
        if late and limits.enforce:
            raise too_many(math.ceil(max(late.values())))
        for name, key, rate, _ in buckets:
            self._due[name, key] = max(self._due.get((name, key), now), now) + 1 / rate

    def _wait(self, name: str, key: int, rate: float, burst: int, now: float) -> float:
        return self._due.get((name, key), now) - now - (burst - 1) / rate
