"""What processes tell each other over PostgreSQL's NOTIFY: that something was committed, never what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from typing import Final

import structlog
from sqlalchemy import text

from crm_store.signals import EVERYTHING
from crm_store.store import Store, StoreUnavailableError
from crm_store.wire import CHANNEL

log = structlog.get_logger()

PAYLOAD_BYTES: Final = 7_900
"""PostgreSQL takes less than 8,000."""
GATHER_SECONDS: Final = 0.02
TELL_SECONDS: Final = 5.0


class Hints:
    """Tells other processes the topics that this one has committed, and wakes this one's waiters by theirs.

    Hints may be lost; who waits looks from time to time anyway.
    """

    def __init__(self, store: Store) -> None:
        self.token = 0
        self.in_company = False  # nobody hears what is told to an empty room
        self._store = store
        self._topics: set[str] = set()
        self._fresh = asyncio.Event()

    def gather(self, topics: Iterable[str]) -> None:
        """For Signals.outward: what is told soon, with whatever else comes meanwhile."""
        if self.in_company:
            self._topics.update(topics)
            self._fresh.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Until asked to stop, and woken by `gather`."""
        while not stopping.is_set():
            await self._fresh.wait()
            self._fresh.clear()
            topics, self._topics = self._topics, set()
            if topics:
                await self.tell(topics)
            await asyncio.sleep(GATHER_SECONDS)

    def wake(self) -> None:
        self._fresh.set()

    async def tell(self, topics: Iterable[str]) -> None:
        """Now. A database that cannot be used is no matter: then nothing was committed either."""
        payload = json.dumps([self.token, sorted(topics)])
        if len(payload.encode()) > PAYLOAD_BYTES:
            payload = json.dumps([self.token, [EVERYTHING]])
        try:
            async with asyncio.timeout(TELL_SECONDS), self._store.read() as session:
                await session.execute(
                    text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload}
                )
        except (StoreUnavailableError, TimeoutError) as error:
            log.warning("hints.lost", problem=str(error) or type(error).__name__)

    def hear(self, payload: str) -> None:
        """What some process told."""
        token, topics = _understood(payload)
        if token != self.token:
            self.in_company = True
            self._store.signals.deliver(topics)


def _understood(payload: str) -> tuple[int | None, list[str]]:
    """Whose hint it is, and its topics; what cannot be read, perhaps a later release's, wakes everybody."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        told = None
    match told:
        case [int(token), [*topics]] if all(isinstance(topic, str) for topic in topics):
            return token, topics
    return None, [EVERYTHING]
