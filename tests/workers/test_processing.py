"""Accepted updates take effect exactly once, in order per chat; what cannot is set aside and harms only itself."""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
import structlog
from sqlalchemy import select
from sqlalchemy import update as update_row
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import new_id
from crm_store.models import Customer, InboxRow, Ticket
from crm_store.repositories import inbox
from crm_store.repositories.inbox import Accepted
from crm_store.store import Store, StoreUnavailableError
from crm_store.unit import Unit
from support import tickets
from support.meters import Meters
from tests.databases import Databases, opened
from tests.support.shop import open_shop
from tests.support.test_meters import figures
from tests.workers.holders import Holder
from workers import processing
from workers.processing import SHARED_BATCH, STARTS, TRIES, Processor

GROUP = -100_500
_numbers = count(1)


class KilledError(BaseException):
    """The process ends here."""


@dataclass
class Handlers:
    """Writes a customer named after each update's text; does what the text says before that."""

    seen: list[str] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    context: list[dict[str, Any]] = field(default_factory=list)
    prepared: list[int] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    error: Callable[[], BaseException] = lambda: ValueError("a handler's fault: the customer said sausage")

    async def prepare(self, unit: Unit, updates: Sequence[dict[str, Any]]) -> None:
        self.prepared.append(len(updates))

    async def dispatch(self, unit: Unit, update: dict[str, Any]) -> None:
        text = update["text"]
        self.seen.append(text)
        self.units.append(id(unit))
        self.context.append(structlog.contextvars.get_contextvars())
        unit.add(Customer(id=new_id(), name=text, created_at=unit.now, attributes={}))
        unit.ephemeral.append(("sendChatAction", {"text": text}))
        if self.faults[text]:
            self.faults[text] -= 1
            raise self.error()


async def accept(store: Store, texts: Iterable[str], chat: int = 1) -> None:
    rows = [(next(_numbers), chat, json.dumps({"text": text})) for text in texts]
    async with store.write() as connection:
        await inbox.accept(connection, 42, rows, store.clock())


async def effects(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(Customer.name).order_by(Customer.id)))


async def states(store: Store) -> dict[str, str]:
    async with store.read() as session:
        return {json.loads(row.body)["text"]: row.state for row in await session.scalars(select(InboxRow))}


def processor(store: Store, handlers: Handlers, **more: Any) -> Processor:
    return Processor(store, handlers.dispatch, handlers.prepare, **{"holder": Holder(), **more})


async def leases(store: Store) -> dict[str, int | None]:
    """Who holds what waits, by its text."""
    async with store.read() as session:
        rows = await session.scalars(select(InboxRow).where(InboxRow.state == "waiting"))
        return {json.loads(row.body)["text"]: row.lease for row in rows}


async def work_off(processor: Processor) -> None:
    """Until nothing waits any more, resting chats included."""
    async with asyncio.timeout(10):
        while await processor.step() or processor._resting:
            await asyncio.sleep(0.005)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "RETRY_SECONDS", 0.005)
    monkeypatch.setattr(processing, "UNAVAILABLE_SECONDS", 0.005)


async def test_each_update_takes_effect_once_in_the_order_of_its_chat(store: Store) -> None:
    for chat in (1, 2, GROUP):
        await accept(store, [f"{chat} {n}" for n in range(4)], chat)
    handlers = Handlers()
    await work_off(processor(store, handlers))
    done = await effects(store)
    for chat in (1, 2, GROUP):
        assert [name for name in done if name.startswith(f"{chat} ")] == [f"{chat} {n}" for n in range(4)]
    assert len(done) == 12
    assert set((await states(store)).values()) == {"done"}
    await work_off(processor(store, handlers))
    assert await effects(store) == done


