"""All checks, one after the other: one that fails does not hide the others."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.doctor import database
from bot.doctor.finding import Finding, error, ok
from bot.doctor.processes import processes
from bot.doctor.queues import queues
from bot.doctor.telegram import telegram
from bot.opening import DRIVER_SECONDS
from bot.settings import BadSettingsError, Settings, read_settings
from crm_store.migrate import SchemaState, schema_state
from crm_store.store import Store, StoreUnavailableError
from crm_store.vault import Vault

DAMAGED = ("malformed", "not a database")
"""SQLite's words, where a page that everybody needs is broken."""


async def diagnose() -> list[Finding]:
    """What is well and what is not, the settings first; without settings nothing else can be looked at."""
    try:
        settings = read_settings()
    except BadSettingsError as problem:
        mend = "correct it in .env or the environment; .env.example says what each is for"
        return [error(line, "nothing starts with it", mend) for line in str(problem).splitlines()]
    return [*_settings(settings), *await _stored(settings), *await telegram(settings), _files(settings.files_dir)]


def _settings(settings: Settings) -> list[Finding]:
    if settings.secret_key is None:
        return [
            error(
                "SECRET_KEY is not set",
                "nothing starts without it: it encrypts phones and e-mails",
                "the former key if there are customers already; else "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        ]
    return [ok("every setting can be read")]


async def _stored(settings: Settings) -> Sequence[Finding]:
    store = Store(settings.database_url)
    if _is_missing(store):
        return [error(f"there is no database at {store.url.database}", "nothing is kept", "touchdesk migrate")]
    try:
        return await _looked_at(settings, store)
    except (StoreUnavailableError, SQLAlchemyError, ConnectionError) as problem:
        await asyncio.sleep(DRIVER_SECONDS)
        words = str(problem).splitlines()[0]
        if any(sign in words for sign in DAMAGED):
            return [*database.sound(words)]
        return [error(words, "no message can be kept", "is it running, and are DATABASE_URL and the rights correct?")]
    finally:
        await store.close()


def _is_missing(store: Store) -> bool:
    """SQLite would make a file by being asked."""
    return store.is_sqlite and not Path(store.url.database or "").is_file()


async def _looked_at(settings: Settings, store: Store) -> list[Finding]:
    await store.ping()
    now = datetime.now(UTC)
    found = [ok(f"the database answers ({store.url.get_backend_name()})")]
    found += await (database.sqlite(store) if store.is_sqlite else database.postgres(store, now))
    found.append(schema := await database.schema(store))
    if schema.level != "error" and await schema_state(store) is not SchemaState.BEHIND:
        found += [*await processes(settings, store, now), await database.clock_went_back(store, now)]
        found += await queues(store, now)
        if settings.secret_key:
            found.append(await database.key(store, Vault(settings.secret_key.get_secret_value())))
    return found


def _files(folder: Path) -> Finding:
    """A nameless file is written where the folder is, or will be."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there) as probe:
            probe.write(b"probe")
    except OSError as problem:
        return error(
            f"FILES_DIR: {there} cannot be written to ({problem.strerror})",
            "files that people send cannot be kept",
            "give the service the right to write there, or choose another FILES_DIR",
        )
    return ok(f"files can be kept in {folder}")
