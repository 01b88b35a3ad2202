"""What the doctor says of the processes that share a database, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.doctor import processes as doctor
from bot.doctor.finding import Finding, Level
from bot.doctor.processes import processes
from bot.doctor.queues import queues
from bot.roles import Role
from bot.settings import Settings, read_settings
from crm_store.queries.processes import ROLES, SILENT, WORKING, Seen, leader
from crm_store.queries.upkeep import shares_sessions
from crm_store.repositories import processes as rows
from crm_store.store import Store
from crm_store.wire import Wire
from tests.crm_store.test_health import inbox, outbox, process
from workers.membership import DEAD_SECONDS

MINUTE = timedelta(minutes=1)
on_postgresql = pytest.mark.parametrize("store", ["postgresql"], indirect=True)
TOKEN = "42:AAExampleOfATokenFromBotFather"


def settings(token: str | None = TOKEN) -> Settings:
    return read_settings(bot_token=token, secret_key="x", _env_file=None)


async def worst(store: Store, **given: Any) -> list[str]:
    """What is not well."""
    findings = await processes(settings(**given), store, store.clock())
    assert findings
    return [each.what for each in findings if each.level is not Level.OK and "max_connections" not in each.what]


def test_words_that_two_parts_must_share() -> None:
    assert timedelta(seconds=DEAD_SECONDS) == SILENT
    assert set(Role) == set(ROLES)
    assert {role for role in Role if role.works} == set(WORKING)


async def test_nobody_there_and_nothing_to_do_is_well(store: Store) -> None:
    assert await worst(store) == []


async def test_nobody_there_while_customers_wait_is_an_error(store: Store) -> None:
    async with store.unit() as unit:
        inbox(unit, "waiting", MINUTE)
        outbox(unit, "waiting", MINUTE)
    assert await worst(store) == ["no process is running, and 2 messages and calls wait"]


async def test_pages_without_a_worker_are_an_error(store: Store) -> None:
    async with store.unit() as unit:
        process(unit, 1, "web")
        process(unit, 2, "web")
    assert await worst(store) == ["only pages are served (2 × web), and nobody works behind them"]


async def test_a_living_team_is_well(store: Store) -> None:
    async with store.unit() as unit:
        process(unit, 1, "web")
        process(unit, 2, "worker")
        inbox(unit, "waiting", timedelta(), lease=2)
    assert await worst(store) == []
    (told,) = [each.what for each in await processes(settings(), store, store.clock()) if "running" in each.what]
    assert told == "2 processes are running: 1 × web, 1 × worker"


async def test_the_silent_and_what_they_hold_are_named(store: Store) -> None:
    async with store.unit() as unit:
        process(unit, 1, "run")
        process(unit, 2, "worker", silence=2 * MINUTE)
        for lease in (1, 2, 99):
            inbox(unit, "waiting", timedelta(), lease=lease)
    silent, held = await worst(store)
    assert silent.startswith("worker 2 on here has given no sign of life for 12")
    assert held == "2 messages of customers are held by a process that is gone"


async def test_an_upgrade_that_was_not_finished_is_told(store: Store) -> None:
    async with store.unit() as unit:
        for token, version in [(1, "0.10.0"), (2, "0.9.1"), (3, "0.10.0")]:
            process(unit, token, "worker", version=version)
    findings = await processes(settings(), store, store.clock())
    (mixed,) = [each for each in findings if "different releases" in each.what]
    assert mixed.level is Level.WARNING
    assert mixed.why.endswith("of 0.9.1: worker 2 on here")


def levels(findings: Sequence[Finding]) -> list[Level]:
    return [each.level for each in findings]


@pytest.mark.parametrize(("leads", "minutes", "level"), [(7, 9, Level.OK), (None, 9, Level.ERROR), (8, 9, Level.ERROR)])
def test_calls_that_nobody_sends(leads: int | None, minutes: int, level: Level) -> None:
    worker = Seen(7, "worker", "here", 1, "1", timedelta())
    assert levels(list(doctor._sender(leads, [worker], minutes * MINUTE))) == [level]
    assert list(doctor._sender(leads, [], minutes * MINUTE)) == [], "that nobody works is told already"


def test_a_leader_may_be_missing_for_a_moment() -> None:
    worker = Seen(7, "worker", "here", 1, "1", timedelta())
    assert list(doctor._sender(None, [worker], timedelta(seconds=9))) == []


@on_postgresql
async def test_the_sender_is_known_by_its_lock(store: Store) -> None:
    async with store.write() as connection:
        _, token = await rows.join(connection, "worker")
    wire = Wire(store, lambda _: None)
    await wire.open()
    await wire.call_it(f"{rows.NAME}{token}")
    async with store.read() as session:
        assert await leader(session, "sender:42") is None
        assert await wire.lock("sender:42")
        assert await leader(session, "sender:42") == token
        assert await leader(session, "sender:43") is None
    assert [each.what for each in await processes(settings(), store, store.clock()) if "sends for" in each.what]
    await wire.close()


@on_postgresql
async def test_postgresql_itself_shares_no_sessions(store: Store) -> None:
    assert not await shares_sessions(store)


@pytest.mark.parametrize(
    ("lane", "age", "level"),
    [
        (0, 2 * MINUTE, Level.ERROR),
        (1, 2 * MINUTE, Level.OK),
        (2, 6 * MINUTE, Level.ERROR),
        (3, 60 * MINUTE, Level.OK),
    ],
)
async def test_how_long_a_call_may_wait_depends_on_its_lane(
    store: Store, lane: int, age: timedelta, level: Level
) -> None:
    async with store.unit() as unit:
        outbox(unit, "waiting", age, lane)
    (found,) = [each for each in await queues(store, store.clock()) if "to Telegram wait" in each.what]
    assert found.level is level


async def test_what_waits_is_told_by_lane(store: Store) -> None:
    async with store.unit() as unit:
        outbox(unit, "waiting", 9 * MINUTE, lane=0)
        outbox(unit, "waiting", 6 * MINUTE, lane=1)
        outbox(unit, "waiting", 90 * MINUTE, lane=3)
    (found,) = [each for each in await queues(store, store.clock()) if "to Telegram wait" in each.what]
    assert found.what == "3 calls to Telegram wait, the oldest for 9 min"
    assert found.why.startswith("1 × agent (9 min), 1 × answer (6 min): nobody sends them.")


@on_postgresql
async def test_silence_is_measured_by_the_databases_clock(store: Store) -> None:
    async with store.unit() as unit:
        process(unit, 1, "worker")
    async with store.write() as connection:
        await connection.execute(text("UPDATE process SET seen_at = clock_timestamp() - interval '20 seconds'"))
    assert "no sign of life for 2" in (await worst(store))[0]
