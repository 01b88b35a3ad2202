"""How much waits and since when, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crm_store.ids import first_id, new_id
from crm_store.models import ContactPoint, Customer, Escalation, InboxRow, OutboxRow, Schedule, Ticket
from crm_store.queries.health import RECENTLY, Health, health
from crm_store.store import Store
from crm_store.unit import Unit

ZERO = timedelta()
NOTHING = Health(0, ZERO, 0, 0, ZERO, 0, 0, 0, 0, ZERO, ZERO)


def inbox(unit: Unit, state: str, age: timedelta) -> None:
    id_ = new_id()
    row = {"bot_id": 42, "update_id": id_, "chat_id": 1, "body": "{}", "state": state, "received_at": unit.now - age}
    unit.insert(InboxRow, id=id_, attempts=0, **row)


def outbox(unit: Unit, state: str, age: timedelta) -> None:
    at = unit.now - age
    id_ = first_id(int(at.timestamp() * 1000)) + new_id() % 2**20
    row = {"bot_id": 42, "chat_id": 1, "method": "sendMessage", "payload": {}, "created_at": at, "state": state}
    unit.insert(OutboxRow, id=id_, **row)


async def test_an_empty_store_has_nothing_that_waits(store: Store) -> None:
    async with store.read() as session:
        assert await health(session, store.clock()) == NOTHING


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
        for key, due in [("late", unit.now - 10 * minute), ("early", unit.now + hour)]:
            unit.insert(Schedule, id=new_id(), key=key, job="x", payload={}, next_run_at=due, attempts=0)
        now = unit.now
    async with store.read() as session:
        found = await health(session, now)
    assert found.outbox_oldest - 2 * minute < timedelta(milliseconds=2)
    assert found == Health(2, minute, 1, 2, found.outbox_oldest, 1, 1, 1, 0, ZERO, 10 * minute)


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
    assert (found.inbox_oldest, found.outbox_oldest, found.inbox_waiting) == (ZERO, ZERO, 1)
