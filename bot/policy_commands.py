"""`touchdesk policy`: the rules by which customers are judged and served, and what others would have done."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.settings import Settings
from bot.tables import count, short, table
from crm_store.store import Store
from crm_store.unit import Unit
from support.judging.house_rules import KEYS, HouseRules, differences

if TYPE_CHECKING:
    from support.judging.rule_changes import Change, Difference
    from support.judging.simulating import Example, Period, Simulation, Staffing, World

policy_app = typer.Typer(
    help="Who reaches a human, in which order, how soon; and where the tiers end.", no_args_is_help=True
)

DAY = ["%Y-%m-%d"]
DAYS = 28
MOST_AGENTS = 1000
OTHER_TIERS = (
    "Other tier limits are not simulated: what customers were worth then is not kept, so nobody knows in which tier "
    "they would have been. The tiers are those of the time; other limits count from the next scoring on."
)
ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
RulesFile = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)]
Yes = Annotated[bool, typer.Option("--yes", help="without asking, for scripts")]
By = Annotated[str | None, typer.Option("--by", help="the agent who decided it")]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="the newest changes that are shown")]
Part = Annotated[str, typer.Argument(metavar="[policy|tiers]", help="which part is put back")]
Since = Annotated[datetime | None, typer.Option("--from", formats=DAY, help=f"a day; {DAYS} days before --to")]
Until = Annotated[datetime | None, typer.Option("--to", formats=DAY, help="a day, not itself included; now")]
Agents = Annotated[int | None, typer.Option(min=1, max=MOST_AGENTS, help="who take the queue; as many as did")]
Handling = Annotated[int | None, typer.Option(min=1, max=1_440, help="minutes for each customer; as it really was")]


@policy_app.command("show")
def show() -> None:
    """The rules that hold, as a YAML file to edit and set."""
    from bot.opening import with_store
    from support.judging.rule_file import as_yaml

    print(as_yaml(with_store(lambda _, store: _held(store))), end="")


@policy_app.command("set")
def set_(file: ExistingFile, by: By = None, yes: Yes = False) -> None:
    """Shows what a YAML or JSON file would change, asks, and changes it. What it does not name stays."""
    from bot.opening import with_store
    from support.judging.rule_file import open_rules

    before = with_store(lambda _, store: _held(store))
    _change(before, open_rules(file, before), by, yes, f"touchdesk policy simulate {file}")


@policy_app.command("undo")
def undo(part: Part = "policy", by: By = None, yes: Yes = False) -> None:
    """Shows what the former rules would change, asks, and puts them back; a second time brings the later ones."""
    from bot.opening import with_store

    if part not in KEYS:
        raise typer.BadParameter(f"there are {' and '.join(KEYS)}")
    before, after = with_store(lambda _, store: _held_and_former(store, part))
    _change(before, after, by, yes)


@policy_app.command("history")
def history(limit: Limit = 20) -> None:
    """Who changed which rule and when, the newest first."""
    from bot.opening import with_store

    found, zone = with_store(lambda settings, store: _history(settings, store, limit))
    rows = [row for change in found for row in _change_rows(change, zone)]
    print(
        "\n".join(table([("when", "by", "changed"), *rows])) if rows else "the product's own rules hold: none was set"
    )


@policy_app.command("simulate")
def simulate(
    file: RulesFile = None,
    since: Since = None,
    until: Until = None,
    agents: Agents = None,
    handling: Handling = None,
) -> None:
    """What the present rules, and those of FILE, would have done with the past: who comes before a human, how many a
    day, why, and how long they would have waited. Changes nothing.
    """
    from bot.opening import with_store
    from support.judging.simulating import Staffing

    staffing = Staffing(agents, timedelta(minutes=handling) if handling else None)
    told = with_store(lambda settings, store: _simulate(settings, store, file, since, until, staffing))
    print("\n".join(told))


def _change(before: HouseRules, after: HouseRules, by: str | None, yes: bool, advice: str | None = None) -> None:
    """Shows what would be different, asks, and sets it."""
    from bot.opening import with_store

    found = differences(before, after)
    if not found:
        print("nothing would change")
        return
    print("\n".join(table([("rule", "now", "then"), *((f, _value(now), _value(then)) for f, now, then in found)])))
    if advice:
        print(f"what it would have done before: {advice}")
    if not yes:
        typer.confirm("Set these from now on?", abort=True)
    with_store(lambda _, store: _switch_on(store, before, after, by))
    print(f"{count(len(found), 'rule')} changed; the service follows within seconds, tiers with the next scoring")


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _change_rows(change: Change, zone: tzinfo) -> Iterator[tuple[str, str, str]]:
    when, by = _minute(change.at, zone), change.agent or "terminal"
    if change.problem:
        yield when, by, f"{change.key}: cannot be read ({short(change.problem)})"
    elif not change.differences:
        yield when, by, f"{change.key}: nothing"
    for each in change.differences:
        yield when, by, _told(each)


def _told(difference: Difference) -> str:
    field, before, after = difference
    return f"{field}: {_value(before)} → {_value(after)}"


async def _held(store: Store) -> HouseRules:
    from support.judging.live_rules import held

    async with store.read() as session:
        return await held(session)


async def _held_and_former(store: Store, part: str) -> tuple[HouseRules, HouseRules]:
    from support.judging.rule_changes import former

    before = await _held(store)
    async with store.read() as session:
        return before, await former(session, before, part)


async def _switch_on(store: Store, before: HouseRules, after: HouseRules, by: str | None) -> None:
    from support.access import active_agent
    from support.judging.live_rules import held
    from support.judging.rule_changes import ChangedMeanwhileError, switch_on

    async def work(unit: Unit) -> None:
        if await held(unit.session) != before:
            raise ChangedMeanwhileError
        switch_on(unit, before, after, await active_agent(unit, by) if by else None)

    await store.run(work)


async def _history(settings: Settings, store: Store, limit: int) -> tuple[list[Change], tzinfo]:
    from bot.opening import build_desk
    from support.judging.rule_changes import changes, newest_first

    async def work(unit: Unit) -> list[Change]:
        return newest_first([change for key in KEYS for change in await changes(unit, key, limit)])[:limit]

    return await store.run(work), build_desk(settings, store).timezone


async def _simulate(
    settings: Settings,
    store: Store,
    file: Path | None,
    since: datetime | None,
    until: datetime | None,
    staffing: Staffing,
) -> list[str]:
    from bot.opening import build_desk
    from support.judging.rule_file import open_rules
    from support.judging.simulating import simulate as replay

    desk, present = build_desk(settings, store), await _held(store)
    proposed = open_rules(file, present) if file else None
    period = _period(since, until, store.clock(), desk.timezone)
    with typer.progressbar(length=1, label="replaying", file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        policy = proposed.policy if proposed else None
        found = await replay(desk, period, present.policy, policy, staffing, progress)
    moves_tiers = proposed is not None and proposed.tiers != present.tiers
    return [*_page(found, file.name if file else None, desk.timezone), *([OTHER_TIERS] if moves_tiers else [])]


def _period(since: datetime | None, until: datetime | None, now: datetime, zone: tzinfo) -> Period:
    """The days asked for, in the shop's zone."""
    from support.judging.simulating import Period

    end = until.replace(tzinfo=zone) if until else now
    begin = since.replace(tzinfo=zone) if since else end - timedelta(days=DAYS)
    if begin >= end:
        raise typer.BadParameter("--from must be before --to")
    return Period(begin, end)


