"""What tests of the sender, and of several processes, need."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from crm_store.ids import IdMaker
from crm_store.store import Store
from tests.databases import Databases
from tests.workers.line import PostOffice, post_office
from workers import membership


@pytest.fixture
def own_ids(monkeypatch: pytest.MonkeyPatch) -> IdMaker:
    """What members tell of numbers and clocks; the maker that all tests of this process use is left alone."""
    maker = IdMaker()
    monkeypatch.setattr(membership, "new_id", maker)
    return maker


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are missed after a fifth of their time."""
    for name in ("BEAT_SECONDS", "DEAD_SECONDS", "SURE_SECONDS", "FIRST_PAUSE_SECONDS", "LONGEST_PAUSE_SECONDS"):
        monkeypatch.setattr(membership, name, getattr(membership, name) / 5)


@pytest.fixture
async def url(databases: Databases) -> AsyncIterator[str]:
    """The address of a PostgreSQL database, for what only it can do."""
    url = await databases.lend()
    yield url
    await databases.take_back(url)


@pytest.fixture
async def post(store: Store) -> AsyncIterator[PostOffice]:
    """On each database."""
    async with post_office(store) as office:
        yield office


@pytest.fixture
async def mail(sqlite_store: Store) -> AsyncIterator[PostOffice]:
    """Where the database makes no difference."""
    async with post_office(sqlite_store) as office:
        yield office
