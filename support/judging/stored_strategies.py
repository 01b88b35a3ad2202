"""Strategies in the store: those that hold, what an admin sets instead, and taking the last change back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import HouseRule
from crm_store.repositories import house_rules
from crm_store.unit import Unit
from support.audit import audit
from support.judging.fields import fields_of
from support.judging.house_rules import BrokenRulesError
from support.judging.last_good import LOOKED_BACK, last_good
from support.judging.strategies import KEY, STAGES, Strategies, checked
from support.judging.usual_strategies import usual


class NothingToUndoError(ValueError):
    """No strategy was ever set."""

    def __init__(self) -> None:
        super().__init__("no strategy was ever set: the product's own hold")


class StrategiesChangedError(RuntimeError):
    """Somebody else set strategies between showing the differences and setting."""

    def __init__(self) -> None:
        super().__init__("somebody changed the strategies meanwhile: look at the differences once more")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two strategies do not have in common, such as `use.offer.text.en`; None where it is not set."""

    field: str
    before: object
    after: object


async def held(session: AsyncSession) -> Strategies:
    """The newest that can be read; the product's own if none was ever set."""
    return last_good(await house_rules.history(session, KEY, LOOKED_BACK), checked, usual())


def with_changes(strategies: Strategies, wanted: Strategies, stages: Collection[str]) -> Strategies:
    """The strategies with those of some stages replaced as a whole."""
    return strategies.model_copy(update={stage: wanted.of(stage) for stage in STAGES if stage in stages})


async def replace(unit: Unit, shown: Strategies, wanted: Strategies) -> None:
    """Sets the strategies instead of those that were shown. Raises StrategiesChangedError if others hold by now."""
    if await held(unit.session) != shown:
        raise StrategiesChangedError
    put(unit, wanted)


def put(unit: Unit, strategies: Strategies, agent_id: int | None = None) -> None:
    """Sets the strategies from now on; `agent_id` is none for the command line."""
    house_rules.put(unit, KEY, strategies.plain(), agent_id)
    audit(unit, "strategies.set", "house_rule", KEY, agent_id=agent_id)


@dataclass(frozen=True, slots=True)
class Change:
    """Strategies were set: when, by whom (None: at a terminal), and what became different; `problem` where the row, or
    the one before it, cannot be read.
    """

    at: datetime
    agent: str | None
    differences: tuple[Difference, ...] = ()
    problem: str | None = None


async def changes(unit: Unit, limit: int) -> list[Change]:
    """The newest first, each against the one before it; before the first the product's own held."""
    return [_change(*found) for found in await house_rules.changes(unit, KEY, limit)]


def _change(row: HouseRule, former_row: HouseRule | None, agent: str | None) -> Change:
    try:
        before, after = checked(former_row.value) if former_row else usual(), checked(row.value)
    except BrokenRulesError as error:
        return Change(row.at, agent, problem=str(error))
    return Change(row.at, agent, tuple(differences(before, after)))


async def former(session: AsyncSession) -> Strategies:
    """What held before the last change. Raises NothingToUndoError."""
    newest, *before = await house_rules.history(session, KEY, LOOKED_BACK) or (None,)
    if newest is None:
        raise NothingToUndoError
    return last_good(before, checked, usual())


def differences(before: Strategies, after: Strategies) -> list[Difference]:
    """Every field that is not the same, stage by stage."""
    old, new = dict(fields_of(before.plain())), dict(fields_of(after.plain()))
    return [
        Difference(field, old.get(field), new.get(field))
        for field in dict.fromkeys([*new, *old])
        if old.get(field) != new.get(field)
    ]
