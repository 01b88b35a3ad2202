"""Sends what was decided: in order per chat, within Telegram's limits, each row at most once unless uncertain.

A bot has one sender at a time, elected for a term (workers.term); every process that could be it has one standing by.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiohttp import ClientError

from crm_store.store import Store
from crm_store.unit import Ephemeral
from support.meters import Meters
from workers.api import BotApi
from workers.calling import Caller, Files
from workers.calls import Call
from workers.following import Consequence, Following
from workers.pacing import Rates
from workers.term import Term

log = structlog.get_logger()

EPHEMERAL_SECONDS = 5.0


class Sender:
    """A sender of a bot. `consequence` runs, in a unit of its own, for results that somebody waits for."""

    def __init__(
        self,
        store: Store,
        api: BotApi,
        rates: Rates,
        files: Files,
        consequence: Consequence,
        meters: Meters | None = None,
    ) -> None:
        self._store, self._api, self._rates = store, api, rates
        self._meters = meters or Meters()
        self._caller, self._following = Caller(api, files), Following(store, consequence, self._meters)
        self.term: Term | None = None
        self._unwritten: Sequence[Call] = ()

    @property
    def problem(self) -> str | None:
        """Why nothing is sent, for people to mend it; one that stands by has none."""
        return self.term.problem if self.term else None

    async def run(self, ending: asyncio.Event) -> None:
        """One term: until `ending`, or until another sender's has begun, when whoever elects may do so anew.

        Calls under way are finished and their results written first. It may be run again after that, and then still
        knows what could not be written.
        """
        self.term = term = Term(
            self._store, self._api.bot_id, self._rates, self._caller, self._following, self._meters, self._unwritten
        )
        try:
            await term.run(ending)
        finally:
            self.term, self._unwritten = None, term.unwritten

    async def fleeting(self, calls: Sequence[Ephemeral]) -> None:
        """Answers to presses and typing signs: at once, not kept, a failure harms nobody. Needs no term."""
        for method, payload in calls:
            try:
                await self._api.call(method, payload, seconds=EPHEMERAL_SECONDS)
            except (ClientError, TimeoutError) as error:
                log.debug("sender.fleeting_lost", method=method, error=type(error).__name__)
