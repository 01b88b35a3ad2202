"""Processes that share a database know of each other, and what one leaves behind is given to the others."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError
from structlog.testing import capture_logs

from bot.roles import Role
from bot.runtime import _membership
from crm_store.ids import IdMaker, first_id, made_at_ms
from crm_store.migrate import migrate
from crm_store.models import OutboxRow
from crm_store.repositories import processes
from crm_store.repositories.processes import NUMBERS, NoNumberLeftError, Reaped
from crm_store.store import Store, StoreUnavailableError
from crm_store.wire import AlreadyRunningError
from support.meters import Meters
from tests.faults.private_postgres import PrivatePostgres
from tests.workers.crew import Crewman, address, ask, change, crew, cut_by_the_server, held, until, until_found
from workers import membership
from workers.membership import Member

pytestmark = pytest.mark.usefixtures("own_ids")

TOKENS = "SELECT token FROM process ORDER BY token"
LEASES = "SELECT lease, attempts FROM inbox ORDER BY id"
RECENT = "SELECT count(*) FROM process WHERE abs(extract(epoch FROM now() - seen_at)) < 5"
TWO_DAYS = timedelta(days=2)


@pytest.fixture
async def two(url: str) -> AsyncIterator[list[Crewman]]:
    async with crew(url, 2) as men:
        yield men


async def test_a_process_says_who_it_is_and_leaves_nothing(store: Store) -> None:
    async with crew(address(store), 1) as (man,):
        assert man.member.token > 0
        ((token, role, host, pid, version),) = await ask(store, "SELECT token, role, host, pid, version FROM process")
        assert (token, role, pid) == (man.member.token, "worker", os.getpid())
        assert host
        assert version
    assert await ask(store, TOKENS) == []


async def test_every_sign_of_life_is_written(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(membership, "BEAT_SECONDS", 0.05)
    async with crew(address(store), 1):
        ((first,),) = await ask(store, "SELECT seen_at FROM process")
        for _ in range(2):
            await asyncio.sleep(0.1)
            ((then,),) = await ask(store, "SELECT seen_at FROM process")
            assert then > first
            first = then


async def test_leaving_frees_what_it_holds_uncounted(store: Store) -> None:
    async with crew(address(store), 1) as (man,):
        await held(store, 1, man.member.token)
        await man.stop()
        assert await ask(store, LEASES) == [(None, 0)]


class PartFailedError(Exception):
    """Whatever ends a part of the program."""


@pytest.mark.parametrize("failure", [PartFailedError, asyncio.CancelledError])
async def test_who_ends_by_an_error_of_its_own_has_what_it_held_counted(
    store: Store, failure: type[BaseException]
) -> None:
    """Else what ends every process that takes it would look fresh to the next one."""
    desk: Any = Shop(store, Meters())
    with pytest.raises((failure, ExceptionGroup)):
        async with _membership(desk, Role.WORKER, asyncio.Event()) as member:
            await held(store, 1, member.token)
            raise failure
    assert await ask(store, LEASES) == [(None, 1)]
    assert await ask(store, TOKENS) == []


async def test_who_stops_in_order_has_nothing_counted(store: Store) -> None:
    desk: Any = Shop(store, Meters())
    async with _membership(desk, Role.WORKER, asyncio.Event()) as member:
        await held(store, 1, member.token)
    assert await ask(store, LEASES) == [(None, 0)]


@dataclass
class Shop:
    """What a member is made of."""

    store: Store
    meters: Meters


async def test_leaving_without_a_wire_gives_everything_back(two: list[Crewman]) -> None:
    gone, other = two
    await held(gone.store, 1, gone.member.token)
    await gone.faint()
    gone.member._wire.cut()
    with other.store.signals.listen("inbox") as woken:
        await gone.stop()
        assert await woken.wait(1.0)
    assert await ask(other.store, LEASES) == [(None, 0)]
    assert await ask(other.store, TOKENS) == [(other.member.token,)]


async def test_many_at_once_have_numbers_and_tokens_of_their_own(url: str) -> None:
    store = Store(url)
    members = [Member(store, "worker") for _ in range(20)]
    await asyncio.gather(*(member.join() for member in members))
    numbers = {number for (number,) in await ask(store, "SELECT number FROM process")}
    assert len(numbers) == 20
    assert len({member.token for member in members}) == 20
    await asyncio.gather(*(member.leave() for member in members))
    assert await ask(store, TOKENS) == []
    await store.close()


FILL = """
INSERT INTO process (number, token, role, host, pid, version, started_at, seen_at)
SELECT n, 1 + n, 'worker', 'h', 1, '1', clock_timestamp(), clock_timestamp() FROM generate_series(0, :last) AS n
"""


async def test_the_last_number_is_found_and_then_there_is_none(url: str) -> None:
    store = Store(url)
    await change(store, FILL, last=NUMBERS - 2)
    last, late = Member(store, "worker"), Member(store, "worker")
    await last.join()
    assert await ask(store, "SELECT max(number) FROM process") == [(NUMBERS - 1,)]
    with pytest.raises(NoNumberLeftError, match="1024 processes"):
        await late.join()
    await last.leave()
    await store.close()


@pytest.mark.usefixtures("quick")
async def test_the_dead_are_missed_and_their_updates_freed_and_counted(two: list[Crewman]) -> None:
    dead, living = two
    await held(living.store, 1, dead.member.token)
    await held(living.store, 2, living.member.token)
    with living.store.signals.listen("inbox") as woken:
        await dead.die()
        before = asyncio.get_running_loop().time()
        await until_found(living.store, LEASES, (None, 1), (living.member.token, 0))
        assert asyncio.get_running_loop().time() - before < membership.DEAD_SECONDS, "its connection is gone"
        assert await woken.wait(1.0)
    assert await ask(living.store, TOKENS) == [(living.member.token,)]
    assert living.meters.reaped._value.get() == 1


@pytest.mark.usefixtures("quick")
async def test_the_living_keep_what_they_hold(two: list[Crewman]) -> None:
    for number, man in enumerate(two):
        await held(man.store, number, man.member.token)
    await asyncio.sleep(1.5 * membership.DEAD_SECONDS)
    tokens = [man.member.token for man in two]
    assert await ask(two[0].store, LEASES) == [(token, 0) for token in tokens]
    assert await ask(two[0].store, TOKENS) == [(token,) for token in sorted(tokens)]


@pytest.mark.usefixtures("quick")
async def test_a_stopped_one_finds_its_place_taken_and_joins_anew(two: list[Crewman]) -> None:
    stopped, living = two
    former = stopped.member.token
    await held(living.store, 1, former)
    await stopped.freeze()  # its connection stays
    await until_found(living.store, LEASES, (None, 1))
    await until(stopped.member._wire.lost.is_set)
    await stopped.go_on()
    await until(lambda: stopped.member.token != former)
    await until_found(living.store, TOKENS, *((token,) for token in sorted(man.member.token for man in two)))
    assert stopped.store.signals.outward


async def test_a_claim_that_came_late_is_freed_the_next_time(two: list[Crewman]) -> None:
    living, _ = two
    await held(living.store, 1, 4711)
    await reaped(living)
    assert await ask(living.store, LEASES) == [(None, 1)]


async def reaped(man: Crewman, silent: float = 5.0, dead: float = 15.0) -> Reaped:
    async with man.member._wire.use() as connection:
        return await processes.reap(connection, man.member.token, silent, dead)


async def test_two_who_look_at_once_free_it_once(url: str) -> None:
    async with crew(url, 3) as (dead, *living):
        await held(dead.store, 1, dead.member.token)
        await dead.die()
        await asyncio.sleep(0.3)
        both = await asyncio.gather(*(reaped(man, silent=0.2) for man in living))
        assert sorted(found.processes for found in both) == [0, 1]
        assert await ask(living[0].store, LEASES) == [(None, 1)]


async def test_a_stopped_commit_does_not_stop_the_reaper(two: list[Crewman]) -> None:
    """Who was stopped in the middle of a transaction still locks its updates."""
    living, _ = two
    await held(living.store, 1, 4711)
    await held(living.store, 2, 4711)
    async with living.store.write() as connection, asyncio.timeout(5):
        await connection.exec_driver_sql("UPDATE inbox SET state = 'done' WHERE id = 1")
        assert (await reaped(living)).leases == 1
    assert await ask(living.store, LEASES) == [(4711, 0), (None, 1)]


async def test_nobody_is_missed_by_one_who_has_just_come_back(two: list[Crewman]) -> None:
    """After an outage nobody has been seen for long; everybody has the time to come back."""
    gone, back = two
    await gone.die()
    await change(back.store, "UPDATE process SET seen_at = seen_at - interval '1 hour'")
    assert await reaped(back) == (0, 0, 1)
    await asyncio.sleep(0.5)
    assert await reaped(back, silent=0.2) == (1, 0, 0), "but soon they are"


async def test_a_cut_wire_is_mended_and_the_place_kept(two: list[Crewman]) -> None:
    man, other = two
    token = man.member.token
    await held(man.store, 1, token)
    lost = man.member._wire.lost
    with man.store.signals.listen("anything") as woken:
        await cut_by_the_server(other.store, token)
        await until(lost.is_set)
        assert await woken.wait(3.0), "whatever was told meanwhile was not heard"
    assert man.member.token == token
    assert await ask(man.store, LEASES) == [(token, 0)]
    await asyncio.sleep(0.1)
    await cut_by_the_server(other.store, token)  # it has its name again


async def test_a_former_connection_that_the_server_believes_in_is_cut(two: list[Crewman]) -> None:
    """After a network's failure its locks would stay until the server notices, which may take hours."""
    man, other = two
    former = man.member._wire
    ghost = Store(address(man.store))
    async with ghost.apart() as connection:
        await connection.exec_driver_sql(f"SET application_name = 'touchdesk-{man.member.token}'")
        await connection.exec_driver_sql("SELECT pg_advisory_lock(hashtextextended('touchdesk:sender:1', 0))")
        former.cut()
        await until(lambda: man.member._wire is not former)
        assert await other.member._wire.lock("sender:1")
        with pytest.raises(DBAPIError, match=r"closed|terminat"):
            await connection.exec_driver_sql("SELECT 1")


