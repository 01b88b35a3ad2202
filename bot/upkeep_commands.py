"""`touchdesk backup`, `restored` and `doctor`: an operator's work. `backup` and `doctor` migrate nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.doctor.finding import Finding
from bot.settings import Settings, read_settings
from bot.tables import count
from crm_store.store import Store

upkeep_app = typer.Typer()

NewFile = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="a new file; none is ever overwritten")]
WithFiles = Annotated[
    bool, typer.Option("--with-files", help="beside it FILE.files.tar: what people sent, of FILES_DIR")
]
MEGABYTE = 1_000_000


@upkeep_app.command("backup")
def backup(file: NewFile, with_files: WithFiles = False) -> None:
    """Copies the database while the service runs; the copy is checked, and on the disk when this ends."""
    from crm_store.backup.files import pack_files
    from crm_store.backup.placing import BackupThereError

    settings = read_settings()
    tar = file.with_name(f"{file.name}.files.tar")
    if with_files and tar.exists():
        raise BackupThereError(tar)
    asyncio.run(_database(settings, file))
    print(f"{file}: {_megabytes(file.stat().st_size)}, read back without a fault")
    if with_files:
        packed = pack_files(settings.files_dir, tar, _progress)
        _end_progress()
        print(f"{tar}: {count(packed, 'file')}, {_megabytes(tar.stat().st_size)}")
    else:
        print(f"what people sent, in {settings.files_dir}/, is not in it: --with-files")
    print("SECRET_KEY is not in it: without it phones and e-mails stay unreadable. Keep it in another place")


async def _database(settings: Settings, file: Path) -> None:
    from crm_store.backup.postgres import dump_postgres, figures
    from crm_store.backup.sqlite import copy_sqlite

    store = Store(settings.database_url)
    try:
        if store.is_sqlite:
            copy_sqlite(Path(store.url.database or ""), file, _progress)
        else:
            server, size = await figures(store)
            await dump_postgres(store.url, server, size, file, _progress)
    finally:
        _end_progress()
        await store.close()


def _progress(done: int, total: int) -> None:
    """One line on a terminal that is written anew; nothing in a log."""
    if sys.stderr.isatty():
        of = f" of about {_megabytes(total)}" if total else ""
        print(f"\r{_megabytes(done)}{of} ", end="", file=sys.stderr, flush=True)


def _end_progress() -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.1f} MB"


@upkeep_app.command("restored")
def restored(yes: Annotated[bool, typer.Option("--yes", help="without asking, for scripts")] = False) -> None:
    """After restoring a backup, before the service starts: no call that waited then is made a second time by itself."""
    from bot.opening import with_store
    from crm_store.backup.restored import doubt_waiting_calls, waiting_calls

    waiting = with_store(lambda _, store: waiting_calls(store))
    if not waiting:
        print("no call to Telegram waits")
        return
    if not yes:
        question = f"{count(waiting, 'call')} to Telegram waited. Send none, because they may have arrived since?"
        typer.confirm(question, abort=True)
    doubted = with_store(lambda _, store: doubt_waiting_calls(store))
    print(f"{count(doubted, 'call')} may have arrived: agents decide what is sent again")


@upkeep_app.command("doctor")
def doctor(json_: Annotated[bool, typer.Option("--json", help="one JSON document")] = False) -> None:
    """Looks at everything and changes nothing: what is wrong, why, and what to do. Exit 1 if there are errors."""
    from bot.doctor.diagnosis import diagnose
    from bot.doctor.finding import Level

    findings = asyncio.run(diagnose())
    if json_:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        print("\n".join(_lines(findings)))
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(1)


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.level:<8} {finding.what}"
        yield from (f"{'':8} {words}" for words in (finding.why, finding.mend and f"→ {finding.mend}") if words)
