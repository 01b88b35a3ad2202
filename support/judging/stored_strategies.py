"""Strategies in the store: those that hold, what an admin sets instead, and taking the last change back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import HouseRule
from crm_store.repositories import house_rules
from crm_store.unit import Unit
from support.audit import audit
from support.judging.house_rules import BrokenRulesError
from support.judging.strategies import KEY, STAGES, Strategies, checked
from support.judging.usual_strategies import usual

log = structlog.get_logger()

LOOKED_BACK = 20
"""As many former states are tried where the newest ones cannot be read."""


class NothingToUndoError(ValueError):
    """No strategy was ever set."""

    def __init__(self) -> None:
        super().__init__("no strategy was ever set: the product's own hold")


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two strategies do not have in common, such as `use.offer.text.en`; None where it is not set."""

    field: str
    before: object
    after: object


async def held(session: AsyncSession) -> Strategies:
    """The newest that can be read; the product's own if none was ever set."""
    return _newest_good(await house_rules.history(session, KEY, LOOKED_BACK))


def _newest_good(rows: Iterable[HouseRule]) -> Strategies:
    for row in rows:
        try:
            return checked(row.value)
        except BrokenRulesError as error:
            log.error("strategies.broken", rule=row.id, problem=str(error), will="keep the last good ones")
    return usual()


def with_changes(strategies: Strategies, wanted: Strategies, stages: Collection[str]) -> Strategies:
    """The strategies with those of some stages replaced as a whole."""
    return strategies.model_copy(update={stage: wanted.of(stage) for stage in STAGES if stage in stages})


def put(unit: Unit, strategies: Strategies, agent_id: int | None = None) -> None:
    """Sets the strategies from now on; `agent_id` is none for the command line."""
    house_rules.put(unit, KEY, strategies.plain(), agent_id)
    audit(unit, "strategies.set", "house_rule", KEY, agent_id=agent_id)


async def former(session: AsyncSession) -> Strategies:
    """What held before the last change. Raises NothingToUndoError."""
    newest, *before = await house_rules.history(session, KEY, LOOKED_BACK) or (None,)
    if newest is None:
        raise NothingToUndoError
    return _newest_good(before)


def differences(before: Strategies, after: Strategies) -> list[Difference]:
    """Every field that is not the same, stage by stage."""
    old, new = dict(_leaves(before.plain())), dict(_leaves(after.plain()))
    return [
        Difference(field, old.get(field), new.get(field))
        for field in dict.fromkeys([*new, *old])
        if old.get(field) != new.get(field)
    ]


def _leaves(tree: Mapping[str, Any] | Sequence[Any], under: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    branches = tree.items() if isinstance(tree, Mapping) else enumerate(tree, 1)
    for name, value in branches:
        if isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(each, dict) for each in value)):
            found += _leaves(value, f"{under}{name}.")
        else:
            found.append((f"{under}{name}", value))
    return found
