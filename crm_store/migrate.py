"""Brings a database to the current schema, and says whether it is there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.models import Base
from crm_store.store import Store, availability

FOLDER = Path(__file__).parent / "migrations"


class BrokenReferencesError(RuntimeError):
    """After a change of schema some rows would refer to rows that are not there; the database stays as it was."""

    def __init__(self, tables: set[str]) -> None:
        super().__init__(f"nothing was migrated: rows refer to what is not there, in {', '.join(sorted(tables))}")


async def migrate(store: Store) -> None:
    """Upgrades to the newest schema; does nothing where it is there already.

    Raises StoreUnavailableError and BrokenReferencesError.
    """
    if not await is_current(store):
        await _change(store, command.upgrade, "head")


async def downgrade(store: Store, revision: str) -> None:
    """Goes back to an older schema; what it has no place for is lost. Raises as `migrate`."""
    await _change(store, command.downgrade, revision)


async def _change(store: Store, way: Callable[[Config, str], None], revision: str) -> None:
    async with _changing(store) as connection:
        await connection.run_sync(lambda sync: way(_config(sync), revision))


@asynccontextmanager
async def _changing(store: Store) -> AsyncIterator[AsyncConnection]:
    """A transaction in which tables may be made anew.

    SQLite changes a table by copying and dropping it, and with foreign keys on each row that refers to a dropped one
    counts as broken, even when the copy has its name. They can be turned off outside a transaction only, so they are
    checked as a whole at its end (https://sqlite.org/lang_altertable.html#otheralter).
    """
    if not store.is_sqlite:
        async with store.write() as connection:
            yield connection
        return
    async with store.apart() as connection:
        await connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        broken = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).scalars().all()
        if broken:
            raise BrokenReferencesError(set(broken))
        await connection.exec_driver_sql("COMMIT")


async def is_current(store: Store) -> bool:
    """Whether the database has the newest schema."""
    with availability():
        async with store.reader.connect() as connection:
            return await connection.run_sync(_at_head)


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


def _at_head(connection: Connection) -> bool:
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _compare(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
    return list(compare_metadata(context, Base.metadata))
