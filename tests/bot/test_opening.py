"""A service that is one of many waits for its database; a command that somebody waits for does not."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog

from bot import opening
from bot.opening import in_time, open_store
from bot.settings import Settings, read_settings
from crm_store.store import Store, StoreUnavailableError


@pytest.fixture
def away(tmp_path: Path) -> Settings:
    """Its database cannot be made yet."""
    database = tmp_path / "away" / "shop.db"
    return read_settings(_env_file=None, database_url=f"sqlite:///{database}", secret_key="a secret for tests")


async def test_a_command_ends_at_once_where_there_is_no_database(away: Settings) -> None:
    with pytest.raises(StoreUnavailableError, match="unable to open database file"):
        async with open_store(away):
            pass


async def test_one_of_many_waits_and_begins_when_the_database_is_there(
    away: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "FIRST_PAUSE_SECONDS", 0.05)
    opened = asyncio.Event()

    async def begin() -> None:
        async with open_store(away, is_patient=True) as store:
            await store.ping()
            opened.set()

    with structlog.testing.capture_logs() as logs:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(begin())
            while not logs:
                await asyncio.sleep(0.01)
            assert not opened.is_set()
            (tmp_path / "away").mkdir()
            await opened.wait()
    assert {log["event"] for log in logs} == {"database.awaited"}
    assert "unable to open database file" in logs[0]["problem"]


async def test_a_start_is_repeated_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "FIRST_PAUSE_SECONDS", 0.01)
    attempts: list[int] = []

    async def start() -> str:
        attempts.append(len(attempts))
        if len(attempts) < 3:
            raise StoreUnavailableError(OSError("restarting"))
        return "started"

    assert await in_time(start) == "started"
    assert len(attempts) == 3


async def test_who_is_told_to_stop_waits_no_longer(away: Settings) -> None:
    store, stopping = Store(away.database_url), asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(told_to_stop(store, stopping))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        stopping.set()
    await asyncio.sleep(opening.DRIVER_SECONDS)
    await store.close()


async def told_to_stop(store: Store, stopping: asyncio.Event) -> None:
    with pytest.raises(StoreUnavailableError):
        await in_time(store.ping, stopping)
