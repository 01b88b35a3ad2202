"""Brings a database to the current schema, and says whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.models import Base
from crm_store.store import Store, availability

FOLDER = Path(__file__).parent / "migrations"

TURN = "SELECT pg_advisory_xact_lock(hashtextextended('touchdesk:migrate', 0))"
"""PostgreSQL: whoever comes second waits here, and finds the work done."""
TURN_SECONDS = 600
"""SQLite: how long it waits for the write lock instead. A large shop's rows take minutes to be written anew."""
TABLE_SECONDS = 5
"""How long a change waits for a table that others use. Behind it whoever else wants the table waits too."""
TRIES = 10
PAUSE_SECONDS = 2.0
"""Between tries, so that those others get on."""
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's SQLSTATE for a lock that did not come in time."""


class SchemaState(StrEnum):
    """How a database's schema stands to this release. AHEAD: a newer release has migrated it; it can be worked with."""

    BEHIND = "behind"
    CURRENT = "current"
    AHEAD = "ahead"


class BrokenReferencesError(RuntimeError):
    """After a change of schema some rows would refer to rows that are not there; the database stays as it was."""

    def __init__(self, tables: set[str]) -> None:
        super().__init__(f"nothing was migrated: rows refer to what is not there, in {', '.join(sorted(tables))}")


class ForeignSchemaError(RuntimeError):
    """The database's revision is of no release of ours: it belongs to another program."""

    def __init__(self, revisions: set[str]) -> None:
        super().__init__(
            f"DATABASE_URL: this database is at revision {', '.join(sorted(revisions))}, which is none of Touchdesk's; "
            "does it belong to another program?"
        )


class SchemaAheadError(RuntimeError):
    """An older release cannot undo what a newer one has made."""

    def __init__(self) -> None:
        super().__init__("nothing was migrated: a newer release made this schema, and only that release can go back")


class TablesBusyError(RuntimeError):
    """Others held the tables to be changed all the time; the database stays as it was."""

    def __init__(self) -> None:
        super().__init__(
            "nothing was migrated: others held the tables all the time (a long transaction, or a backup?); try again "
            "when they are done: SELECT pid, xact_start, query FROM pg_stat_activity ORDER BY xact_start"
        )


async def migrate(store: Store) -> None:
    """Upgrades to the newest schema; does nothing where it is there already, or where a newer release has been.

    Several may try at once: one does it, the others wait for it. Raises StoreUnavailableError, BrokenReferencesError,
    ForeignSchemaError and TablesBusyError.
    """
    if await schema_state(store) is SchemaState.BEHIND:
        await _change(store, _upgrade)


async def downgrade(store: Store, revision: str) -> None:
    """Goes back to an older schema; what it has no place for is lost. Raises as `migrate`, and SchemaAheadError."""

    def go_back(connection: Connection) -> None:
        if _state(connection) is SchemaState.AHEAD:
            raise SchemaAheadError
        command.downgrade(_config(connection), revision)

    await _change(store, go_back)


def _upgrade(connection: Connection) -> None:
    """Looks once more, because another may have done it while this one waited for its turn."""
    if _state(connection) is SchemaState.BEHIND:
        command.upgrade(_config(connection), "head")


async def _change(store: Store, way: Callable[[Connection], None]) -> None:
    for _ in range(TRIES):
        try:
            async with _changing(store) as connection:
                return await connection.run_sync(way)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
        await asyncio.sleep(PAUSE_SECONDS)
    raise TablesBusyError


@asynccontextmanager
async def _changing(store: Store) -> AsyncIterator[AsyncConnection]:
    """A transaction of one's own turn in which tables may be made anew.

    SQLite changes a table by copying and dropping it, and with foreign keys on each row that refers to a dropped one
    counts as broken, even when the copy has its name. They can be turned off outside a transaction only, so they are
    checked as a whole at its end (https://sqlite.org/lang_altertable.html#otheralter).
    """
    if not store.is_sqlite:
        async with store.write() as connection:
            await connection.exec_driver_sql(TURN)
            await connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TABLE_SECONDS}s'")
            yield connection
        return
    async with store.apart() as connection:
        await connection.exec_driver_sql(f"PRAGMA busy_timeout = {TURN_SECONDS * 1000}")
        await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).scalars().all()
        if broken:
            raise BrokenReferencesError(set(broken))
        await connection.exec_driver_sql("COMMIT")


async def schema_state(store: Store) -> SchemaState:
    """How the database's schema stands to this release. Raises StoreUnavailableError and ForeignSchemaError."""
    with availability():
        async with store.reader.connect() as connection:
            return await connection.run_sync(_state)


async def differences(store: Store) -> list[object]:
    """What the models have that the migrations lack, and the other way round; empty when they agree."""
    async with store.reader.connect() as connection:
        return await connection.run_sync(_compare)


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Whether the models say what becomes of a table or an index in the database.

    FTS5's tables are its own business, and a GIN index has no like on SQLite: migration 0005 makes both.
    """
    return not (kind in {"table", "index"} and (name or "").startswith(("search_words", "ix_search_entry_terms")))


def new_revision(connection: Connection, message: str) -> None:
    """Writes a migration file from the difference between models and database (for developers)."""
    command.revision(_config(connection), message, autogenerate=True)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def _state(connection: Connection) -> SchemaState:
    script = ScriptDirectory.from_config(_config())
    heads, there = set(script.get_heads()), set(MigrationContext.configure(connection).get_current_heads())
    unknown = there - {revision.revision for revision in script.walk_revisions()}
    if there == heads:
        return SchemaState.CURRENT
    if not unknown:
        return SchemaState.BEHIND
    if all(revision.isdecimal() and revision > max(heads) for revision in unknown):
        return SchemaState.AHEAD
    raise ForeignSchemaError(unknown)


def _compare(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
    return list(compare_metadata(context, Base.metadata))
