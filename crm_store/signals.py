"""Tells waiting tasks that something was committed, those of this process and, where there are others, theirs.

A wake-up is a hint, never the message: who is woken looks into the database, and looks there from time to time anyway,
because a hint of another process may be lost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final

EVERYTHING: Final = "*"
"""The topic that wakes everybody."""


class Signals:
    """Topics such as `outbox` or `contact:17`; each waiter waits for one or more."""

    def __init__(self) -> None:
        self.outward: Callable[[Iterable[str]], None] | None = None
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    def send(self, topics: Iterable[str]) -> None:
        """To everybody who shares the database."""
        topics = tuple(topics)
        self.deliver(topics)
        if self.outward and topics:
            self.outward(topics)

    def deliver(self, topics: Iterable[str]) -> None:
        """To this process only, as what another has sent, or what is nobody else's business: `stop`."""
        for topic in topics:
            for name in tuple(self._waiting) if topic == EVERYTHING else (topic,):
                for event in self._waiting.get(name, ()):
                    event.set()

    def listen(self, *topics: str) -> Listener:
        return Listener(self, topics)

    def join(self, topics: Iterable[str], event: asyncio.Event) -> None:
        for topic in topics:
            self._waiting[topic].add(event)

    def leave(self, topics: Iterable[str], event: asyncio.Event) -> None:
        for topic in topics:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]


class Listener:
    """`with signals.listen("outbox") as changed: await changed.wait(1.0)`; no signal between two waits is lost."""

    def __init__(self, signals: Signals, topics: Iterable[str]) -> None:
        self._signals, self._topics, self._event = signals, tuple(topics), asyncio.Event()

    def __enter__(self) -> Listener:
        self._signals.join(self._topics, self._event)
        return self

    def __exit__(self, *_: object) -> None:
        self._signals.leave(self._topics, self._event)

    def wake(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Waits for a signal, at most so long; says whether one came."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
