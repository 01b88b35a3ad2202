"""Row 3 of the reliability table: several workers share the inbox, and every chat stays in order."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from crm_store.models import InboxRow, Setting
from crm_store.repositories import inbox
from crm_store.repositories.inbox import Accepted, LeaseLostError
from crm_store.store import Store
from tests.crm_store.test_indexes import full_scans, statements
from tests.databases import Databases, opened, sqlite_file
from tests.workers.holders import Holder

CHATS = range(1, 5)
WORKERS = range(3)
BOT = 42


@dataclass
class Update:
    """What is true of an update, whatever the database says."""

    chat: int
    state: str = "waiting"
    lease: int | None = None
    attempts: int = 0

    @property
    def is_free(self) -> bool:
        return self.state == "waiting" and self.lease is None


@dataclass
class Worker:
    """Holds rows under its token; those of `former` it believes to hold, though it was taken for dead."""

    holder: Holder
    held: list[Accepted] = field(default_factory=list)
    former: list[tuple[int, list[Accepted]]] = field(default_factory=list)


async def empty(store: Store) -> None:
    async with store.write() as connection:
        await connection.execute(delete(InboxRow))
        await connection.execute(delete(Setting))


async def accept(store: Store, update_id: int, chat: int) -> None:
    async with store.write() as connection:
        await inbox.accept(connection, BOT, [(update_id, chat, "{}")], store.clock())


async def claim(store: Store, token: int, limit: int) -> list[Accepted]:
    async with store.write() as connection:
        return await inbox.claim(connection, token, limit)


async def finish(store: Store, rows: Collection[Accepted], token: int) -> None:
    """With an effect that can be written only once. Raises LeaseLostError."""
    async with store.unit() as unit:
        for row in rows:
            unit.add(Setting(key=f"effect of {row.update_id}", value=1))
        await inbox.finish(unit, [row.id for row in rows], token)


def somebody_holds(claims: Claims) -> bool:
    return any(worker.held for worker in claims.workers)


class Claims(RuleBasedStateMachine):
    """Three workers on four chats: they take, finish, fail, die and wake up again."""

    store: ClassVar[Store]
    runner: ClassVar[asyncio.Runner]

    def __init__(self) -> None:
        super().__init__()
        self.updates: dict[int, Update] = {}
        self.workers = [Worker(Holder(1000 * (n + 1))) for n in WORKERS]
        self.run(empty(self.store))

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def holding(self, n: int) -> Worker:
        """One of those that hold something."""
        holding = [worker for worker in self.workers if worker.held]
        return holding[n % len(holding)]

    def first(self, chat: int) -> Update | None:
        return next((u for u in self.updates.values() if u.chat == chat and u.state == "waiting"), None)

    @rule(chats=st.lists(st.sampled_from(CHATS), min_size=1, max_size=4))
    def come(self, chats: list[int]) -> None:
        for chat in chats:
            number = len(self.updates) + 1
            self.run(accept(self.store, number, chat))
            self.updates[number] = Update(chat)

    @rule(n=st.sampled_from(WORKERS), limit=st.integers(1, 5))
    def take(self, n: int, limit: int) -> None:
        """Exactly what may be taken is taken: the first of free chats, oldest first, or one that was begun, alone."""
        worker = self.workers[n]
        free = [u for chat in CHATS if (u := self.first(chat)) and u.is_free]
        free.sort(key=list(self.updates.values()).index)
        begun, fresh = [u for u in free if u.attempts], [u for u in free if not u.attempts]
        rows = self.run(claim(self.store, worker.holder.token, limit))
        taken = [self.updates[row.update_id] for row in rows]
        assert list(map(id, taken)) == list(map(id, begun[:1] or fresh[:limit]))
        assert [row.attempts for row in rows] == [u.attempts for u in taken]
        for update in taken:
            update.lease = worker.holder.token
        worker.held += rows

    @precondition(somebody_holds)
    @rule(n=st.sampled_from(WORKERS), share=st.integers(1, 4))
    def end(self, n: int, share: int) -> None:
        worker = self.holding(n)
        rows, worker.held = worker.held[:share], worker.held[share:]
        self.run(finish(self.store, rows, worker.holder.token))
        self.note(rows, "done")

    @precondition(somebody_holds)
    @rule(n=st.sampled_from(WORKERS))
    def give_up(self, n: int) -> None:
        worker = self.holding(n)
        row = worker.held.pop(0)
        self.run(self.set_aside(row, worker.holder.token))
        self.note([row], "failed")

    async def set_aside(self, row: Accepted, token: int) -> None:
        async with self.store.write() as connection:
            await inbox.set_aside(connection, row.id, "broken", token)

    @precondition(somebody_holds)
    @rule(n=st.sampled_from(WORKERS))
    def stop(self, n: int) -> None:
        """In order: nothing is held against what it gives back, and what it lost to others stays theirs."""
        worker = self.holding(n)
        rows = [*worker.held, *(row for _, rows in worker.former for row in rows)]
        self.run(self.release([row.id for row in rows], worker.holder.token))
        for row in worker.held:
            self.updates[row.update_id].lease = None
        worker.held, worker.former = [], []

    async def release(self, ids: list[int], token: int) -> None:
        async with self.store.write() as connection:
            await inbox.release(connection, token, ids)

    @precondition(somebody_holds)
    @rule(n=st.sampled_from(WORKERS))
    def is_taken_for_dead(self, n: int) -> None:
        worker = self.holding(n)
        worker.former.append((worker.holder.token, worker.held))
        for row in worker.held:
            update = self.updates[row.update_id]
            update.lease, update.attempts = None, update.attempts + 1
        self.run(worker.holder.ended(self.store))
        worker.held = []

    @precondition(lambda self: any(worker.former for worker in self.workers))
    @rule()
    def wake_up_late(self) -> None:
        """And would finish what is others' by now."""
        worker = next(worker for worker in self.workers if worker.former)
        for token, rows in worker.former:
            with pytest.raises(LeaseLostError):
                self.run(finish(self.store, rows, token))
            with pytest.raises(LeaseLostError):
                self.run(self.set_aside(rows[0], token))
        worker.former = []

    def note(self, rows: Collection[Accepted], state: str) -> None:
        for row in rows:
            update = self.updates[row.update_id]
            assert update is self.first(update.chat), "nobody overtakes within a chat"
            update.state, update.lease = state, None

    @invariant()
    def the_database_agrees(self) -> None:
        rows, effects = self.run(self.stored())
        assert {row.update_id: Update(row.chat_id, row.state, row.lease, row.attempts) for row in rows} == self.updates
        assert effects == {f"effect of {number}" for number, u in self.updates.items() if u.state == "done"}

    async def stored(self) -> tuple[list[InboxRow], set[str]]:
        async with self.store.read() as session:
            rows = list(await session.scalars(select(InboxRow)))
            return rows, set(await session.scalars(select(Setting.key)))

    def teardown(self) -> None:
        """One worker is enough to end everything, if the others give back or die."""
        while somebody_holds(self):
            self.is_taken_for_dead(0)
        while rows := self.run(claim(self.store, 1, 10)):
            for row in rows:
                self.updates[row.update_id].lease = 1
            self.run(finish(self.store, rows, 1))
            self.note(rows, "done")
        assert all(update.state in ("done", "failed") for update in self.updates.values())
        self.the_database_agrees()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_3_order_per_chat(request: pytest.FixtureRequest, stores: Path, database: str) -> None:
    databases: Databases | None = request.getfixturevalue("databases") if database == "postgresql" else None
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        url = runner.run(databases.lend() if databases else sqlite_file(stores / "store.db"))
        Claims.runner, Claims.store = runner, runner.run(stack.enter_async_context(opened(url)))
        run_state_machine_as_test(
            Claims,
            settings=settings(max_examples=10, stateful_step_count=20, deadline=None, database=None),
        )
        runner.run(stack.aclose())
        if databases:
            runner.run(databases.take_back(url))


