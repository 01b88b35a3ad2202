"""What one process has committed wakes the others' waiters; and what only one may have is tied to its connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from crm_store.hints import Hints
from crm_store.models import Setting
from crm_store.store import Store, StoreUnavailableError
from crm_store.wire import CHANNEL, Wire, WireLostError
from tests.workers.crew import Crewman, change, crew, until

pytestmark = pytest.mark.usefixtures("own_ids")

SOON = 0.5
"""Seconds; half of the time after which everybody looks anyway."""


@pytest.fixture
async def two(url: str) -> AsyncIterator[list[Crewman]]:
    async with crew(url, 2) as men:
        yield men


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    store = Store(url)
    yield store
    await store.close()


@pytest.fixture
async def overheard(store: Store) -> AsyncIterator[list[Any]]:
    """Everything that is told on the database, as (token, topics)."""
    told: list[Any] = []
    wire = Wire(store, lambda payload: told.append(json.loads(payload)))
    await wire.open()
    yield told
    await wire.close()


async def test_a_commit_wakes_other_processes(two: list[Crewman]) -> None:
    writer, waiter = two
    with waiter.store.signals.listen("contact:17") as woken:
        async with writer.store.unit() as unit:
            unit.add(Setting(key="any", value=1))
            unit.touch("contact:17")
        assert await woken.wait(SOON)


async def test_what_others_do_not_need_to_know_stays_here(two: list[Crewman]) -> None:
    here, there = two
    with here.store.signals.listen("stop") as ours, there.store.signals.listen("stop") as theirs:
        here.store.signals.deliver(["stop"])
        assert await ours.wait(0)
        assert not await theirs.wait(SOON)


async def test_ones_own_hints_are_no_news(two: list[Crewman]) -> None:
    here, there = two
    with here.store.signals.listen("outbox") as ours, there.store.signals.listen("outbox") as theirs:
        await here.member._hints.tell(["outbox"])
        assert await theirs.wait(SOON)
        assert not await ours.wait(0)


async def test_too_much_for_one_hint_wakes_everybody(two: list[Crewman], overheard: list[Any]) -> None:
    here, there = two
    with there.store.signals.listen("nothing of this") as woken:
        here.store.signals.send([f"contact:{number}" for number in range(1_000)])
        assert await woken.wait(SOON)
    await until(lambda: [here.member.token, ["*"]] in overheard)


async def test_many_commits_are_told_together(two: list[Crewman], overheard: list[Any]) -> None:
    here, _ = two
    topics = [f"contact:{number}" for number in range(100)]
    for topic in topics:
        here.store.signals.send([topic])
        await asyncio.sleep(0)
    await until(lambda: {heard for _, told in overheard for heard in told} >= set(topics))
    assert len(overheard) < 10


async def test_nothing_is_told_to_an_empty_room(url: str, overheard: list[Any]) -> None:
    async with crew(url, 1) as (man,):
        await asyncio.sleep(0.1)
        man.store.signals.send(["contact:17"])
        await asyncio.sleep(0.1)
        assert overheard == [[man.member.token, ["process"]]]


async def test_who_comes_is_told_at_once(url: str) -> None:
    """Long before the next sign of life would show that there is somebody."""
    async with crew(url, 1) as (first,):
        await asyncio.sleep(0.1)
        async with crew(url, 1) as (second,):
            await asyncio.sleep(0.1)
            with second.store.signals.listen("inbox") as woken:
                first.store.signals.send(["inbox"])
                assert await woken.wait(SOON)


@pytest.mark.parametrize(
    "payload", ["what is this", "[1]", "17", "null", '{"a": 1, "b": 2, "c": 3}', "[1, 2]", "[1, [[2]]]"]
)
async def test_a_hint_that_is_not_understood_wakes_everybody(two: list[Crewman], payload: str) -> None:
    """A later release may tell more."""
    with two[0].store.signals.listen("inbox") as woken:
        await change(two[1].store, "SELECT pg_notify(:channel, :payload)", channel=CHANNEL, payload=payload)
        assert await woken.wait(SOON)


async def test_a_hint_that_cannot_be_told_is_no_error(store: Store) -> None:
    away = Store(store.url.set(port=1, host="127.0.0.1", query={}).render_as_string(hide_password=False))
    with capture_logs() as logs:
        await Hints(away).tell(["inbox"])
    assert [log["event"] for log in logs] == ["hints.lost"]
    await away.close()


async def test_a_lock_belongs_to_one_wire_and_goes_with_it(store: Store) -> None:
    first, second = Wire(store, print), Wire(store, print)
    await first.open()
    await second.open()
    assert await first.lock("sender:1")
    assert not await second.lock("sender:1")
    assert await second.lock("sender:2")
    await first.unlock("sender:1")
    assert await second.lock("sender:1")
    await second.close()
    async with asyncio.timeout(5):
        while not await first.lock("sender:2"):
            await asyncio.sleep(0.02)
    await first.close()


async def test_a_wire_that_failed_is_cut(store: Store) -> None:
    wire = Wire(store, print)
    await wire.open()
    with store.signals.listen("wire") as woken, pytest.raises(DBAPIError, match="no_such_table"):
        async with wire.use() as connection:
            await connection.exec_driver_sql("SELECT * FROM no_such_table")
    assert await woken.wait(0)
    assert wire.lost.is_set()
    with pytest.raises(WireLostError, match="own connection"):
        await wire.lock("sender:1")
    await wire.close()


async def test_a_wire_is_closed_under_a_statement_that_does_not_end(store: Store) -> None:
    wire = Wire(store, print)
    await wire.open()

    async def sleep() -> None:
        with pytest.raises(StoreUnavailableError):
            async with wire.use() as connection:
                await connection.exec_driver_sql("SELECT pg_sleep(60)")

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(sleep())
        await asyncio.sleep(0.2)
        await wire.close()


async def test_a_wire_to_nowhere_cannot_be_opened(store: Store) -> None:
    away = Store(store.url.set(port=1, host="127.0.0.1", query={}).render_as_string(hide_password=False))
    wire = Wire(away, print)
    with pytest.raises(StoreUnavailableError):
        await wire.open()
    await wire.close()
    await away.close()
