"""The ledger is searched alike on both databases, by an index, page by page, and forgets what was erased."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from crm_store.ids import new_id
from crm_store.migrate import differences, downgrade, migrate
from crm_store.models import Agent, ContactPoint, Schedule, SearchEntry, Touchpoint
from crm_store.privacy import traces
from crm_store.queries import ledger_search
from crm_store.queries.ledger_search import Filters, Found
from crm_store.repositories import search_index
from crm_store.repositories.search_forgetting import forget_in_index
from crm_store.search_terms import phrases
from crm_store.store import Store
from crm_store.unit import Unit
from support import search
from tests.crm_store.test_card import count_rows
from tests.crm_store.test_indexes import statements
from tests.crm_store.test_schema import person
from workers.timetable import Timetable

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAID = (
    "我的咖啡機壞了，可以退款嗎？",
    "Where is my order KF-1043?",
    "The grinder of order 10437 is broken",
    "咖啡豆什么时候到",
    "运费多少钱？",
)


def said(contact: ContactPoint, words: str | None, minute: int = 0, **of_touchpoint: Any) -> Touchpoint:
    values: dict[str, Any] = {"direction": "in", "author": "customer", "kind": "text", "channel": contact.channel}
    at = NOON + timedelta(minutes=minute)
    return Touchpoint(id=new_id(), contact_point_id=contact.id, at=at, text=words, **(values | of_touchpoint))


async def tell(store: Store, *texts: str | None, **of_touchpoint: Any) -> tuple[ContactPoint, list[int]]:
    """A customer who says all this, minute by minute, indexed; returns them and the touchpoints' ids."""

    async def write(unit: Unit) -> tuple[ContactPoint, list[int]]:
        _, contact = person(unit)
        rows = [unit.add(said(contact, words, minute, **of_touchpoint)) for minute, words in enumerate(texts)]
        return contact, [row.id for row in rows]

    written = await store.run(write)
    await search.catch_up(store)
    return written


async def find(store: Store, query: str = "", *, limit: int = 50, **filters: Any) -> list[Found]:
    async with store.read() as session:
        return await ledger_search.search(session, phrases(query), Filters(**filters), limit=limit)


async def words(store: Store, query: str = "", **filters: Any) -> list[str | None]:
    return [each.text for each in await find(store, query, **filters)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("咖啡机", [SAID[0]]),
        ("咖啡機", [SAID[0]]),
        ("咖啡", [SAID[3], SAID[0]]),
        ("退", [SAID[0]]),
        ("到", [SAID[3]]),
        ("啡坏", []),
        ("kf-1043", [SAID[1]]),
        ("1043", [SAID[1]]),
        ("ORDERS", [SAID[2], SAID[1]]),
        ('"my order"', [SAID[1]]),
        ('"order my"', []),
        ("order broken", [SAID[2]]),
        ("order 退款", []),
        ("运费", [SAID[4]]),
    ],
)
async def test_words_and_phrases_are_found_in_both_scripts(store: Store, query: str, found: list[str]) -> None:
    await tell(store, *SAID)
    assert await words(store, query) == found


async def test_filters_narrow_with_and_without_words(store: Store) -> None:
    async def hire(unit: Unit) -> int:
        return unit.add(Agent(id=new_id(), name="Mia", role="agent", active=True, created_at=NOON)).id

    mia = await store.run(hire)
    anna, _ = await tell(store, "one refund", "two", None)
    ben, _ = await tell(store, "three refund")
    cora, _ = await tell(store, "your refund is done", direction="out", author="agent", kind="text", agent_id=mia)
    _, calls = await tell(store, "a call about a refund", channel="phone", kind="phone call")

    assert await words(store, "refund", contact_point_ids=[anna.id]) == ["one refund"]
    assert await words(store, contact_point_ids=[anna.id]) == [None, "two", "one refund"]
    assert set(await words(store, contact_point_ids=[ben.id, cora.id])) == {"three refund", "your refund is done"}
    assert await words(store, "refund", contact_point_ids=[]) == []
    assert await words(store, agent_id=mia) == ["your refund is done"]
    assert await words(store, "refund", direction="out") == ["your refund is done"]
    assert [each.id for each in await find(store, kind="phone call")] == calls
    assert await words(store, "refund", channel="phone", direction="in") == ["a call about a refund"]
    assert await words(store, "refund", channel="telegram") == []
    [answer] = await find(store, agent_id=mia)
    assert (answer.agent, answer.customer, answer.author) == ("Mia", "Anna", "agent")