async def test_3_four_at_once_keep_every_chat_in_order(databases: Databases) -> None:
    """On PostgreSQL, where claims really run beside each other."""
    chance = random.Random(7)  # noqa: S311 - pauses
    busy: set[int] = set()
    done: dict[int, list[int]] = defaultdict(list)
    takers: dict[int, set[int]] = defaultdict(set)
    numbers = count(1)
    url = await databases.lend()

    async def come(store: Store) -> None:
        for _ in range(20):
            async with store.write() as connection:
                rows = [(next(numbers), chat, "{}") for chat in range(30)]
                await inbox.accept(connection, BOT, rows, store.clock())
            await asyncio.sleep(chance.uniform(0, 0.01))

    async def work(store: Store, token: int) -> None:
        while sum(map(len, done.values())) < 600:
            rows = await claim(store, token, chance.randint(1, 8))
            assert not busy & {row.chat_id for row in rows}, "one worker at a time"
            busy.update(row.chat_id for row in rows)
            await asyncio.sleep(chance.uniform(0, 0.01))
            for row in rows:
                done[row.chat_id].append(row.update_id)
                takers[row.chat_id].add(token)
            busy.difference_update(row.chat_id for row in rows)
            if rows:
                await finish(store, rows, token)

    async with asyncio.timeout(30), opened(url) as store, asyncio.TaskGroup() as tasks:
        tasks.create_task(come(store))
        for token in range(1, 5):
            tasks.create_task(work(store, token))
    await databases.take_back(url)
    assert done == {chat: [chat + 1 + 30 * n for n in range(20)] for chat in range(30)}
    assert max(map(len, takers.values())) > 1, "chats passed from one to another"