async def test_many_chats_share_a_unit_and_a_group_has_its_own(sqlite_store: Store) -> None:
    for chat in (1, 2, 3, GROUP):
        await accept(sqlite_store, [f"in {chat}"], chat)
    handlers = Handlers()
    assert await processor(sqlite_store, handlers).step() == 4
    assert handlers.prepared == [3, 1]
    assert handlers.context[0].keys() == {"update", "chat"}
    assert [context["chat"] for context in handlers.context] == [1, 2, 3, GROUP]


async def test_a_repeated_update_is_worked_on_once(store: Store) -> None:
    rows = [(777, 1, json.dumps({"text": "once"}))]
    for _ in range(2):
        async with store.write() as connection:
            await inbox.accept(connection, 42, rows, store.clock())
    async with store.write() as connection:
        await inbox.accept(connection, 43, [(777, 1, json.dumps({"text": "another bot's"}))], store.clock())
    await work_off(processor(store, Handlers()))
    assert sorted(await effects(store)) == ["another bot's", "once"]


async def test_a_batch_that_fails_is_split_and_only_the_poison_is_missing(store: Store) -> None:
    for chat in range(1, 11):
        await accept(store, ["poison" if chat == 5 else f"good {chat}"], chat)
    handlers = Handlers(faults=Counter({"poison": 10**6}))
    await processor(store, handlers).step()
    assert sorted(await effects(store)) == sorted(f"good {n}" for n in range(1, 11) if n != 5)


async def test_a_poison_is_set_aside_after_three_tries_and_its_chat_goes_on(store: Store) -> None:
    await accept(store, ["poison", "after it"], chat=1)
    await accept(store, ["good"], chat=2)
    handlers = Handlers(faults=Counter({"poison": 10**6}))
    with structlog.testing.capture_logs() as logs:
        await work_off(processor(store, handlers))
    assert sorted(await effects(store)) == ["after it", "good"]
    assert await states(store) == {"poison": "failed", "after it": "done", "good": "done"}
    assert handlers.seen.count("poison") == TRIES + 1, "once together with the others, then alone"
    async with store.read() as session:
        error = await session.scalar(select(InboxRow.error).where(InboxRow.state == "failed"))
        assert await inbox.counts(session) == (0, 1)
    assert error
    assert error.startswith("ValueError: a handler's fault")
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["processing.set_aside"]
    assert {"update", "chat"} <= logs[-1].keys()
    assert "sausage" not in repr(logs), "what a customer said stays out of the log"


async def test_what_fails_for_a_while_takes_effect_in_its_order(store: Store) -> None:
    await accept(store, ["flaky", "next"], chat=1)
    handlers = Handlers(faults=Counter({"flaky": TRIES}))
    await work_off(processor(store, handlers))
    assert await effects(store) == ["flaky", "next"]


async def test_a_resting_chat_holds_up_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "RETRY_SECONDS", 60)
    await accept(store, ["poison"], chat=1)
    await accept(store, ["one", "two"], chat=2)
    handlers = Handlers(faults=Counter({"poison": 10**6}))
    worker = processor(store, handlers)
    for _ in range(4):
        await worker.step()
    assert await effects(store) == ["one", "two"]
    assert (await states(store))["poison"] == "waiting"


async def test_an_update_that_kills_the_process_is_found_and_harms_nobody_else(store: Store) -> None:
    for chat in range(1, 8):
        await accept(store, ["killer" if chat == 3 else f"{chat} a", f"{chat} b"], chat)
    handlers = Handlers(faults=Counter({"killer": 10**6}), error=KilledError)
    holder, deaths = Holder(), 0
    while deaths < 20:
        try:
            await work_off(processor(store, handlers, holder=holder))  # a new process remembers nothing
            break
        except KilledError:
            deaths += 1
            await holder.ended(store)
            await accept(store, [f"came in life {deaths}"], chat=100 + deaths)
    assert deaths == STARTS
    found = await states(store)
    assert {text for text, state in found.items() if state != "done"} == {"killer"}
    assert found["killer"] == "failed"
    done = await effects(store)
    assert len(done) == len(set(done)) == len(found) - 1
    async with store.read() as session:
        others = select(InboxRow.attempts).where(InboxRow.state == "done")
        assert set(await session.scalars(others)) == {0, 1}, "only those that were taken with it, and only once"


