"""What this process does of the timetable: a row is claimed before its job begins, so that nobody else does it too.

A claim moves the row's time on by a lease, in a short transaction that says whether it hit, and counts an attempt. Who
works keeps moving it; the claims of a process that died lapse, and its attempt stays counted. The time moved to is the
claim's mark: who finds another has lost the row.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from crm_store.models import Schedule
from crm_store.repositories import schedule
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit

log = structlog.get_logger()

LEASE = timedelta(minutes=1)
"""After so long without a sign of life a job is anybody's."""
RENEW_SECONDS = LEASE.total_seconds() / 3


class ClaimLostError(RuntimeError):
    """Somebody else has taken the row over, because its holder gave no sign of life for a lease."""

    def __init__(self, row: Schedule) -> None:
        super().__init__(f"the claim on a row of the timetable has lapsed ({row.job})")


@dataclass(eq=False, slots=True)
class Claim:
    """A row of the timetable that is ours as long as its time is `mark`."""

    row: Schedule
    mark: datetime

    async def end(self, unit: Unit) -> None:
        """The row is done with once the unit is written. Raises ClaimLostError."""
        if not await schedule.remove(unit, self.row.id, self.mark):
            raise ClaimLostError(self.row)

    async def forgive(self, unit: Unit) -> None:
        """The attempt was cut short by what is no fault of the job: it does not count. Raises ClaimLostError."""
        await self.put_off(unit, self.mark, self.row.attempts, self.row.error)

    async def put_off(self, unit: Unit, until: datetime, attempts: int = 0, error: str | None = None) -> None:
        """The row waits again once the unit is written. Raises ClaimLostError."""
        values = {"next_run_at": until, "attempts": attempts, "error": error}
        if not await schedule.change(unit, self.row.id, self.mark, values):
            raise ClaimLostError(self.row)


class Claims:
    """Takes rows, and keeps those that are being worked on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._held: set[Claim] = set()
        self._moving = asyncio.Lock()

    async def take(self, row: Schedule) -> Claim | None:
        """None if another process was faster."""
        claim = Claim(row, self._store.clock() + LEASE)
        return claim if await schedule.claim(self._store, row, claim.mark) else None

    @asynccontextmanager
    async def held(self, claim: Claim) -> AsyncIterator[None]:
        """Renewed as long as the block runs; after it the mark stays as it is."""
        self._held.add(claim)
        try:
            yield
        finally:
            async with self._moving:
                self._held.discard(claim)

    async def keep(self) -> None:
        """Renews what is held, for ever; what was lost meanwhile is noticed at its end."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew()
            except StoreUnavailableError as error:
                log.error("timetable.unavailable", problem=str(error))

    async def renew(self) -> None:
        """All that is held, once. Raises StoreUnavailableError."""
        async with self._moving:
            for claim in [*self._held]:
                mark = self._store.clock() + LEASE
                if await schedule.move(self._store, claim.row.id, claim.mark, mark):
                    claim.mark = mark