def _page(found: Simulation, name: str | None, zone: tzinfo) -> Iterator[str]:
    days = found.period.days
    since, until = (_minute(at, zone) for at in (found.period.since, found.period.until))
    yield f"{since} to {until}: {count(found.messages, 'message')}"
    yield ""
    worlds = [found.really, found.present, *([found.proposed] if found.proposed else [])]
    head = ["", "really", "present rules", *([short(name or "", 30), "difference a day"] if found.proposed else [])]
    yield from table([head, *_rows(worlds, days)], right=range(1, len(head)))
    yield ""
    if found.examples:
        yield from _examples(found.examples, zone)
        yield ""
    yield from _said_of(found, worlds)


def _rows(worlds: Sequence[World], days: float) -> Iterator[list[str]]:
    yield _row("before a human", [world.count for world in worlds], days)
    yield ["a day", *(f"{world.count / days:.2f}" for world in worlds), *([""] if len(worlds) > 2 else [])]
    yield _row("by these rules", [world.decided for world in worlds], days)
    for code in sorted({code for world in worlds for code in world.reasons}):
        yield _row(f"  {short(code, 30)}", [world.reasons.get(code, 0) for world in worlds], days)
    waits = [world.waits for world in worlds]
    if any(waits):
        blank = [""] if len(worlds) > 2 else []
        yield ["half waited up to", *(f"{each.half:.0f} min" if each else "–" for each in waits), *blank]
        yield ["nine in ten up to", *(f"{each.most:.0f} min" if each else "–" for each in waits), *blank]
        yield _row("first answer late", [each.late if each else None for each in waits], days)


def _row(name: str, figures: Sequence[int | None], days: float) -> list[str]:
    """With the difference that the other rules make against the present ones, where there are others."""
    cells = [name, *("–" if figure is None else f"{figure:,}" for figure in figures)]
    _really, present, *others = figures
    for proposed in others:
        is_known = present is not None and proposed is not None
        cells.append(f"{((proposed or 0) - (present or 0)) / days:+.2f}" if is_known else "")
    return cells


def _examples(examples: Sequence[Example], zone: tzinfo) -> Iterator[str]:
    yield "Some of those for whom it makes a difference:"
    rows = [
        (
            _minute(each.at, zone),
            str(each.customer_id),
            "comes before a human" if each.gained else "no longer",
            ", ".join(each.codes),
        )
        for each in examples
    ]
    yield from table([("when", "customer", "then", "because of"), *rows])


def _minute(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _said_of(found: Simulation, worlds: Sequence[World]) -> Iterator[str]:
    """How far to trust it."""
    from support.judging.simulating import FEWEST_HANDLED, FEWEST_MESSAGES

    if found.is_small:
        yield f"Too little history to judge rules by: fewer than {FEWEST_MESSAGES} messages in the period."
    if found.is_too_small_for_waits:
        yield (
            f"Only {count(found.handled, 'customer')} helped in the period, fewer than {FEWEST_HANDLED}: "
            "how long a customer takes is not known; with --handling MINUTES it can be assumed."
        )
    for world in worlds:
        if world.overrun:
            yield f"{world.overrun}."
    if any(world.waits for world in worlds[1:]):
        yield (
            f"Waits are working minutes; under rules, those of {count(found.agents, 'agent')} who take the first in "
            "the queue and need as long as was needed in the period, or as assumed."
        )
    places = found.places
    yield (
        f"Tiers and stages of the writers: {places['then']:,} as they stood then, {places['now']:,} as they stand "
        f"today because no change was kept, {places['none']:,} without any. Worth and risk are those of today."
    )
    yield (
        "A service risk is known only where it really called a human. Buttons, requests and agents bring customers "
        "before a human under any rules; presses and words are taken as they were."
    )
