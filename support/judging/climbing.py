"""Customers worth an effort: those close below the next tier, and those whom we may lose or have lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from analytics.segments.movers import Distinction
from analytics.tiers import Tier
from analytics.upgrades import LEAST_REACHED, Candidate, Step, candidate
from crm_store.queries import climbing, moves
from crm_store.queries.climbing import Bar, Leaving, Near
from crm_store.queries.moves import Moved
from crm_store.repositories import shop_models
from support.customers.consents import MARKETING
from support.desk import Desk
from support.judging.migrating import BEST_FIRST, UP, Wanted, distinguished, span_of, way_of
from support.judging.trusting import Grades, grades

MOST_LISTED = 1_000
FURTHEST = 100_000
"""Nobody reads further down such a list."""
ABOVE: Mapping[str, str] = {lower: upper for upper, lower in zip(Tier, list(Tier)[1:], strict=False)}


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: 1 to MOST_LISTED lines, after the first `offset`, 0 to FURTHEST. Raises PageError."""

    limit: int = 50
    offset: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.limit <= MOST_LISTED and 0 <= self.offset <= FURTHEST):
            raise PageError

    def after(self, found: int) -> int | None:
        """The offset of the next page, where this one has so many lines; None after the last."""
        following = self.offset + self.limit
        return following if found == self.limit and following <= FURTHEST else None


class PageError(ValueError):
    """A part of a list that is never given."""

    def __init__(self) -> None:
        super().__init__(f"a list has 1 to {MOST_LISTED:,} lines, after the first 0 to {FURTHEST:,}")


@dataclass(frozen=True, slots=True)
class Climb:
    """A step up; `lessons` are what those who took it in the last 90 days did more or less than those who stayed."""

    step: Step
    lessons: tuple[Distinction, ...]

    def as_data(self) -> dict[str, Any]:
        """For JSON, fields by their names."""
        return {"step": asdict(self.step), "lessons": [asdict(lesson) for lesson in self.lessons]}


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A candidate and who it is; `number` is the shop's own."""

    number: str | None
    name: str | None
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Upgrades:
    """Steps the best tier first; tiers that nobody is in have none. Candidates the largest gain for the smallest gap
    first, of all steps together. `trusted` is None where nothing was put to the test."""

    currency: str | None
    trusted: Grades | None
    climbs: tuple[Climb, ...]
    candidates: tuple[Upgrade, ...]


@dataclass(frozen=True, slots=True)
class WinBack:
    """The most urgent first, by value × risk. `trusted` is None where nothing was put to the test."""

    currency: str | None
    trusted: Grades | None
    leaving: Sequence[Leaving]


async def upgrades(desk: Desk, now: datetime, page: Page) -> Upgrades:
    """Who could climb, from the newest judgements."""
    async with desk.store.read() as session:
        climbs = await read_climbs(session, desk, now)
        steps = {climb.step.tier: climb.step for climb in climbs}
        bars = {tier: Bar(step.bar, step.usual) for tier, step in steps.items()}
        found = await climbing.near(session, bars, LEAST_REACHED, page.limit, page.offset)
        currency, trusted = await climbing.currency(session), grades(await shop_models.evaluation(session))
    candidates = tuple(filter(None, (_upgrade(each, steps[each.tier]) for each in found)))
    return Upgrades(currency, trusted, climbs, candidates)


def _upgrade(near: Near, step: Step) -> Upgrade | None:
    found = candidate(near.customer_id, near.value, step)
    return Upgrade(near.number, near.name, found) if found else None


async def read_climbs(session: AsyncSession, desk: Desk, now: datetime) -> tuple[Climb, ...]:
    """The steps as they are now, and what the last 90 days say of them."""
    span = span_of(Wanted(), desk.timezone, now)
    bars = await climbing.bars(session, list(ABOVE.values()))
    moved = await moves.moved(session, "tier", span)
    return tuple(_climb(tier, bars[target], moved) for tier, target in ABOVE.items() if target in bars)


def _climb(tier: str, bar: Bar, moved: Sequence[Moved]) -> Climb:
    order = BEST_FIRST["tier"]
    still = [each for each in moved if each.source == tier and each.target is not None]
    climbed = sum(each.customers for each in still if way_of(each, order) == UP)
    step = Step(tier, ABOVE[tier], bar.least, bar.median, climbed, sum(each.customers for each in still))
    return Climb(step, distinguished(moved, UP, order, [tier]))


async def win_back(desk: Desk, page: Page) -> WinBack:
    """Whom we may lose or have lost, from the newest judgements: only those who may be approached and can be."""
    async with desk.store.read() as session:
        return WinBack(
            currency=await climbing.currency(session),
            trusted=grades(await shop_models.evaluation(session)),
            leaving=await climbing.leaving(session, MARKETING, page.limit, page.offset),
        )
