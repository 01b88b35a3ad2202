"""The command line. Exit 0: done; 1: failed, with the reason on stderr; 2: wrong usage."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import SQLAlchemyError

from bot.api_commands import api_key_app
from bot.card_commands import card_app
from bot.identity_commands import identity_app
from bot.import_commands import import_app
from bot.judgement_commands import judgement_app
from bot.ledger_commands import ledger_app
from bot.manager_commands import manager_app
from bot.policy_commands import policy_app
from bot.privacy_commands import privacy_app
from bot.reason_commands import reason_app
from bot.referral_commands import referral_app
from bot.report_commands import report_app
from bot.role_commands import role_app
from bot.settings import Settings
from bot.strategy_commands import strategy_app
from bot.upkeep_commands import upkeep_app
from crm_store.store import Store, StoreUnavailableError
from support.imports.result import ImportResult

T = TypeVar("T")

app = typer.Typer(help="Touchdesk: a customer-service bot that remembers.", no_args_is_help=True, add_completion=False)
faq_app = typer.Typer(help="The FAQ: its files, and the laboratory.", no_args_is_help=True)
agent_app = typer.Typer(help="People who answer customers.", no_args_is_help=True)
admin_app = typer.Typer(help="People who also edit the FAQ.", no_args_is_help=True)
customer_app = typer.Typer(help="Customers: who they are, and what is kept of them.", no_args_is_help=True)
customer_app.add_typer(card_app)
customer_app.add_typer(privacy_app)
customer_app.add_typer(referral_app)
customer_app.add_typer(manager_app)
customer_app.add_typer(identity_app)  # without a name its commands stand beside the others' of `customer`
app.add_typer(role_app)
app.add_typer(judgement_app)
app.add_typer(reason_app)
app.add_typer(upkeep_app)
for name, sub in (
    ("faq", faq_app),
    ("import", import_app),
    ("agent", agent_app),
    ("admin", admin_app),
    ("customer", customer_app),
    ("api-key", api_key_app),
    ("ledger", ledger_app),
    ("report", report_app),
    ("policy", policy_app),
    ("strategy", strategy_app),
):
    app.add_typer(sub, name=name)

ExistingFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
EditedFile = Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, readable=True)]
Drafts = Annotated[bool, typer.Option("--drafts", help="instead of FILE: the FAQ with all drafts published")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document")]
Since = Annotated[int | None, typer.Option(min=1, help="days back")]
Threshold = Annotated[float | None, typer.Option(min=0, max=1, help="instead of the FAQ's own")]


def main() -> None:
    """Runs the command line; an error that words itself is told without a traceback."""
    try:
        app()
    except BaseExceptionGroup as group:
        _fail(_only(group))
    except (SystemExit, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - told to the person at the terminal, or raised again
        _fail(error)


def _only(error: BaseException) -> BaseException:
    """The error inside a group that holds a single one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _fail(error: BaseException) -> None:
    """Errors of ours word themselves; anything else is a fault of the program and keeps its traceback."""
    ours = type(error).__module__.split(".")[0] in {
        "bot",
        "console",
        "workers",
        "support",
        "faq",
        "crm_store",
        "analytics",
    }
    if isinstance(error, SQLAlchemyError):
        ours, error = True, StoreUnavailableError(getattr(error, "orig", None) or error)
    if not ours and not isinstance(error, OSError):
        raise error
    print(error, file=sys.stderr)
    raise SystemExit(1)


@app.command()
def demo() -> None:
    """Everything with a sample shop, on this machine, without a token."""
    from bot.demo import run_demo

    _logs()
    asyncio.run(run_demo())


@app.command()
def migrate() -> None:
    """Brings the database to the current schema."""

    from crm_store.migrate import SchemaState, schema_state

    words = {
        SchemaState.CURRENT: "the schema is current",
        SchemaState.AHEAD: "the schema is a newer release's, and stays as it is",
    }

    async def done(_: Settings, store: Store) -> str:
        return f"{store.url.get_backend_name()}: {words[await schema_state(store)]}"

    print(_with_store(done))


@app.command()
def ask(
    text: str,
    json_: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="which phrasings and words made the score")] = False,
) -> None:
    """What the FAQ would answer somebody of whom nothing is known, outside of any conversation."""
    from bot.ask import answer, as_text

    found = _with_store(lambda settings, store: answer(settings, store, text, explained=explain))
    print(json.dumps(found, ensure_ascii=False, default=asdict) if json_ else as_text(found))


