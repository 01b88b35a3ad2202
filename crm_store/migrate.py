"""Brings a database to the current schema, and says whether it is there."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from crm_store.models import Base
from crm_store.store import Store, availability

FOLDER = Path(__file__).parent / "migrations"


async def migrate(store: Store) -> None:
    """Upgrades to the newest schema; does nothing where it is there already. Raises StoreUnavailableError."""
    async with store.write() as connection:
        await connection.run_sync(_upgrade)


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


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _at_head(connection: Connection) -> bool:
    heads = set(ScriptDirectory.from_config(_config()).get_heads())
    return set(MigrationContext.configure(connection).get_current_heads()) == heads


def _compare(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
    return list(compare_metadata(context, Base.metadata))
