"""What the commands on judgement print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from analytics.evaluation import Trust
from analytics.segments.movers import Distinction
from bot.opening import build_desk
from bot.settings import Settings
from bot.tables import count, short, table
from console.api.judgement import Migrated, UpgradeList, WinBackList
from crm_store.queries.climbing import Leaving
from crm_store.store import Store
from support.agents.voice import Voice
from support.judging.climbing import Climb, Page, Upgrade, Upgrades, WinBack, upgrades, win_back
from support.judging.evaluating import evaluated, kept, worded
from support.judging.migrating import MigrationReport, Wanted, groups_of, migrated
from support.judging.trusting import Grades

NOWHERE = "–"
UPGRADES = ("customer", "name", "tier", "value", "short of", "by", "reached", "gain", "expected")
LEAVING = ("customer", "name", "tier", "stage", "value", "risk", "priority", "silent", "usually", "with")
NOT_KEPT = "not kept for the cards: there are no orders, or customers were never scored; `touchdesk score` does"
WORDS = {Trust.GOOD: "well", Trust.SOME: "somewhat", Trust.NONE: "not", Trust.TOO_LITTLE: "too little history to test"}
MOVERS = ("what", "moved", "stayed", "difference")


async def evaluation_page(settings: Settings, store: Store, as_of: date | None, *, as_json: bool) -> str:
    """As of today it is kept, so that cards can say how far the risk is to be trusted. Raises AsOfError."""
    desk, now = build_desk(settings, store), store.clock()
    found = await evaluated(desk, as_of or now.astimezone(desk.timezone).date(), now)
    is_kept = as_of is None and await kept(desk, found, now)
    if as_json:
        return json.dumps(found.as_data() | {"kept": is_kept}, indent=2)
    return "\n".join([*worded(Voice(desk, now), found), *([] if as_of or is_kept else [NOT_KEPT])])


async def migration_page(settings: Settings, store: Store, wanted: Wanted, *, as_json: bool) -> str:
    """Raises MigrationError."""
    report = await migrated(build_desk(settings, store), wanted, store.clock())
    return Migrated.of(report).model_dump_json(indent=2, by_alias=True) if as_json else "\n".join(_moves(report))


def _moves(report: MigrationReport) -> Iterator[str]:
    found = report.migration
    yield f"Moves between {report.by}s from the end of {report.since} to the end of {report.until}"
    if report.recorded_since is None or report.recorded_since > report.since:
        yield f"where customers stand is recorded since {report.recorded_since or 'the first `touchdesk score`'}"
    if not found.moves:
        yield "nobody stood anywhere"
        return
    yield ""
    yield from table(_matrix(report), right=range(1, len(groups_of(report.by)) + 2))
    yield f"rows: {report.since}, columns: {report.until}; {NOWHERE}: in none"
    yield f"{count(found.up, 'customer')} up, {found.down:,} down, {found.stayed:,} stayed"
    yield from _differences("Those who went up", report.up)
    yield from _differences("Those who went down", report.down)
    yield ""
    yield "means per customer in the days between, difference in standard deviations (95 % interval), clear ones only;"
    yield "what they did was observed and need not be why they moved"


def _matrix(report: MigrationReport) -> Sequence[Sequence[str]]:
    """Groups that nobody was in are left out."""
    cells = {(move.source, move.target): move.customers for move in report.migration.moves}
    order: tuple[str | None, ...] = (*groups_of(report.by), None)
    sources = [group for group in order if any(source == group for source, _ in cells)]
    targets = [group for group in order if any(target == group for _, target in cells)]
    head = ("", *(target or NOWHERE for target in targets))
    rows = [(source or NOWHERE, *(_cell(cells.get((source, target))) for target in targets)) for source in sources]
    return [head, *rows]


def _cell(customers: int | None) -> str:
    return f"{customers:,}" if customers else "."


def _differences(heading: str, found: Sequence[Distinction]) -> Iterator[str]:
    yield ""
    if not found:
        yield f"{heading}: nothing clear distinguishes them from those who stayed"
        return
    yield f"{heading}, against those who stayed"
    yield from table([MOVERS, *map(_difference, found)], right=(1, 2))


def _difference(found: Distinction) -> tuple[str, ...]:
    apart = f"{found.value:+.2f} ({found.low:+.2f} … {found.high:+.2f})"
    return found.feature.replace("_", " "), f"{found.movers_mean:,.1f}", f"{found.stayers_mean:,.1f}", apart


async def upgrades_page(settings: Settings, store: Store, page: Page, *, as_json: bool) -> str:
    found = await upgrades(build_desk(settings, store), store.clock(), page)
    return UpgradeList.of(found, page).model_dump_json(indent=2) if as_json else "\n".join(_upgrades(found))


def _upgrades(found: Upgrades) -> Iterator[str]:
    if not found.candidates:
        yield "nobody stands close below the next tier"
    else:
        yield f"Customers close below the next tier; money in {found.currency or 'the shop’s currency'}"
        yield _trust(found.trusted, "value")
        yield ""
        yield from table([UPGRADES, *map(_upgrade, found.candidates)], right=(3, 5, 6, 7, 8))
        yield "gain: what the median customer there is worth more; expected: this × the share that climbed, cautiously"
    for climb in found.climbs:
        yield from _climb(climb)


def _upgrade(found: Upgrade) -> tuple[str, ...]:
    one = found.candidate
    expected = "" if one.expected_gain is None else f"{one.expected_gain:,.2f}"
    return (
        short(found.number or str(one.customer_id), 20),
        short(found.name or "", 24),
        one.step.tier,
        f"{one.value:,.0f}",
        one.step.target,
        f"{one.missing:,.0f}",
        f"{one.reached:.0%}",
        f"{one.gain:,.0f}",
        expected,
    )


def _climb(climb: Climb) -> Iterator[str]:
    step = climb.step
    if not step.customers:
        yield ""
        yield f"Nobody's place 90 days ago is known to be {step.tier}, so neither is who climbed from there"
        return
    yield from _differences(
        f"{step.climbed:,} of {step.customers:,} climbed from {step.tier} in 90 days", climb.lessons
    )


async def winback_page(settings: Settings, store: Store, page: Page, *, as_json: bool) -> str:
    found = await win_back(build_desk(settings, store), page)
    return WinBackList.of(found, page).model_dump_json(indent=2) if as_json else "\n".join(_leaving(found))


def _leaving(found: WinBack) -> Iterator[str]:
    if not found.leaving:
        yield "nobody is at risk"
        return
    yield f"Customers at risk or gone who may be approached; money in {found.currency or 'the shop’s currency'}"
    yield _trust(found.trusted, "value", "risk", "at_risk", "left")
    yield ""
    yield from table([LEAVING, *map(_leaver, found.leaving)], right=range(4, len(LEAVING)))
    yield "priority: value × risk, no amount of money; silent, usually: days since the last order, and between orders"
    yield "with: the colleague who has them just now; left out is whoever wants no marketing or can be reached nowhere"


def _leaver(found: Leaving) -> tuple[str, ...]:
    return (
        short(found.number or str(found.customer_id), 20),
        short(found.name or "", 24),
        found.tier or "",
        found.stage,
        f"{found.value:,.0f}",
        f"{found.risk:.0%}",
        f"{found.priority:,.0f}",
        "" if found.days_silent is None else f"{found.days_silent:,} d",
        "" if found.usual_gap_days is None else f"{found.usual_gap_days:,.0f} d",
        short(found.served_by or "", 24),
    )


def _trust(found: Grades | None, *figures: str) -> str:
    """One line above a list."""
    if found is None:
        return "how far to trust it is not known yet: `touchdesk evaluate` finds out"
    told = (f"{figure.replace('_', ' ')} {WORDS[getattr(found, figure)]}" for figure in figures)
    return f"how far to trust it: {', '.join(told)}"
