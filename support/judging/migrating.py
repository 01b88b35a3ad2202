"""Who moved between tiers, stages or segments from one day to another, and what those who moved did differently.

What they did is observed; nothing says that it made them move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import add
from zoneinfo import ZoneInfo

from analytics.rfm import RfmSegment
from analytics.segments.migration import Migration, migration_of
from analytics.segments.movers import Distinction, Moments, distinctions_of
from analytics.stages import Stage
from analytics.tiers import Tier
from crm_store.queries import moves
from crm_store.queries.moves import FEATURES, Moved, Span
from support.desk import Desk

BEST_FIRST: Mapping[str, Sequence[str]] = {
    "tier": tuple(Tier),
    "stage": (Stage.LOYALTY, Stage.USE, Stage.PURCHASE, Stage.CONSIDERATION, Stage.AWARENESS, Stage.CHURN),
    "segment": tuple(RfmSegment),
}
UP, STAYED, DOWN = "up", "stayed", "down"
USUAL_DAYS = 90
FIRST_DAY = date(1970, 1, 1)


class MigrationError(ValueError):
    """No migration can be told of such days, or by such groups."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Standings as of the end of these days of the shop: without `until` today, without `since` 90 days before it.
    `by` is tier, stage or segment.
    """

    since: date | None = None
    until: date | None = None
    by: str = "tier"


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """`up` and `down` are what distinguishes those who rose, or fell, from those who stayed where they could have
    done the same. `recorded_since` is the first day of which standings are known; None: of none.
    """

    since: date
    until: date
    by: str
    migration: Migration[str]
    up: tuple[Distinction, ...]
    down: tuple[Distinction, ...]
    recorded_since: date | None


async def migrated(desk: Desk, wanted: Wanted, now: datetime) -> MigrationReport:
    """Raises MigrationError."""
    groups, span = groups_of(wanted.by), span_of(wanted, desk.timezone, now)
    async with desk.store.read() as session:
        found = await moves.moved(session, wanted.by, span)
        begun = await moves.recorded_since(session)
    return MigrationReport(
        since=span.first,
        until=span.last,
        by=wanted.by,
        migration=migration_of({(each.source, each.target): each.customers for each in found}, groups),
        up=distinguished(found, UP, groups, groups[1:]),
        down=distinguished(found, DOWN, groups, groups[:-1]),
        recorded_since=begun.astimezone(desk.timezone).date() if begun else None,
    )


def groups_of(by: str) -> Sequence[str]:
    """The groups, best first. Raises MigrationError."""
    if by not in BEST_FIRST:
        raise MigrationError(f"customers move between {', '.join(BEST_FIRST)}; “{by}” is none of these")
    return BEST_FIRST[by]


def span_of(wanted: Wanted, zone: ZoneInfo, now: datetime) -> Span:
    """Raises MigrationError."""
    today = now.astimezone(zone).date()
    last = wanted.until or today
    if last <= FIRST_DAY:
        raise MigrationError(f"the later day, {last}, is not after {FIRST_DAY}")
    first = wanted.since or max(last - timedelta(days=USUAL_DAYS), FIRST_DAY)
    if last > today:
        raise MigrationError(f"the later day, {last}, is yet to come; today is {today}")
    if first >= last:
        raise MigrationError(f"the earlier day, {first}, is not before the later one, {last}")
    if first < FIRST_DAY:
        raise MigrationError(f"the earlier day, {first}, is before {FIRST_DAY.year}")
    return Span(first, last, _end(first, zone), _end(last, zone))


def _end(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def way_of(moved: Moved, best_first: Sequence[str]) -> str | None:
    """None of those who came from nowhere or are nowhere now."""
    if moved.source is None or moved.target is None:
        return None
    source, target = best_first.index(moved.source), best_first.index(moved.target)
    return STAYED if target == source else UP if target < source else DOWN


def distinguished(
    moved: Sequence[Moved], way: str, best_first: Sequence[str], sources: Sequence[str]
) -> tuple[Distinction, ...]:
    """What distinguishes those who went up or down out of some groups from those who stayed in them."""
    movers, stayers = (
        _added(each for each in moved if each.source in sources and way_of(each, best_first) == went)
        for went in (way, STAYED)
    )
    return tuple(distinctions_of(movers, stayers))


def _added(moved: Iterable[Moved]) -> dict[str, Moments]:
    every = list(moved)
    return {name: reduce(add, (Moments(*each.features[name]) for each in every), Moments()) for name in FEATURES}
