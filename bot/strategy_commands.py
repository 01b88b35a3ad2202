"""`touchdesk strategy`: what the bot offers, asks and leaves out in each stage of a customer's life."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.tables import count, short, table
from crm_store.store import Store
from support.judging.stored_strategies import Change, Difference
from support.judging.strategies import Strategies
from support.judging.strategy_file import WHAT_MAY_BE_SET, StrategyFile, as_yaml, check_entries, open_strategies

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

    print(as_yaml(with_store(lambda _, store: _held(store)), told=WHAT_MAY_BE_SET), end="")


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

    rows = [_line(change) for change in with_store(lambda _, store: _history(store, limit))]
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
    with_store(lambda _, store: _replace(store, held, wanted))
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
    """What holds; raises DocumentError if the file offers an FAQ entry that nobody could be told."""
    from crm_store.repositories.faq import published

    async with store.read() as session:
        check_entries(given, {row.id for row in await published(session)})
    return await _held(store)


async def _held_and_former(store: Store) -> tuple[Strategies, Strategies]:
    from support.judging.stored_strategies import former, held

    async with store.read() as session:
        return await held(session), await former(session)


async def _replace(store: Store, shown: Strategies, wanted: Strategies) -> None:
    """Raises StrategiesChangedError."""
    from support.judging.stored_strategies import replace

    await store.run(lambda unit: replace(unit, shown, wanted))


async def _history(store: Store, limit: int) -> list[Change]:
    from support.judging.stored_strategies import changes

    return await store.run(lambda unit: changes(unit, limit))


def _line(change: Change) -> tuple[str, ...]:
    told = f"cannot be read ({short(change.problem)})" if change.problem else _parts(change.differences)
    return f"{change.at:%Y-%m-%d %H:%M} UTC", change.agent or "command line", told


def _parts(found: Sequence[Difference]) -> str:
    """Each strategy's part once: use.offer for its text in every language."""
    return short(", ".join(dict.fromkeys(".".join(each.field.split(".")[:2]) for each in found))) or "nothing"
