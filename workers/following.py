"""What follows a result that means more than "sent": the rows' next state, and whatever somebody waits for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from crm_store.models import OutboxRow
from crm_store.repositories import files, outbox
from crm_store.repositories.outbox import Queued
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from support.meters import Meters
from workers.calling import FETCH
from workers.calls import Call
from workers.outcomes import Fate, Outcome
from workers.settling import apply, give_up
from workers.tracing import place

log = structlog.get_logger()

Consequence = Callable[[Unit, OutboxRow, Outcome], Awaitable[None]]

EXPECTED = frozenset({Fate.SENT, Fate.FLOOD, Fate.RETRY})
ALARMING = frozenset({Fate.REVOKED, Fate.PARKED, Fate.SHUT_OUT, Fate.PLAIN})
"""What only people can mend: the shop's own, or whoever makes our entities."""


class Following:
    """Settles such calls, each in a unit of its own in which `consequence` runs too."""

    def __init__(self, store: Store, consequence: Consequence, meters: Meters) -> None:
        self._store, self._consequence, self._meters = store, consequence, meters

    async def __call__(self, call: Call) -> None:
        """Raises StoreUnavailableError; nothing is written then."""
        try:
            await self._follow(call)
        except StoreUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of what follows must stop neither it for ever nor the others
            await self._give_up(call, error)

    async def _follow(self, call: Call) -> None:
        outcome = call.outcome

        async def follow(unit: Unit, row: OutboxRow) -> None:
            apply(row, outcome, unit)
            await self._consequence(unit, row, outcome)

        await self._settle_ours(call, follow)
        if outcome.fate not in EXPECTED:
            tell = log.error if outcome.fate in ALARMING else log.warning
            tell("sender.outcome", **_place(call), fate=outcome.fate.value, error=outcome.error)

    async def _give_up(self, call: Call, fault: Exception) -> None:
        """What was to follow cannot be done: the rows are settled without it."""
        why = f"{call.outcome.error or call.outcome.fate.value}; then {place(fault)}"
        log.error("sender.failed", **_place(call), error=why)

        async def settle(unit: Unit, row: OutboxRow) -> None:
            give_up(row, call.outcome, why, unit)
            await _let_go(unit, row, call.outcome)

        await self._settle_ours(call, settle)

    async def _settle_ours(self, call: Call, settle: Callable[[Unit, OutboxRow], Awaitable[None]]) -> None:
        """Lets each row of a call that is still ours take its next state, in one unit."""

        async def work(unit: Unit) -> list[OutboxRow]:
            ours = []
            for stale in call.rows:
                row = await unit.session.get(OutboxRow, stale.id)
                if row is None or (row.state, row.epoch) != ("sending", call.epoch):  # erased, or a later sender's
                    if not _is_written(row, call):
                        await _let_go(unit, stale, call.outcome)
                    continue
                await settle(unit, row)
                ours.append(row)
            if ours:
                await outbox.hold(unit, [row.id for row in ours], call.epoch)
            return ours

        for row in await self._store.run(work):
            self._meters.settled(row.state)


def _is_written(row: OutboxRow | None, call: Call) -> bool:
    """Whether this very result is in the store already: only the answer to its commit was lost."""
    return row is not None and (row.state, row.epoch) == ("sent", call.epoch)


async def _let_go(unit: Unit, gone: Queued | OutboxRow, outcome: Outcome) -> None:
    """A file that was fetched for nobody is not kept."""
    if gone.method == FETCH and outcome.fate is Fate.SENT:
        await files.discard(unit, outcome.result)


def _place(call: Call) -> dict[str, object]:
    return {"row": call.row.id, "chat": call.row.chat_id, "method": call.row.method}