async def test_3_an_update_that_is_committed_late_gives_its_chat_no_second_worker(databases: Databases) -> None:
    """Two webs: the earlier of two ids is committed while a worker takes the later."""
    url = await databases.lend()
    async with opened(url) as store, asyncio.timeout(10):

        async def come_too_late() -> None:
            with pytest.raises(IntegrityError):
                await claim(store, 1002, 50)

        async with asyncio.TaskGroup() as tasks, store.write() as claiming:
            async with store.write() as late:
                await inbox.accept(late, BOT, [(1, 7, "{}")], store.clock())
                await accept(store, 2, chat=7)
                assert [row.update_id for row in await inbox.claim(claiming, 1001, 50)] == [2]
            tasks.create_task(come_too_late())
            await asyncio.sleep(0.2)
        assert await claim(store, 1002, 50) == [], "the chat has its worker"
        async with store.unit() as unit:
            await inbox.finish(unit, [row.id for row in await held_by(store, 1001)], 1001)
        assert [row.update_id for row in await claim(store, 1002, 50)] == [1]
    await databases.take_back(url)


async def held_by(store: Store, token: int) -> list[Accepted]:
    async with store.read() as session:
        return await inbox.taken(session, token)


async def plan(store: Store, statement: str, parameters: Any) -> str:
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
    async with store.reader.connect() as connection:
        return "\n".join(str(row[-1]) for row in await connection.exec_driver_sql(f"{explain} {statement}", parameters))


async def test_a_claim_reads_the_index_of_those_that_wait(store: Store) -> None:
    """However many have been done; what SQLite chooses does not depend on how many there are."""
    now = store.clock()
    common = {"bot_id": BOT, "received_at": now, "body": "x" * 500, "attempts": 0}
    async with store.write() as connection:
        states = ["waiting" if n % 20 == 0 else "done" for n in range(4000)]
        rows = [{"id": n, "update_id": n, "chat_id": n, "state": state, **common} for n, state in enumerate(states)]
        await connection.execute(insert(InboxRow), rows)
        await connection.execute(text("ANALYZE inbox" if not store.is_sqlite else "SELECT 1"))
    with statements(store) as seen:
        assert len(await claim(store, 1, 50)) == 50
    begun, fresh = (one for one in seen if one[0].startswith("UPDATE"))
    for statement, parameters in (begun, fresh):
        assert not await full_scans(store, statement, parameters), statement
        assert "ix_inbox_leased" in await plan(store, statement, parameters)
        assert "ix_inbox_begun" in await plan(store, statement, parameters)
    if store.is_sqlite:
        assert "SCAN inbox USING INDEX ix_inbox_waiting" in await plan(store, *fresh)
