"""How much waits and since when, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from crm_store.ids import first_id, new_id
from crm_store.models import ContactPoint, Customer, Escalation, InboxRow, OutboxRow, Process, Schedule, Ticket
from crm_store.queries.health import LANES, RECENTLY, Health, health
from crm_store.queries.processes import ROLES, SILENT, leases_without_owner, processes
from crm_store.store import Store
from crm_store.unit import Unit
from tests.crm_store.test_indexes import statements

ZERO = timedelta()
NO_CALLS, NO_AGES = dict.fromkeys(LANES, 0), dict.fromkeys(LANES, ZERO)
NOBODY = dict.fromkeys(ROLES, 0)
NOTHING = Health(0, 0, ZERO, 0, NO_CALLS, NO_AGES, 0, 0, 0, 0, ZERO, ZERO, NOBODY, 0, 0)


_numbers = count()  # tell rows of one age apart


def inbox(unit: Unit, state: str, age: timedelta, lease: int | None = None) -> None:
    id_ = new_id()
    row = {"bot_id": 42, "update_id": id_, "chat_id": id_, "body": "{}", "state": state, "received_at": unit.now - age}
    unit.insert(InboxRow, id=id_, attempts=0, lease=lease, **row)


def outbox(unit: Unit, state: str, age: timedelta, lane: int = 1) -> None:
    at = unit.now - age
    id_ = first_id(int(at.timestamp() * 1000)) + next(_numbers)
    row = {"bot_id": 42, "chat_id": 1, "method": "sendMessage", "payload": {}, "created_at": at, "state": state}
    unit.insert(OutboxRow, id=id_, lane=lane, **row)


def process(unit: Unit, token: int, role: str, silence: timedelta = ZERO, version: str = "1") -> None:
    at = unit.now - silence
    where = {"host": "here", "pid": token, "started_at": at, "seen_at": at}
    unit.insert(Process, number=token, token=token, role=role, version=version, **where)


async def test_an_empty_store_has_nothing_that_waits(store: Store) -> None:
    async with store.read() as session:
        assert await health(session, store.clock()) == NOTHING


async def test_a_scrape_is_a_few_statements_whatever_there_is(store: Store) -> None:
    async with store.unit() as unit:
        for number in range(1, 6):
            process(unit, number, "worker")
            inbox(unit, "waiting", ZERO, number)
            outbox(unit, "waiting", ZERO, number % len(LANES))
    with statements(store) as seen:
        async with store.read() as session:
            await health(session, store.clock())
    assert len(seen) == 6


async def test_what_waits_is_counted_and_the_oldest_is_told(store: Store) -> None:
    hour, minute, second = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
    async with store.unit() as unit:
        for state, age in [("waiting", minute), ("waiting", 5 * second), ("done", hour), ("failed", hour)]:
            inbox(unit, state, age)
        for state, age in [
            ("waiting", 2 * minute),
            ("waiting", second),
            ("sending", 3 * hour),
            ("sent", 3 * hour),
            ("uncertain", RECENTLY - minute),
            ("uncertain", RECENTLY + minute),
            ("failed", ZERO),
            ("failed", 3 * RECENTLY),
        ]:
            outbox(unit, state, age)
        outbox(unit, "waiting", 5 * minute, lane=3)
        inbox(unit, "waiting", second, lease=7)
        for key, due in [("late", unit.now - 10 * minute), ("early", unit.now + hour)]:
            unit.insert(Schedule, id=new_id(), key=key, job="x", payload={}, next_run_at=due, attempts=0)
        now = unit.now
    async with store.read() as session:
        found = await health(session, now)
    waiting, ages = NO_CALLS | {"answer": 2, "campaign": 1}, found.outbox_oldest
    assert [round(ages[lane].total_seconds()) for lane in LANES] == [0, 120, 0, 300]
    assert found == Health(3, 1, minute, 1, waiting, ages, 1, 1, 1, 0, ZERO, 10 * minute, NOBODY, 0, 0)


def escalate(unit: Unit, state: str, waited: timedelta) -> None:
    at, id_ = unit.now - waited, new_id()
    whose = {"customer_id": id_, "contact_point_id": id_}
    unit.add(Customer(id=id_, name="x", created_at=at, attributes={}))
    unit.add(ContactPoint(id=id_, customer_id=id_, channel="web", address=str(id_), created_at=at))
    unit.add(Ticket(id=id_, number=id_, subject="x", language="en", opened_at=at, due_at=at, **whose))
    ended = unit.now if state == "resolved" else None
    unit.add(Escalation(id=id_, ticket_id=id_, reasons=[], state=state, opened_at=at, ended_at=ended, **whose))


async def test_who_waits_for_an_agent(store: Store) -> None:
    async with store.unit() as unit:
        for state, minutes in [("waiting", 30), ("waiting", 7), ("claimed", 99), ("resolved", 99)]:
            escalate(unit, state, timedelta(minutes=minutes))
        now = unit.now
    async with store.read() as session:
        found = await health(session, now)
    assert (found.queue_waiting, found.queue_oldest) == (2, timedelta(minutes=30))


async def test_a_clock_that_went_back_makes_no_negative_age(store: Store) -> None:
    async with store.unit() as unit:
        inbox(unit, "waiting", ZERO)
        outbox(unit, "waiting", ZERO)
    async with store.read() as session:
        found = await health(session, datetime(2025, 1, 1, tzinfo=UTC))
    assert (found.inbox_oldest, found.outbox_oldest, found.inbox_waiting) == (ZERO, NO_AGES, 1)


async def test_who_is_alive_and_who_has_gone_silent(store: Store) -> None:
    async with store.unit() as unit:
        process(unit, 1, "web")
        process(unit, 2, "worker", version="2")
        process(unit, 3, "worker", SILENT + timedelta(seconds=5), version="0")
        for lease in (2, 3, 99, None):
            inbox(unit, "waiting", ZERO, lease)
        inbox(unit, "done", ZERO, 99)
        now = unit.now
    async with store.read() as session:
        found = await health(session, now)
        seen = await processes(session, now)
        assert await leases_without_owner(session, [each for each in seen if not each.is_alive]) == 2
        assert await leases_without_owner(session, []) == 1
    assert (found.processes, found.processes_silent, found.versions) == ({"run": 0, "web": 1, "worker": 1}, 1, 2)
    assert found.inbox_leased == 3
    assert [(each.token, each.is_alive, each.works) for each in seen] == [
        (1, True, False),
        (2, True, True),
        (3, False, True),
    ]


async def test_on_postgresql_life_is_measured_by_the_databases_clock(store: Store) -> None:
    """A machine whose clock is an hour off takes nobody for dead."""
    async with store.unit() as unit:
        process(unit, 1, "worker")
        now = unit.now
    async with store.read() as session:
        (seen,) = await processes(session, now + timedelta(hours=1))
    assert seen.is_alive is not store.is_sqlite
