"""`touchdesk strategy`: what the bot offers, asks and leaves out in each stage of a customer's life."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select

from bot.tables import count, short, table
from crm_store.models import Agent, HouseRule
from crm_store.store import Store
from support.judging.stored_strategies import Difference
from support.judging.strategies import KEY, Strategies, checked
from support.judging.strategy_file import StrategyFile, as_yaml, check_entries, open_strategies

strategy_app = typer.Typer(
    help="What the bot offers, asks and leaves out in each stage of a customer's life.", no_args_is_help=True
)

ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Yes = Annotated[bool, typer.Option("--yes", help="without asking, for scripts")]
Limit = Annotated[int, typer.Option(min=1, max=1_000, help="the newest changes that are shown")]
HEAD = ("when", "by", "changed")


@strategy_app.command("show")
def show() -> None:
    """The strategies that hold, as a YAML file to edit and set."""
    from bot.opening import with_store

    print(as_yaml(with_store(lambda _, store: _held(store))), end="")


@strategy_app.command("set")
def set_(file: ExistingFile, yes: Yes = False) -> None:
    """Replaces the stages that a YAML file names; a broken file changes nothing."""
    from bot.opening import with_store
    from support.judging.stored_strategies import with_changes

    given = open_strategies(file)
    held = with_store(lambda _, store: _held_for(store, given))
    _change(held, with_changes(held, given.strategies, given.stages), file.name, yes)


@strategy_app.command("history")
def history(limit: Limit = 20) -> None:
    """Who changed what and when, the newest first."""
    from bot.opening import with_store

    rows = with_store(lambda _, store: _history(store, limit))
    print("\n".join(table([HEAD, *rows])) if rows else "no strategy was ever set: the product's own hold")


@strategy_app.command("undo")
def undo(yes: Yes = False) -> None:
    """Takes the last change back; a second time brings it again."""
    from bot.opening import with_store

    held, former = with_store(lambda _, store: _held_and_former(store))
    _change(held, former, "undo", yes)


def _change(held: Strategies, wanted: Strategies, name: str, yes: bool) -> None:
    """Shows what would be different, asks, and sets it."""
    from bot.opening import with_store
    from support.judging.stored_strategies import differences

    found = differences(held, wanted)
    if not found:
        print(f"{name}: nothing changes")
        return
    print("\n".join(map(_difference, found)))
    if not yes:
        typer.confirm("Set these from now on?", abort=True)
    with_store(lambda _, store: _put(store, wanted))
    print(f"{name}: {count(len(found), 'field')} set; the service follows within seconds")


def _difference(found: Difference) -> str:
    return f"{found.field}: {_value(found.before)} → {_value(found.after)}"


def _value(value: object) -> str:
    if value is None:
        return "–"
    return short(", ".join(map(str, value)) if isinstance(value, list) else str(value))


async def _held(store: Store) -> Strategies:
    from support.judging.stored_strategies import held

    async with store.read() as session:
        return await held(session)


async def _held_for(store: Store, given: StrategyFile) -> Strategies:
    """What holds; raises StrategyFileError if the file offers an FAQ entry that nobody could be told."""
    from crm_store.repositories.faq import published

    async with store.read() as session:
        check_entries(given, {row.id for row in await published(session)})
    return await _held(store)


async def _held_and_former(store: Store) -> tuple[Strategies, Strategies]:
    from support.judging.stored_strategies import former, held

    async with store.read() as session:
        return await held(session), await former(session)


async def _put(store: Store, wanted: Strategies) -> None:
    from support.judging.stored_strategies import put

    async with store.unit() as unit:
        put(unit, wanted)


async def _history(store: Store, limit: int) -> list[tuple[str, ...]]:
    from crm_store.repositories import house_rules

    async with store.read() as session:
        rows = await house_rules.history(session, KEY, limit + 1)
        who = select(Agent.id, Agent.name).where(Agent.id.in_({row.agent_id for row in rows if row.agent_id}))
        names = dict((await session.execute(who)).all())
    return _lines(rows, names)[:limit]


def _lines(rows: Sequence[HouseRule], names: dict[int, str]) -> list[tuple[str, ...]]:
    """A line for each change, with what it changed; before the first one the product's own held."""
    from support.judging.stored_strategies import differences
    from support.judging.usual_strategies import usual

    states = [*(checked(row.value) for row in rows), usual()]
    changed = [differences(before, after) for after, before in pairwise(states)]
    return [
        (f"{row.at:%Y-%m-%d %H:%M} UTC", names.get(row.agent_id or 0, "command line"), _parts(found))
        for row, found in zip(rows, changed, strict=True)
    ]


def _parts(found: Sequence[Difference]) -> str:
    """Each strategy's part once: use.offer for its text in every language."""
    return short(", ".join(dict.fromkeys(".".join(each.field.split(".")[:2]) for each in found))) or "nothing"
