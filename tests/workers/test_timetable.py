"""What is due runs once at its time; a job that fails harms no other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import Customer, Schedule
from crm_store.repositories import schedule
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from workers.claims import LEASE, Claims
from workers.timetable import LONGEST_RETRY, RETRY, TRIES, Timetable

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass
class Shop:
    """A store whose clock the test moves, and jobs that leave a trace."""

    store: Store
    now: datetime = START
    ran: list[str] = field(default_factory=list)
    error: Exception | None = None

    def __post_init__(self) -> None:
        self.store.clock = lambda: self.now
        self.timetable = Timetable(self.store, {"note": self.note, "break": self.break_down})

    async def note(self, unit: Unit, payload: dict[str, Any]) -> None:
        self.ran.append(payload["name"])
        unit.add(Customer(id=new_id(), name=payload["name"], created_at=unit.now, attributes={}))

    async def break_down(self, unit: Unit, payload: dict[str, Any]) -> None:
        await self.note(unit, payload)
        raise self.error or ValueError("broken: the customer said sausage")

    async def plan(
        self, name: str, job: str = "note", after: timedelta = timedelta(0), every: int | None = None
    ) -> None:
        async with self.store.unit() as unit:
            await schedule.ask_for(unit, name, job, unit.now + after, {"name": name}, every_seconds=every)

    async def rows(self) -> list[Schedule]:
        async with self.store.read() as session:
            return list(await session.scalars(select(Schedule).order_by(Schedule.key)))

    async def effects(self) -> list[str]:
        async with self.store.read() as session:
            return list(await session.scalars(select(Customer.name).order_by(Customer.id)))


@pytest.fixture
async def shop(store: Store) -> Shop:
    return Shop(store)


async def test_a_job_runs_once_when_its_time_has_come(shop: Shop) -> None:
    await shop.plan("later", after=timedelta(minutes=5))
    await shop.plan("now")
    assert await shop.timetable.step() == 1
    assert await shop.timetable.step() == 0
    assert shop.ran == ["now"]
    shop.now += timedelta(minutes=5)
    await shop.timetable.step()
    assert await shop.effects() == ["now", "later"]
    assert not await shop.rows()


async def test_planning_twice_is_planning_once(shop: Shop) -> None:
    await shop.plan("card")
    await shop.plan("card", after=timedelta(hours=1))
    (row,) = await shop.rows()
    assert row.next_run_at == START


async def test_a_recurring_job_comes_again_but_does_not_catch_up(shop: Shop) -> None:
    await shop.plan("hourly", every=3600)
    await shop.timetable.step()
    shop.now += timedelta(days=1)
    await shop.timetable.step()
    assert await shop.timetable.step() == 0
    assert shop.ran == ["hourly", "hourly"]
    (row,) = await shop.rows()
    assert row.next_run_at == shop.now + timedelta(hours=1)


async def test_a_job_that_fails_leaves_nothing_and_is_tried_again_less_and_less_often(shop: Shop) -> None:
    await shop.plan("poor", "break")
    for attempt in range(1, TRIES):
        await shop.timetable.step()
        (row,) = await shop.rows()
        assert (row.attempts, row.next_run_at) == (attempt, shop.now + RETRY * attempt)
        assert str(row.error).startswith("ValueError: broken")
        shop.now = row.next_run_at
    await shop.timetable.step()
    assert not await shop.rows(), "given up"
    assert not await shop.effects()
    assert len(shop.ran) == TRIES


async def test_a_recurring_job_that_fails_is_never_given_up_and_recovers(shop: Shop) -> None:
    await shop.plan("poor", "break", every=60)
    for _ in range(TRIES + 2):
        await shop.timetable.step()
        shop.now += timedelta(hours=1)
    for _ in range(20):
        (row,) = await shop.rows()
        shop.now = row.next_run_at
        await shop.timetable.step()
    (row,) = await shop.rows()
    assert row.next_run_at - shop.now == LONGEST_RETRY
    shop.now = row.next_run_at
    shop.timetable = Timetable(shop.store, {"break": shop.note})
    await shop.timetable.step()
    (row,) = await shop.rows()
    assert (row.attempts, await shop.effects()) == (0, ["poor"])


async def test_a_job_that_ends_the_process_each_time_is_given_up(shop: Shop) -> None:
    """As when memory runs out: nothing is written after the claim."""

    async def killed(_: Unit, payload: dict[str, Any]) -> None:
        shop.ran.append(payload["name"])
        raise asyncio.CancelledError

    await shop.plan("too much")
    await shop.plan("too much, but hourly", every=3600)
    for _ in range(TRIES):
        for _ in range(2):
            with pytest.raises(asyncio.CancelledError):
                await Timetable(shop.store, {"note": killed}).step()
        shop.now += LEASE
    assert await shop.timetable.step() == 2, "the one is put away, the other done"
    assert shop.ran.count("too much") == TRIES
    assert await shop.effects() == ["too much, but hourly"]
    assert [row.attempts for row in await shop.rows()] == [0]


async def test_what_is_asked_for_while_the_job_runs_is_done_once_more(shop: Shop) -> None:
    async def asked_meanwhile(unit: Unit, payload: dict[str, Any]) -> None:
        await shop.note(unit, payload)
        async with shop.store.read() as session:
            assert await schedule.is_asked_for(session, "score")
        await shop.plan("score", after=timedelta(seconds=1))
        await shop.plan("score", after=timedelta(seconds=2))

    await shop.plan("score")
    await shop.plan("score_x")
    await Timetable(shop.store, {"note": asked_meanwhile}).step()
    assert [(row.key, row.attempts) for row in await shop.rows()] == [("score", 0)]
    shop.now += timedelta(seconds=1)
    await shop.timetable.step()
    assert shop.ran == ["score", "score_x", "score"]
    async with shop.store.read() as session:
        assert not await schedule.is_asked_for(session, "score")


async def test_a_job_that_is_tried_again_keeps_its_row_beside_a_new_one(shop: Shop) -> None:
    await shop.plan("poor", "break")
    await shop.timetable.step()
    await shop.plan("poor", "break", after=timedelta(hours=1))
    shop.now += RETRY
    await shop.timetable.step()
    (new, old) = await shop.rows()
    assert (new.key, old.key) == ("poor", f"poor:{old.id}")
    assert (new.attempts, old.attempts) == (0, 2)


async def test_a_recurring_job_is_planned_once_even_while_it_runs(shop: Shop) -> None:
    async def start_anew(_: Unit, __: dict[str, Any]) -> None:
        await shop.plan("hourly", every=3600)

    await shop.plan("hourly", every=3600)
    await Timetable(shop.store, {"note": start_anew}).step()
    assert [row.key for row in await shop.rows()] == ["hourly"]


async def test_a_job_begins_after_what_it_was_asked_for_is_written(shop: Shop) -> None:
    """Somebody asks while the row still waits, and it is claimed before they have written their unit."""
    await shop.plan("rescore")
    async with shop.store.unit() as unit:
        await schedule.ask_for(unit, "rescore", "note", unit.now, {"name": "rescore"})
        await shop.timetable.step()
        unit.add(Customer(id=new_id(), name="merged", created_at=unit.now, attributes={}))
    assert await shop.timetable.step() == 1
    assert await shop.effects() == ["rescore", "merged", "rescore"]


async def test_a_broken_job_stops_no_other(shop: Shop) -> None:
    await shop.plan("a poor one", "break")
    await shop.plan("b good one")
    await shop.timetable.step()
    assert await shop.effects() == ["b good one"]


async def test_a_job_that_nobody_knows_is_left_for_who_does(shop: Shop) -> None:
    await shop.plan("another process's", "unknown")
    await shop.timetable.step()
    assert [row.key for row in await shop.rows()] == ["another process's"]


async def test_jobs_that_nobody_knows_take_nobodys_place(shop: Shop) -> None:
    for number in range(60):
        await shop.plan(f"another process's {number}", "unknown")
    shop.now += timedelta(minutes=1)
    await shop.plan("ours")
    assert await shop.timetable.step() == 1
    assert await shop.effects() == ["ours"]


async def test_a_long_job_in_a_timetable_of_its_own_keeps_nobody_waiting(shop: Shop) -> None:
    thinking, enough = asyncio.Event(), asyncio.Event()

    async def think(_: Unit, __: dict[str, Any]) -> None:
        thinking.set()
        await enough.wait()

    await shop.plan("a check", "think")
    await shop.plan("b card")
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(Timetable(shop.store, {"think": think}).step())
        await thinking.wait()
        await shop.timetable.step()
        assert await shop.effects() == ["b card"]
        enough.set()
    assert not await shop.rows()


async def test_two_processes_think_once(shop: Shop) -> None:
    thinking, enough, thought = asyncio.Event(), asyncio.Event(), []

    async def think(_: Unit, __: dict[str, Any]) -> None:
        thought.append("once")
        thinking.set()
        await enough.wait()

    await shop.plan("an errand", "think")
    await shop.plan("scoring", "think", every=3600)
    mine, others = (Timetable(shop.store, {"think": think}) for _ in range(2))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        working = tasks.create_task(mine.step())
        await thinking.wait()
        shop.now += LEASE / 2
        await mine._claims.renew()
        shop.now += LEASE / 2
        thinking.clear()
        other = tasks.create_task(others.step())
        await thinking.wait()
        enough.set()
    assert (working.result(), other.result()) == (1, 1), "each does what the other has not begun"
    assert len(thought) == 2
    (row,) = await shop.rows()
    assert row.next_run_at > shop.now + LEASE


async def test_claims_of_a_process_that_died_lapse(shop: Shop) -> None:
    await shop.plan("left behind")
    (row,) = await shop.rows()
    assert await Claims(shop.store).take(row)
    assert not await Claims(shop.store).take(row), "one of two that saw the same"
    assert await shop.timetable.step() == 0
    shop.now += LEASE
    assert await shop.timetable.step() == 1
    assert await shop.effects() == ["left behind"]


async def test_who_comes_back_from_the_dead_writes_nothing(shop: Shop) -> None:
    async def sleep(unit: Unit, payload: dict[str, Any]) -> None:
        await shop.note(unit, payload | {"name": "too late"})
        shop.now += LEASE
        await shop.timetable.step()

    for every in (None, 3600):
        await shop.plan("note", "note", every=every)
        await Timetable(shop.store, {"note": sleep}).step()
        shop.now += timedelta(days=1)
    assert shop.ran == ["too late", "note"] * 2
    assert await shop.effects() == ["note", "note"]


async def test_an_unavailable_database_is_no_fault_of_the_job(shop: Shop) -> None:
    shop.error = StoreUnavailableError(OSError("locked"))
    await shop.plan("patient", "break")
    with pytest.raises(StoreUnavailableError):
        await shop.timetable.step()
    (row,) = await shop.rows()
    assert (row.attempts, row.error) == (0, None)


async def test_what_was_cut_short_is_forgiven_when_the_database_is_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailableError(OSError("away"))

    await shop.plan("patient")
    for _ in range(TRIES + 1):
        with monkeypatch.context() as patch:
            patch.setattr(shop.store, "run", away)
            with pytest.raises(StoreUnavailableError):
                await shop.timetable.step()
            shop.now += LEASE
            with pytest.raises(StoreUnavailableError):
                await shop.timetable.step()
        shop.now -= timedelta(seconds=1)
        assert await shop.timetable.step() == 0
        assert [row.attempts for row in await shop.rows()] == [0]
        shop.now += timedelta(seconds=1)
    assert await shop.timetable.step() == 1
    assert await shop.effects() == ["patient"]


async def test_what_another_process_began_meanwhile_is_left_to_it(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise StoreUnavailableError(OSError("away"))

    await shop.plan("taken")
    with monkeypatch.context() as patch:
        patch.setattr(shop.store, "run", away)
        with pytest.raises(StoreUnavailableError):
            await shop.timetable.step()
    shop.now += LEASE
    (row,) = await shop.rows()
    assert await Claims(shop.store).take(row)
    assert await shop.timetable.step() == 0
    assert [row.attempts for row in await shop.rows()] == [2]


async def test_a_stop_waits_for_one_job_only(shop: Shop) -> None:
    stopping = asyncio.Event()

    async def stop(_: Unit, payload: dict[str, Any]) -> None:
        shop.ran.append(payload["name"])
        stopping.set()
        shop.store.signals.send(["stop"])

    for name in ("a", "b", "c"):
        await shop.plan(name)
    async with asyncio.timeout(5):
        await Timetable(shop.store, {"note": stop}).run(stopping)
    assert len(shop.ran) == 1
    assert [row.attempts for row in await shop.rows()] == [0, 0]


async def test_it_stops_at_once_and_survives_a_lost_database(sqlite_store: Store) -> None:
    lost = Store("sqlite:////nowhere/at/all.db")
    stopping = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(Timetable(lost, {}).run(stopping))
        running = tasks.create_task(Timetable(sqlite_store, {}).run(stopping))
        await asyncio.sleep(0.1)
        assert not running.done()
        stopping.set()
        for store in (lost, sqlite_store):
            store.signals.send(["stop"])
    await lost.close()