async def test_a_conflict_is_simply_repeated(store: Store) -> None:
    await accept(store, ["raced"])
    handlers = Handlers(faults=Counter({"raced": 3}), error=lambda: StaleDataError("somebody was faster"))
    with structlog.testing.capture_logs() as logs:
        await processor(store, handlers).step()
    assert await effects(store) == ["raced"]
    assert not [log for log in logs if log["log_level"] in ("warning", "error")]


@pytest.mark.parametrize(
    "error",
    [
        lambda: StoreUnavailableError(OSError("locked")),
        lambda: OperationalError("SELECT", {}, OSError("disk I/O error")),
        lambda: ConnectionRefusedError("nobody listens"),
    ],
)
async def test_an_unavailable_database_is_not_held_against_an_update(
    sqlite_store: Store, error: Callable[[], BaseException]
) -> None:
    await accept(sqlite_store, ["patient"])
    handlers = Handlers(faults=Counter({"patient": 20}), error=error)
    worker = processor(sqlite_store, handlers)
    for _ in range(20):
        with pytest.raises(StoreUnavailableError):
            await worker.step()
        assert await leases(sqlite_store) == {"patient": 1}
    handlers.faults["patient"] = TRIES - 1
    handlers.error = ValueError
    await work_off(worker)
    assert await effects(sqlite_store) == ["patient"]
    assert await states(sqlite_store) == {"patient": "done"}


async def test_an_unavailable_database_does_not_end_the_work(sqlite_store: Store) -> None:
    await accept(sqlite_store, ["patient"])
    handlers = Handlers(faults=Counter({"patient": 3}), error=lambda: StoreUnavailableError(OSError("locked")))
    stopping = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(processor(sqlite_store, handlers).run(stopping))
        while await effects(sqlite_store) != ["patient"]:
            await asyncio.sleep(0.005)
        stopping.set()
        sqlite_store.signals.send(["stop"])


async def test_a_stop_lets_what_has_begun_finish(store: Store) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    handlers = Handlers()

    async def slow(unit: Unit, update: dict[str, Any]) -> None:
        begun.set()
        await go_on.wait()
        await handlers.dispatch(unit, update)

    await accept(store, ["begun", "not begun"])
    stopping = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Processor(store, slow, handlers.prepare, Holder()).run(stopping))
        await begun.wait()
        stopping.set()
        store.signals.send(["stop"])
        await asyncio.sleep(0.02)
        assert not running.done()
        go_on.set()
    assert await effects(store) == ["begun"]
    assert await states(store) == {"begun": "done", "not begun": "waiting"}


async def test_new_updates_wake_the_work_at_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "LOOK_SECONDS", 60)
    stopping = asyncio.Event()
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(processor(store, Handlers()).run(stopping))
        await asyncio.sleep(0.05)
        await accept(store, ["hello"])
        store.signals.send(["inbox"])
        while not await effects(store):
            await asyncio.sleep(0.005)
        stopping.set()
        store.signals.send(["stop"])


async def test_what_is_not_kept_is_fired_after_the_commit_only(store: Store) -> None:
    fired: list[str] = []

    def after(calls: Sequence[tuple[str, dict[str, Any]]]) -> None:
        fired.extend(payload["text"] for _, payload in calls)

    await accept(store, ["poison"], chat=1)
    await accept(store, ["good"], chat=2)
    await work_off(processor(store, Handlers(faults=Counter({"poison": 10**6})), after=after))
    assert fired == ["good"]


# Others work on the same inbox


