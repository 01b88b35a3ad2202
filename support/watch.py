"""What /metrics shows: this process's meters, and how much waits in the database."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from crm_store.queries.health import Health, health
from crm_store.store import Store, StoreUnavailableError
from support.meters import Meters

log = structlog.get_logger()

KEPT_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 5.0
"""Half of what Prometheus waits for a scrape by default: a database that hangs is told of in time."""


class Watch:
    """However many look, the database is asked once in KEPT_SECONDS."""

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store, self._meters = store, meters
        self._asking = asyncio.Lock()
        self._fresh_until = 0.0

    async def text(self) -> bytes:
        """In Prometheus' text format. A database that does not answer is a figure too, and no error."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if now >= self._fresh_until:
                self._meters.note(await self._ask())
                self._fresh_until = now + KEPT_SECONDS
        return self._meters.text()

    async def _ask(self) -> Health | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._store.read() as session:
                return await health(session, self._store.clock())
        except (StoreUnavailableError, TimeoutError) as error:
            log.error("metrics.no_database", problem=str(error) or type(error).__name__)
            return None
