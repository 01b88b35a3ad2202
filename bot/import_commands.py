"""`touchdesk import`: customers, orders and touchpoints from other departments' files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from bot.settings import Settings
from crm_store.store import Store
from support.imports.records import Progress

import_app = typer.Typer(
    help="Customers, orders and contacts from other departments' files: CSV, XLSX, JSON. A file is taken over whole or"
    " not at all; on SQLite messages wait while its rows are written, some seconds for 100,000. With --keep-good they"
    " wait for some thousand rows at a time.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Map = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="THEIRS=OURS", help="what a column is; THEIRS= leaves it out; remembered"),
]
KeepGood = Annotated[
    bool, typer.Option("--keep-good", help="take over the good rows although there are bad ones, bit by bit")
]
Encoding = Annotated[str | None, typer.Option(help="of CSV and JSON; found out if not given")]
Dates = Annotated[
    Literal["dmy", "mdy", "ymd"] | None, typer.Option("--dates", help="order of day, month, year; ISO needs none")
]


@import_app.command("customers")
def import_customers(
    file: File, map_: Map = None, keep_good: KeepGood = False, encoding: Encoding = None, dates: Dates = None
) -> None:
    """Customers; importing again changes only what changed."""
    _import("customers", file, map_ or [], keep_good, encoding, dates)


@import_app.command("orders")
def import_orders(
    file: File, map_: Map = None, keep_good: KeepGood = False, encoding: Encoding = None, dates: Dates = None
) -> None:
    """Orders, and refunds as negative ones; importing again changes only what changed."""
    _import("orders", file, map_ or [], keep_good, encoding, dates)


@import_app.command("touchpoints")
def import_touchpoints(
    file: File, map_: Map = None, keep_good: KeepGood = False, encoding: Encoding = None, dates: Dates = None
) -> None:
    """Calls, visits, complaints and the like; what says something else than before is kept as an edit."""
    _import("touchpoints", file, map_ or [], keep_good, encoding, dates)


def _import(
    kind: Literal["customers", "orders", "touchpoints"],
    file: Path,
    said: list[str],
    keep_good: bool,
    encoding: str | None,
    dates: Literal["dmy", "mdy", "ymd"] | None,
) -> None:
    from bot.opening import with_store
    from support.imports.files import FileOptions, import_file
    from support.imports.result import ImportResult, told

    columns = dict(map(_pair, said))

    async def work(settings: Settings, store: Store) -> ImportResult:
        options = FileOptions(columns, encoding, dates, ZoneInfo(settings.timezone))
        with _bars(file.name) as (reading, writing):
            return await import_file(store, kind, file, options, keep_good=keep_good, reading=reading, writing=writing)

    result = with_store(work)
    if result.encoding:
        print(f"{file.name}: read as {result.encoding}; if names look wrong, say --encoding", file=sys.stderr)
    if result.problems:
        print("\n".join([f"{file.name}: left out", *told(result.problems, result.refused)]), file=sys.stderr)
    counts = f"{result.added} added, {result.changed} changed, {result.unchanged} unchanged"
    print(f"{file.name}: {counts}" + (f", {result.refused} left out" if result.refused else ""))


def _pair(said: str) -> tuple[str, str]:
    theirs, equals, ours = said.rpartition("=")
    if not equals or not theirs.strip():
        raise typer.BadParameter(f"{said!r} is not THEIRS=OURS", param_hint="--map")
    return theirs.strip(), ours.strip()


@contextmanager
def _bars(name: str) -> Iterator[tuple[Progress, Progress]]:
    """Two bars on stderr, one after the other: bytes read and rows written."""
    with ExitStack() as open_bars:
        yield _bar(f"{name}: reading", open_bars), _bar(f"{name}: writing", open_bars)


def _bar(label: str, open_bars: ExitStack) -> Progress:
    """Shown from its first progress on, when it takes the place of the one before."""
    shown: list[Callable[[int], None]] = []

    def progress(done: int, total: int) -> None:
        if not shown:
            open_bars.close()
            bar = open_bars.enter_context(typer.progressbar(length=total, label=label, file=sys.stderr))
            shown.append(lambda reached: bar.update(reached - bar.pos))
        shown[0](done)

    return progress