async def test_days_bound_what_is_found(store: Store) -> None:
    await tell(store, *(f"hello {minute}" for minute in range(10)))
    since, until = NOON + timedelta(minutes=3), NOON + timedelta(minutes=6)
    assert await words(store, "hello", since=since, until=until) == ["hello 5", "hello 4", "hello 3"]
    assert await words(store, since=since, until=until) == ["hello 5", "hello 4", "hello 3"]
    assert await words(store, "hello", until=NOON) == []


async def test_pages_hold_everything_once_the_newest_first(store: Store) -> None:
    """What a file of past days brings stands among what was written here, and many of one moment get along."""
    anna, _ = await tell(store, *(f"now {n}" for n in range(7)))

    async def bring(unit: Unit) -> None:
        for n in range(30):
            unit.add(said(anna, f"then {n}", minute=-60, channel="phone", kind="call"))

    await store.run(bring)
    await search.catch_up(store)
    for query in ("", "now", "then"):
        whole = [each.id for each in await find(store, query)]
        paged: list[int] = []
        before = None
        async with store.read() as session:
            while page := await ledger_search.search(session, phrases(query), Filters(), before=before, limit=4):
                paged += [each.id for each in page]
                before = page[-1].place
        assert paged == whole
        assert len(set(paged)) == len(paged) == {"": 37, "now": 7, "then": 30}[query]
    found = await find(store)
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)


async def test_two_of_one_place_both_stay(store: Store) -> None:
    _, contact = await store.run(_person)
    rows = [said(contact, f"same {n}") for n in range(3)]
    rows[1].id, rows[2].id = rows[0].id + (1 << 12), rows[0].id + (2 << 12)  # other processes in the same moment

    async def write(unit: Unit) -> None:
        for row in rows:
            unit.add(row)

    await store.run(write)
    assert await search.catch_up(store) == 3
    assert sorted(filter(None, await words(store, "same"))) == ["same 0", "same 1", "same 2"]


async def _person(unit: Unit) -> tuple[Any, ContactPoint]:
    return person(unit)


async def test_what_is_written_late_is_indexed_all_the_same(store: Store) -> None:
    contact, ids = await tell(store, "early")
    late = said(contact, "late")
    late.id = ids[0] - (30_000 << 22)  # made half a minute before by a process that was slow to write

    async def write(unit: Unit) -> None:
        unit.add(late)

    await store.run(write)
    assert await search.catch_up(store, timedelta(seconds=10)) == 0
    assert await search.catch_up(store) == 1
    assert await search.catch_up(store) == 0
    assert await words(store, "late") == ["late"]


async def test_more_than_one_go_is_worked_off_in_order(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 3)

    async def write(unit: Unit) -> None:
        _, contact = person(unit)
        for n in range(10):
            unit.add(said(contact, f"word {n}", n))

    await store.run(write)
    assert await search.catch_up(store, most=5) == 6
    assert await search.catch_up(store, most=5) == 4
    assert len(await find(store, "word")) == 10


async def turns(store: Store, key: str) -> int:
    """Runs this row of the timetable, and what it asks for, until nothing is due; returns how many."""
    await store.run(search.plan)
    async with store.write() as connection:
        await connection.execute(delete(Schedule).where(Schedule.key != key))
    timetable = Timetable(store, {search.JOB: lambda unit, payload: search.work_off(store, unit, payload)})
    ran = [await timetable.step()]
    while ran[-1]:
        ran.append(await timetable.step())
    return sum(ran)


async def import_late(store: Store, contact: ContactPoint, hours: float, count: int = 20) -> None:
    """Rows whose ids were made so long ago and that are there only now."""

    async def write(unit: Unit) -> None:
        for n in range(count):
            row = said(contact, f"imported {n}")
            row.id -= int(hours * 3_600_000) << 22
            unit.add(row)

    await store.run(write)