async def test_others_whose_names_begin_alike_are_left_alone(two: list[Crewman]) -> None:
    """An exporter, a shell: whoever has called its connection touchdesk-something."""
    man, _ = two
    async with man.store.apart() as connection:
        for name in ("touchdesk-exporter", "touchdesk-1-exporter", "my touchdesk-1"):
            await connection.exec_driver_sql(f"SET application_name = '{name}'")
            await reaped(man)
            async with man.member._wire.use() as wire:
                await processes.cut_off(wire, man.member.token, 15.0)
            await asyncio.sleep(0.1)
            assert (await connection.exec_driver_sql("SHOW application_name")).scalar_one() == name


@pytest.mark.parametrize("skew", [TWO_DAYS, -TWO_DAYS], ids=["ahead", "behind"])
async def test_the_clocks_of_machines_do_not_matter(
    url: str, own_ids: IdMaker, monkeypatch: pytest.MonkeyPatch, skew: timedelta
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + int(skew.total_seconds() * 1e9))
    async with crew(url, 2) as (man, other):
        for store in (man.store, other.store):
            store.clock = lambda: datetime.now(UTC) + skew
        await held(man.store, 1, man.member.token)
        assert await man.member._live()
        assert await other.member._live()
        assert await ask(man.store, LEASES) == [(man.member.token, 0)]
        assert await ask(man.store, RECENT) == [(2,)]
        assert abs(made_at_ms(own_ids()) - real() / 1e6) < 5_000