@faq_app.command("import")
def faq_import(file: ExistingFile) -> None:
    """Adds and replaces entries from YAML, CSV or XLSX, and removes none; a broken file changes nothing."""
    from faq.files import open_faq
    from support.knowledge.importing import import_entries

    faq = open_faq(file)
    _import(
        file,
        faq.entries,
        lambda store, entries, _, progress: store.run(
            lambda unit: import_entries(unit, entries, silent=faq.silent, progress=progress)
        ),
    )


@faq_app.command("export")
def faq_export(file: Path) -> None:
    """Writes all published entries to YAML, CSV or XLSX."""
    from faq.entry import FaqEntry
    from faq.files import write_faq
    from support.knowledge.importing import export_entries

    async def read(_: Settings, store: Store) -> list[FaqEntry]:
        async with store.read() as session:
            return await export_entries(session)

    entries = _with_store(read)
    write_faq(file, entries)
    print(f"{file.name}: {len(entries)} entries")


@faq_app.command("check")
def faq_check(file: EditedFile = None, drafts: Drafts = False, json_: AsJson = False) -> None:
    """What is wrong with the FAQ, or would be with the drafts or after importing a file. Exit 1 if it has errors."""
    from bot.lab_commands import check

    _either(file, drafts)
    if not _with_store(lambda settings, store: check(settings, store, file, drafts, json_)):
        raise typer.Exit(1)


@faq_app.command("replay")
def faq_replay(
    file: EditedFile = None,
    drafts: Drafts = False,
    since: Since = None,
    answer: Threshold = None,
    suggest: Threshold = None,
    margin: Threshold = None,
    limit: Annotated[int, typer.Option(min=1, help="the newest questions that are put again")] = 10_000,
    json_: AsJson = False,
) -> None:
    """What past questions would get from an edited FAQ or other thresholds; changes nothing."""
    from bot.lab_commands import replay

    given = {"answer": answer, "suggest": suggest, "margin": margin}
    thresholds = {name: value for name, value in given.items() if value is not None}
    _either(file, drafts)
    _with_store(lambda settings, store: replay(settings, store, file, drafts, since, thresholds, limit, json_))


@faq_app.command("gaps")
def faq_gaps(
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, help="how many gaps are shown")] = 20,
    drafts: Annotated[Path | None, typer.Option(dir_okay=False, help="a new YAML file of entries to fill in")] = None,
    json_: AsJson = False,
) -> None:
    """Questions that nobody could answer, by matter, those of most people first."""
    from bot.lab_commands import gaps

    _with_store(lambda settings, store: gaps(settings, store, since, limit, drafts, json_))


@app.command()
def score(
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day to judge from; today")] = None,
) -> None:
    """Value, risk, tier and stage of every customer with an order."""
    from bot.scoring import scored

    print(_with_store(lambda settings, store: scored(settings, store, as_of.date() if as_of else None)))


@agent_app.command("add")
def agent_add(
    name: Annotated[str, typer.Option()], telegram: Annotated[int | None, typer.Option(help="Telegram id")] = None
) -> None:
    """Makes a person an agent."""
    _add_person(name, telegram, "agent")


@admin_app.command("add")
def admin_add(
    name: Annotated[str, typer.Option()], telegram: Annotated[int | None, typer.Option(help="Telegram id")] = None
) -> None:
    """Makes a person an admin."""
    _add_person(name, telegram, "admin")


@app.command("login-link")
def login_link(name: str) -> None:
    """A one-time link into the console, good for five minutes."""
    from console.links import enter_link
    from support import access

    async def make(settings: Settings, store: Store) -> str:
        token = await store.run(lambda unit: access.login_link(unit, name))
        return enter_link(token, base=settings.base_url)

    print(_with_store(make))


def _either(file: Path | None, drafts: bool) -> None:
    if file and drafts:
        raise typer.BadParameter("FILE and --drafts are two different FAQs: name one")


def _import(file: Path, rows: Sequence[T], work: Callable[..., Awaitable[ImportResult]]) -> None:
    """Takes over rows that were read without a mistake, with a bar on stderr."""
    with typer.progressbar(length=len(rows), label=file.name, file=sys.stderr) as bar:

        def progress(done: int, _total: int) -> None:
            bar.update(done - bar.pos)

        result = _with_store(lambda _, store: work(store, rows, file.name, progress))
    print(f"{file.name}: {result.added} added, {result.changed} changed, {result.unchanged} unchanged")


def _add_person(name: str, telegram: int | None, role: str) -> None:
    from support import access

    _with_store(lambda _, store: store.run(lambda unit: access.add_agent(unit, name, role, telegram)))
    print(f"{name} is {role} now; a way into the console: touchdesk login-link {name!r}")


def _with_store(work: Callable[[Settings, Store], Awaitable[T]]) -> T:
    from bot.opening import with_store

    return with_store(work)


def _logs() -> None:
    from bot.logs import set_up_logs

    set_up_logs()
