"""Row 8 of the reliability table: a database that cannot be used confirms nothing, and all goes on when it can be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from crm_store.store import Store
from tests.databases import Databases, opened, sqlite_file
from tests.dialogues.conftest import TOKEN, open_shop
from tests.faults import breaking
from tests.faults.breaking import Fault
from tests.faults.doors import open_doors
from tests.faults.private_postgres import PrivatePostgres
from tests.telegram.server import FakeTelegram

LONGEST_ANSWER = 60
"""Seconds; Telegram does not wait longer for a webhook."""

SQLITE: dict[str, Fault] = {
    "disk full": breaking.sqlite_disk_full,
    "io error": breaking.sqlite_io_error,
    "read-only": breaking.sqlite_read_only,
    "locked": breaking.sqlite_locked,
    "pool full": breaking.pool_full,
}
POSTGRES: dict[str, Fault] = {
    "disk full": breaking.postgres_says("53100"),
    "io error": breaking.postgres_says("58030"),
    "read-only": breaking.postgres_read_only,
    "locked": breaking.postgres_locked,
    "pool full": breaking.pool_full,
}
SERVER: dict[str, Callable[[PrivatePostgres], Fault]] = {
    "stopped": breaking.postgres_stopped,
    "hanging": breaking.postgres_hanging,
}


async def fails_closed(url: str, fault: Fault) -> None:
    """The proof: by webhook and by polling, before, during and after."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workers.intake.FIRST_PAUSE_SECONDS", 0.02)
        patch.setattr("workers.intake.LONGEST_PAUSE_SECONDS", 0.1)
        patch.setattr("crm_store.store.BUSY_TIMEOUT_MS", 100)
        store = Store(url)
        try:
            await _confirms_only_what_is_kept(store, fault)
        finally:
            await store.close()


@asynccontextmanager
async def impatient() -> AsyncIterator[None]:
    """Only while it is broken: before and after, a busy machine may take its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workers.intake.KEEP_SECONDS", 0.5)
        yield


async def _confirms_only_what_is_kept(store: Store, fault: Fault) -> None:
    async with asyncio.timeout(30), open_doors(store) as doors:
        doors.telegram.pending = [1]
        assert (await doors.post(1001)).status_code == 200
        while doors.telegram.pending:
            await asyncio.sleep(0.01)
        async with impatient(), fault(store):
            doors.telegram.pending, asked = [2], doors.telegram.asked
            answer = await doors.post(1002)
            assert (answer.status_code, answer.text) == (503, "")
            assert 0 < int(answer.headers["retry-after"]) < LONGEST_ANSWER
            while doors.telegram.asked < asked + 3:
                await asyncio.sleep(0.01)
            assert doors.telegram.pending == [2]
        while doors.telegram.pending or (await doors.post(1002)).status_code != 200:
            await asyncio.sleep(0.05)
        assert await doors.kept() == {1, 2, 1001, 1002}


@pytest.fixture(scope="module")
def server() -> Iterator[PrivatePostgres]:
    server = PrivatePostgres()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def databases(server: PrivatePostgres) -> Databases:
    return Databases(server.url, "faults")


@pytest.mark.parametrize("what", SQLITE)
async def test_8_fails_closed_on_sqlite(tmp_path: Path, what: str) -> None:
    await fails_closed(await sqlite_file(tmp_path / "store.db"), SQLITE[what])


@pytest.mark.parametrize("what", POSTGRES)
async def test_8_fails_closed_on_postgresql(databases: Databases, what: str) -> None:
    await fails_closed(await databases.lend(), POSTGRES[what])


@pytest.mark.parametrize("what", SERVER)
async def test_8_fails_closed_without_postgresql(server: PrivatePostgres, databases: Databases, what: str) -> None:
    await fails_closed(await databases.lend(), SERVER[what](server))


@pytest.mark.parametrize(
    ("what", "words"), [("stopped", "the database is unavailable"), ("hanging", "the database does not answer")]
)
async def test_8_recovers_alone(
    server: PrivatePostgres, databases: Databases, tmp_path: Path, what: str, words: str
) -> None:
    """The whole bot: none of its parts ends, and what was said meanwhile is answered when the database is back."""
    async with (
        FakeTelegram(token=TOKEN) as tg,
        opened(await databases.lend()) as store,
        open_shop(tg, store, tmp_path, agent_chat_id=None) as shop,
    ):
        nia = shop.customer()
        nia.say("hi")
        assert await nia.hears(1)
        async with httpx.AsyncClient(base_url=shop.settings.base_url) as probe:
            async with SERVER[what](server)(store):
                nia.say("are you there?")
                answer = await probe.get("/readyz", timeout=30)
                assert (answer.status_code, words in answer.json()["problems"][0]) == (503, True)
                await nia.hears_nothing(1)
            assert await nia.hears(1, timeout=15)
            await shop.settled()
            assert (await probe.get("/readyz")).status_code == 200
        assert [row.text for row in await shop.ledger(nia) if row.direction == "in"] == ["hi", "are you there?"]