async def test_ids_come_after_those_of_a_clock_that_was_set_back(store: Store, own_ids: IdMaker) -> None:
    tomorrow = first_id(time.time_ns() // 1_000_000 + 86_400_000)
    async with store.unit() as unit:
        call = {"method": "sendMessage", "payload": {}, "repeat": "once", "created_at": unit.now}
        unit.add(OutboxRow(id=tomorrow, bot_id=1, chat_id=1, **call))
    async with crew(address(store), 1):
        assert own_ids() > tomorrow


async def test_a_second_process_on_sqlite_is_refused(sqlite_store: Store) -> None:
    async with crew(address(sqlite_store), 1) as (first,):
        second = Member(Store(address(sqlite_store)), "run")
        with pytest.raises(AlreadyRunningError, match=r"store\.db-running") as refused:
            await second.join()
        assert "another touchdesk is running" in str(refused.value)
        assert await ask(sqlite_store, TOKENS) == [(first.member.token,)]
        await first.stop()
        await second.join()
        await second.leave()
        await second._store.close()


async def test_a_new_process_on_sqlite_takes_over_from_the_dead(sqlite_store: Store) -> None:
    async with crew(address(sqlite_store), 1) as (dead,):
        await held(sqlite_store, 1, dead.member.token)
        await dead.die()
    async with crew(address(sqlite_store), 1) as (living,):
        assert await ask(sqlite_store, LEASES) == [(None, 1)]
        assert await ask(sqlite_store, TOKENS) == [(living.member.token,)]


async def test_sqlite_in_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        await Member(Store(f"sqlite:///{tmp_path}/none/desk.db"), "run").join()


async def test_a_database_that_comes_back_finds_the_same_processes(private: PrivatePostgres) -> None:
    async with crew(private.url, 2) as men:
        tokens = [man.member.token for man in men]
        with capture_logs() as logs:
            await asyncio.to_thread(private.stop)
            for man in men:
                await until(man.member._wire.lost.is_set)
            await asyncio.sleep(2)
            await asyncio.to_thread(private.start)
            await until(lambda: told(logs).count("member.available") == 2, seconds=10)
        assert [man.member.token for man in men] == tokens
        assert sorted(told(logs)) == ["member.available"] * 2 + ["member.unavailable"] * 2


def told(logs: list[MutableMapping[str, Any]]) -> list[str]:
    return [log["event"] for log in logs if log["event"].startswith("member.")]


@pytest.mark.usefixtures("quick")
async def test_a_database_that_hangs_ends_what_depends_on_the_wire(private: PrivatePostgres) -> None:
    async with crew(private.url, 1) as (man,):
        wire = man.member._wire
        with private.paused():
            before = asyncio.get_running_loop().time()
            await until(wire.lost.is_set)
            assert asyncio.get_running_loop().time() - before < membership.DEAD_SECONDS
            await asyncio.sleep(membership.DEAD_SECONDS)
        await until(lambda: not man.member._wire.lost.is_set(), seconds=10)
        assert await man.member._wire.lock("sender:1")


async def test_leaving_does_not_wait_for_a_database_that_hangs(
    private: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(membership, "LEAVE_SECONDS", 0.5)
    async with crew(private.url, 1) as (man,):
        with private.paused():
            async with asyncio.timeout(5):
                await man.stop()
    assert man.member._wire.lost.is_set()


@pytest.fixture(scope="module")
def postgres_of_our_own() -> Iterator[PrivatePostgres]:
    server = PrivatePostgres()
    yield server
    server.remove()


@pytest.fixture
async def private(postgres_of_our_own: PrivatePostgres) -> PrivatePostgres:
    store = Store(postgres_of_our_own.url)
    await migrate(store)
    await store.close()
    return postgres_of_our_own