async def test_a_large_import_is_indexed_to_its_end_while_customers_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In steps, none of which takes all; what was said meanwhile is newer than the whole import."""
    monkeypatch.setattr(search, "AT_ONCE", 3)
    monkeypatch.setattr(search, "MOST_AT_A_TIME", 5)
    contact, _ = await tell(store, "said meanwhile")
    await import_late(store, contact, hours=1)
    assert await turns(store, "search") == 1
    assert await words(store, "imported") == []
    assert await turns(store, "search.late") == 4
    assert len(await words(store, "imported")) == 20
    async with store.read() as session:
        assert set(await session.scalars(select(Schedule.key))) == {"search.late"}


async def test_nothing_is_too_late_to_be_found(store: Store) -> None:
    contact, _ = await tell(store, "said meanwhile")
    await import_late(store, contact, hours=50)
    assert await turns(store, "search.late") == 1
    assert await words(store, "imported") == []
    assert await turns(store, "search.all") == 1
    assert len(await words(store, "imported")) == 20


async def test_nobody_indexes_twice_or_what_was_erased_meanwhile(store: Store) -> None:
    contact, _ = await tell(store, "first")

    async def write(unit: Unit) -> None:
        unit.add(said(contact, "zebra one"))
        unit.add(said(contact, "zebra two"))

    await store.run(write)
    async with store.read() as session:
        found = await search_index.unindexed(session, 0, 10)
    async with store.write() as connection:
        await connection.execute(_redact(found[0].id))
    documents = [search.document(each) for each in found]
    for added in (1, 0):
        async with store.write() as connection:
            assert await search_index.write(connection, documents) == added
    assert await words(store, "zebra") == ["zebra two"]


def _redact(touchpoint_id: int) -> Any:
    return update(Touchpoint).where(Touchpoint.id == touchpoint_id).values(text=None, payload=None, redacted_at=NOON)


async def test_what_was_erased_is_not_found_and_does_not_come_back(store: Store) -> None:
    contact, ids = await tell(store, "my canary zqxcanary 秘密暗号", "something else")
    async with store.write() as connection:
        await connection.execute(_redact(ids[0]))
        await forget_in_index(connection, ids[:1])
    for query in ("zqxcanary", "秘密", "暗"):
        assert await words(store, query) == []
    assert await words(store, contact_point_ids=[contact.id]) == ["something else"]
    assert await search.catch_up(store) == 0
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(SearchEntry)) == 1


async def test_a_unit_may_forget_too(store: Store) -> None:
    _, ids = await tell(store, "zqxcanary", "other")

    async def erase(unit: Unit) -> None:
        await unit.session.execute(_redact(ids[0]), execution_options={"synchronize_session": False})
        await forget_in_index(unit.session, ids[:1])

    await store.run(erase)
    assert await words(store, "zqxcanary") == []
    assert await words(store) == ["other"]


async def in_file(store: Store, folder: Path, canary: bytes) -> bool:
    """Whether it stands in the database's file, once its log is written there."""
    async with store.reader.connect() as connection:
        await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return await asyncio.to_thread(lambda: any(canary in file.read_bytes() for file in folder.glob("store.db*")))


async def test_erased_words_leave_the_file(sqlite_store: Store, stores: Path) -> None:
    """The words of many others stay findable."""
    for n in range(30):
        await tell(sqlite_store, *(f"zqxcanary{n}" if k == 7 else f"ordinary words {n} {k}" for k in range(20)))
    canaries = [each.id for each in await find(sqlite_store, limit=1000) if "zqxcanary" in (each.text or "")]
    async with sqlite_store.write() as connection:
        for each in canaries:
            await connection.execute(_redact(each))
        await forget_in_index(connection, canaries)
    assert len(canaries) == 30
    assert await in_file(sqlite_store, stores, b"zqxcanary")
    await traces.rewrite(sqlite_store)
    assert await in_file(sqlite_store, stores, b"zqxcanary"), "what the index only noted as gone is there for good"
    await sqlite_store.run(lambda unit: search.work_off(sqlite_store, unit, {"back_seconds": 60}))
    await traces.rewrite(sqlite_store)  # for what may be left in the gaps of pages
    assert not await in_file(sqlite_store, stores, b"zqxcanary")
    async with sqlite_store.reader.connect() as connection:
        await connection.execute(text("INSERT INTO search_words(search_words) VALUES ('integrity-check')"))
    assert len(await find(sqlite_store, "ordinary", limit=1000)) == 570