async def test_what_another_holds_is_left_alone(store: Store) -> None:
    await accept(store, ["first", "second"], chat=1)
    async with store.write() as connection:
        assert len(await inbox.claim(connection, 7, 10)) == 1
    await accept(store, ["free"], chat=2)
    await work_off(processor(store, Handlers()))
    assert await effects(store) == ["free"]
    assert await leases(store) == {"first": 7, "second": None}


async def test_what_was_lost_while_it_was_worked_on_has_no_effect_here(store: Store) -> None:
    """A process that slept too long: others have done its work when it wakes up."""
    meters, holder, handlers, other = Meters(), Holder(), Handlers(), Handlers()

    async def dawdle(unit: Unit, update: dict[str, Any]) -> None:
        if not other.seen:
            await holder.ended(store)
            await work_off(processor(store, other, holder=Holder(77)))
        await handlers.dispatch(unit, update)

    await accept(store, ["one"], chat=1)
    await accept(store, ["two"], chat=2)
    slow = Processor(store, dawdle, handlers.prepare, holder, meters=meters)
    with structlog.testing.capture_logs() as logs:
        await slow.step()
    assert sorted(await effects(store)) == sorted(other.seen) == sorted(handlers.seen) == ["one", "two"]
    assert [log["event"] for log in logs] == ["processing.lease_lost"]
    assert figures(meters.text())["touchdesk_leases_lost_total"] == 2
    await accept(store, ["three"], chat=1)
    await work_off(slow)
    assert len(await effects(store)) == 3


async def test_if_some_were_lost_the_rest_is_anybodys(store: Store) -> None:
    await accept(store, ["lost"], chat=1)
    await accept(store, ["kept"], chat=2)
    handlers = Handlers()

    async def robbed(unit: Unit, update: dict[str, Any]) -> None:
        if len(handlers.seen) == 0:
            async with store.write() as connection:
                await connection.execute(update_row(InboxRow).where(InboxRow.chat_id == 1).values(lease=77))
        await handlers.dispatch(unit, update)

    await Processor(store, robbed, handlers.prepare, Holder()).step()
    assert await effects(store) == []
    assert await leases(store) == {"lost": 77, "kept": None}


async def test_a_poison_that_was_lost_is_not_set_aside(store: Store) -> None:
    await accept(store, ["poison"], chat=1)
    holder, handlers = Holder(), Handlers(faults=Counter({"poison": 10**6}))
    worker = processor(store, handlers, holder=holder)
    for _ in range(TRIES - 1):
        await work_one_round(worker)
    await holder.ended(store)
    holder.token = 1  # it has not noticed yet
    await work_one_round(worker)
    assert await states(store) == {"poison": "waiting"}
    assert await leases(store) == {"poison": None}


async def work_one_round(worker: Processor) -> None:
    """Once the chat has rested."""
    await asyncio.sleep(0.03)
    assert await worker.step() == 1


async def test_with_a_new_token_all_that_was_held_is_forgotten(store: Store) -> None:
    await accept(store, ["flaky"], chat=1)
    holder, handlers = Holder(), Handlers(faults=Counter({"flaky": 2}))
    worker = processor(store, handlers, holder=holder)
    assert await worker.step() == 1
    assert worker._held
    await holder.ended(store)
    assert await worker.step() == 1, "taken again, in its new name and without a rest"
    assert await effects(store) == ["flaky"]


