"""The house rules as they hold right now: kept in memory, so that no message reads a table for them."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.tiers import TierLimits
from crm_store.repositories import house_rules as stored
from crm_store.store import Store
from support.judging import stored_strategies
from support.judging.house_rules import DEFAULT, KEYS, HouseRules, Policy, changed
from support.judging.last_good import LOOKED_BACK, last_good
from support.judging.strategies import KEY as STRATEGIES
from support.judging.strategies import Strategies
from support.judging.usual_strategies import usual


class LiveRules:
    """Holds the present rules. A stored rule that cannot be read is logged and never stops the service."""

    def __init__(self, rules: HouseRules = DEFAULT) -> None:
        self._now = rules
        self._strategies = usual()
        self._seen: Mapping[str, int] = {}

    @property
    def rules(self) -> HouseRules:
        return self._now

    @property
    def policy(self) -> Policy:
        return self._now.policy

    @property
    def tiers(self) -> TierLimits:
        return self._now.tiers.limits

    @property
    def strategies(self) -> Strategies:
        return self._strategies

    async def refresh(self, store: Store) -> bool:
        """Takes over what was set since; says whether anything was. Raises StoreUnavailableError."""
        async with store.read() as session:
            newest = {key: row.id for key, row in (await stored.newest(session)).items() if key in (*KEYS, STRATEGIES)}
            if newest == self._seen:
                return False
            self._now = await held(session, self._now)
            self._strategies = await stored_strategies.held(session)
        self._seen = newest
        return True


async def held(session: AsyncSession, otherwise: HouseRules = DEFAULT) -> HouseRules:
    """The stored rules; of a part that was never set, or not once readably, `otherwise` holds."""
    rules = otherwise
    for key in KEYS:
        rules = await _newest_good(session, key, rules)
    return rules


async def _newest_good(session: AsyncSession, key: str, rules: HouseRules) -> HouseRules:
    own = rules.model_copy(update={key: getattr(DEFAULT, key)})
    rows = await stored.history(session, key, LOOKED_BACK)
    return last_good(rows, lambda value: changed(own, {key: value}), rules)
