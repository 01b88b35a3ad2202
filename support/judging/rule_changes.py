"""Switching house rules on, and back: each change is a row, told to every process and kept in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, HouseRule
from crm_store.repositories import house_rules as stored
from crm_store.unit import Unit
from support.audit import audit
from support.judging.house_rules import DEFAULT, KEYS, BrokenRulesError, HouseRules, changed, differences

Difference = tuple[str, object, object]


class NothingToUndoError(LookupError):
    """These rules were never set."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} was never set: the product's own values hold")


class ChangedMeanwhileError(RuntimeError):
    """Somebody else set rules between showing the differences and switching on."""

    def __init__(self) -> None:
        super().__init__("somebody changed the rules meanwhile: look at the differences once more")


@dataclass(frozen=True, slots=True)
class Change:
    """A part of the rules was set: when, by whom (None: at a terminal), and what became different; `problem` where the
    row cannot be read.
    """

    key: str
    at: datetime
    agent: str | None
    differences: tuple[Difference, ...] = ()
    problem: str | None = None


def switch_on(unit: Unit, before: HouseRules, after: HouseRules, agent: Agent | None = None) -> list[str]:
    """Sets each part that is different from now on; returns their names."""
    parts = [key for key in KEYS if getattr(before, key) != getattr(after, key)]
    for key in parts:
        row = stored.put(unit, key, getattr(after, key).model_dump(mode="json"), agent.id if agent else None)
        what = {"fields": [field for field, _, _ in differences(before, after) if field.startswith(f"{key}.")]}
        audit(unit, "house_rules.set", "house_rule", row.id, agent_id=row.agent_id, data=what)
    return parts


async def former(session: AsyncSession, present: HouseRules, key: str) -> HouseRules:
    """The rules with one part as it was before it was set last. Raises NothingToUndoError and BrokenRulesError."""
    rows = await stored.history(session, key, 2)
    if not rows:
        raise NothingToUndoError(key)
    own = present.model_copy(update={key: getattr(DEFAULT, key)})
    return changed(own, {key: rows[1].value}) if len(rows) > 1 else own


async def changes(unit: Unit, key: str, limit: int) -> list[Change]:
    """The newest changes of a part, the newest first, each against the one before it."""
    return [_change(*found) for found in await stored.changes(unit, key, limit)]


def _change(row: HouseRule, former_row: HouseRule | None, agent: str | None) -> Change:
    try:
        before, after = _read(former_row), _read(row)
    except BrokenRulesError as error:
        return Change(row.key, row.at, agent, problem=str(error))
    return Change(row.key, row.at, agent, tuple(differences(before, after)))


def _read(row: HouseRule | None) -> HouseRules:
    return changed(DEFAULT, {row.key: row.value}) if row else DEFAULT


def newest_first(found: Sequence[Change]) -> list[Change]:
    return sorted(found, key=lambda change: change.at, reverse=True)