async def test_what_was_taken_without_hearing_of_it_is_worked_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection ends between the commit and its answer."""
    await accept(store, ["poison", "after it"], chat=1)
    worker = processor(store, Handlers(faults=Counter({"poison": 10**6})))
    await worker.step()
    await accept(store, ["unheard"], chat=2)
    await asyncio.sleep(0.01)

    @asynccontextmanager
    async def cut() -> AsyncIterator[AsyncConnection]:
        async with write() as connection:
            yield connection
        raise StoreUnavailableError(ConnectionResetError("cut"))

    write = store.write
    worker._resting = dict.fromkeys(worker._held, math.inf)
    with monkeypatch.context() as patch, pytest.raises(StoreUnavailableError):
        patch.setattr(store, "write", cut)
        await worker.step()
    assert await leases(store) == {"poison": 1, "after it": None, "unheard": 1}
    assert await worker.step() == 1
    assert await effects(store) == ["unheard"]


async def test_a_stop_gives_back_what_rests(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "RETRY_SECONDS", 60)
    await accept(store, ["poison"], chat=1)
    stopping, handlers = asyncio.Event(), Handlers(faults=Counter({"poison": 10**6}))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(processor(store, handlers).run(stopping))
        while not handlers.seen[1:]:
            await asyncio.sleep(0.005)
        assert await leases(store) == {"poison": 1}
        stopping.set()
        store.signals.send(["stop"])
    assert await leases(store) == {"poison": None}
    async with store.read() as session:
        assert await session.scalar(select(InboxRow.attempts)) == 0, "nobody has ended"


async def test_who_is_too_late_takes_nothing_and_looks_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker takes one of the same chats at this very moment."""
    await accept(store, ["in"], chat=1)
    meters = Meters()
    worker = processor(store, Handlers(), meters=meters)

    async def outrun(*_: Any) -> list[Accepted]:
        raise IntegrityError("UPDATE inbox", {}, ValueError("ix_inbox_leased"))

    with monkeypatch.context() as patch:
        patch.setattr(inbox, "claim", outrun)
        assert await worker.step() == 0
    assert figures(meters.text())["touchdesk_conflicts_total"] == 1
    assert await worker.step() == 1
    assert await effects(store) == ["in"]


@pytest.mark.parametrize("words", ["cannot read 'a\x00b'", "half of \ud83d"], ids=["nul", "surrogate"])
async def test_an_error_in_words_that_cannot_be_kept_is_kept(store: Store, words: str) -> None:
    await accept(store, ["poison"], chat=1)
    handlers = Handlers(faults=Counter({"poison": 10**6}), error=lambda: ValueError(words))
    await work_off(processor(store, handlers))
    async with store.read() as session:
        row = (await session.scalars(select(InboxRow))).one()
    assert row.state == "failed"
    assert row.error
    assert words.replace("\0", "?").replace("\ud83d", "?") in row.error


async def test_two_workers_share_many_chats(databases: Databases) -> None:
    """On PostgreSQL one takes no more than a share, however much waits."""
    url = await databases.lend()
    async with opened(url) as store:
        for chat in range(1, 2 * SHARED_BATCH + 1):
            await accept(store, [f"in {chat}"], chat)
        for token in (1, 2):
            assert await processor(store, Handlers(), holder=Holder(token)).step() == SHARED_BATCH
        assert len(await effects(store)) == 2 * SHARED_BATCH
    await databases.take_back(url)


async def test_two_workers_open_tickets_without_standing_in_each_others_way(databases: Databases) -> None:
    url = await databases.lend()
    async with opened(url) as store:
        shop, meters = await open_shop(store), Meters()

        async def open_one(unit: Unit, update: dict[str, Any]) -> None:
            person = await shop.met(unit, update["text"])
            await asyncio.sleep(0)
            await tickets.open_ticket(shop.desk, unit, person, "a broken basket")

        for chat in range(1, 2 * SHARED_BATCH + 1):
            await accept(store, [f"visitor {chat}"], chat)
        workers = [Processor(store, open_one, Handlers().prepare, Holder(n), meters=meters) for n in (1, 2)]
        assert await asyncio.gather(*(worker.step() for worker in workers)) == [SHARED_BATCH] * 2
        numbers = [ticket.number for ticket in await shop.rows(Ticket)]
        assert sorted(numbers) == list(range(1001, 1001 + 2 * SHARED_BATCH))
        assert figures(meters.text())["touchdesk_conflicts_total"] == 0
    await databases.take_back(url)
