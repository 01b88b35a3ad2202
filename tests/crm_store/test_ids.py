"""Ids in blocks, for rows that a statement numbers itself, and ids that go by the database's clock: they grow."""

import sqlite3
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from crm_store.ids import EPOCH_MS, IdMaker, first_id, in_block, made_at_ms
from crm_store.models import InboxRow, OutboxRow
from crm_store.repositories import inbox, processes
from tests.databases import Databases, opened

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOUR_MS = 3_600_000


def numbered(first: int, count: int) -> list[int]:
    query = f"SELECT {in_block(':first', 'value')} FROM json_each(:numbers)"
    numbers = str(list(range(1, count + 1)))
    return [row for (row,) in sqlite3.connect(":memory:").execute(query, {"first": first, "numbers": numbers})]


def test_blocks_and_single_ids_never_meet() -> None:
    make = IdMaker(process=7)
    ids: list[int] = [make()]
    for count in (1, 4_095, 4_096, 10_000):
        ids += [*numbered(make.block(count), count), make(), make()]
    assert ids == sorted(set(ids))
    assert {row >> 12 & 1023 for row in ids} == {7}


def test_who_follows_a_clock_does_not_lead_it(monkeypatch: pytest.MonkeyPatch) -> None:
    running = 1_999_999
    monkeypatch.setattr(time, "monotonic_ns", lambda: running)
    make = IdMaker(1)
    make.follow(EPOCH_MS + 5_000)
    assert made_at_ms(make()) == EPOCH_MS + 5_000
    running += 999_999
    assert made_at_ms(make()) == EPOCH_MS + 5_000
    running += 1
    assert made_at_ms(make()) == EPOCH_MS + 5_001


def call(row_id: int) -> OutboxRow:
    return OutboxRow(id=row_id, bot_id=42, chat_id=101, method="sendMessage", payload={}, created_at=NOW)


async def test_a_database_whose_clock_goes_back_is_followed_from_its_newest_row(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes work on a chat one after the other, the one with the greater number first."""
    first, second = IdMaker(process=1_023), IdMaker(process=0)
    first.follow(time.time_ns() // 1_000_000 + HOUR_MS)  # the clock that was
    monkeypatch.setattr(inbox, "new_id", second)
    url = await databases.lend()
    async with opened(url) as store:
        async with store.unit() as unit:
            unit.add(answer := call(first()))
        async with store.write() as connection:
            second.follow(await processes.clock_ms(connection))
        assert (by_beat := second()) > answer.id
        async with store.unit() as unit:
            unit.add(newer := call(first()))
        async with store.write() as connection:
            await inbox.accept(connection, 42, [(1, 101, "{}")], NOW)
        async with store.write() as connection:
            assert await inbox.claim(connection, 7, 10)
        assert second() > max(newer.id, by_beat)
    await databases.take_back(url)


async def test_updates_that_arrive_after_the_clock_went_back_come_after_those_before(databases: Databases) -> None:
    before = first_id(time.time_ns() // 1_000_000 + HOUR_MS)
    url = await databases.lend()
    async with opened(url) as store:
        async with store.write() as connection:
            await inbox.accept(connection, 42, [(1, 101, "{}")], NOW)
            await connection.execute(update(InboxRow).values(id=before))
        for number in (2, 3):
            async with store.write() as connection:
                await inbox.accept(connection, 42, [(number, 101, "{}"), (number + 10, 101, "{}")], NOW)
        order = []
        for _ in range(5):
            async with store.write() as connection:
                (row,) = await inbox.claim(connection, 7, 10)
                await connection.execute(update(InboxRow).where(InboxRow.id == row.id).values(state="done"))
            order.append(row.update_id)
        assert order == [1, 2, 12, 3, 13]
    await databases.take_back(url)