async def plans(store: Store, query: str, filters: Filters, *, freely: bool = False) -> list[str]:
    """What the database says of every statement of a search; `freely`: with nothing that keeps it from reading a
    table from end to end, as it rightly does with one that is nearly empty."""
    with statements(store) as seen:
        async with store.read() as session:
            await ledger_search.search(session, phrases(query), filters, limit=20)
    lines = []
    async with store.reader.connect() as connection:
        if not store.is_sqlite and not freely:
            await connection.execute(text("SET enable_seqscan = off"))
        for statement, parameters in seen:
            explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
            rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
            lines += [str(row[-1]) for row in rows]
    return lines


SCAN = re.compile(r"^SCAN (search_entry|touchpoint|contact_point|customer|agent)\b(?!.* USING )|Seq Scan")
LONG_SCAN = re.compile(r"^SCAN (search_entry|touchpoint)\b(?!.* USING )|Seq Scan on (search_entry|touchpoint)\b")
FILTERS = Filters(
    contact_point_ids=[1, 2], channel="web", direction="in", kind="text", agent_id=3, since=NOON, until=NOON
)


@pytest.mark.parametrize("query", ["", "咖啡机", "机", '"my order" refund'])
async def test_no_search_reads_a_table_from_end_to_end(store: Store, query: str) -> None:
    await tell(store, *SAID)
    for filters in (Filters(), FILTERS, replace(FILTERS, contact_point_ids=None), Filters(since=NOON)):
        lines = await plans(store, query, filters)
        assert lines
        assert not [line for line in lines if SCAN.search(line)], lines


async def test_what_is_rare_is_found_by_the_index_of_words(store: Store) -> None:
    await tell(store, *SAID, *(f"nothing of interest {n}" for n in range(990)))
    async with store.reader.connect() as connection:
        await connection.execute(text("ANALYZE"))
    lines = "\n".join(await plans(store, "咖啡机", Filters()))
    assert ("VIRTUAL TABLE INDEX" if store.is_sqlite else "ix_search_entry_terms") in lines


async def test_a_long_ledger_is_searched_by_its_indexes_of_free_choice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With so many rows, and counts of them, the databases choose the indexes of places and of words themselves."""
    monkeypatch.setattr(ledger_search, "NEWEST", 200)
    await tell(store, *SAID, *(f"long ago the parcel number {n} was sent on its way" for n in range(5_000)))
    await search.catch_up(store, most=10_000)
    await count_rows(store)
    for query in ("咖啡机", "机", '"my order"', '"parcel number 4321"'):
        assert len(await words(store, query)) == 1, query
        lines = await plans(store, query, Filters(), freely=True)
        assert not [line for line in lines if LONG_SCAN.search(line)], (query, lines)
        assert any(("VIRTUAL TABLE INDEX" if store.is_sqlite else "ix_search_entry_terms") in line for line in lines)


async def test_indexing_reads_no_table_from_end_to_end(store: Store) -> None:
    await tell(store, *SAID)
    with statements(store) as seen:
        await search.catch_up(store)
    async with store.reader.connect() as connection:
        if not store.is_sqlite:
            await connection.execute(text("SET enable_seqscan = off"))
        for statement, parameters in seen:
            explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
            rows = [str(row[-1]) for row in await connection.exec_driver_sql(f"{explain} {statement}", parameters)]
            assert not [row for row in rows if SCAN.search(row)], rows


async def test_the_index_can_be_taken_away_and_made_again(store: Store) -> None:
    """What was indexed is found again once it was worked off."""
    await tell(store, *SAID)
    await downgrade(store, "0004")
    await migrate(store)
    assert await differences(store) == []
    assert await words(store, "运费") == []
    await search.catch_up(store)
    assert await words(store, "运费") == [SAID[4]]
