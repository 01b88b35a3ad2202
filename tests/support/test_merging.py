"""Two records of one customer become one and are taken apart again exactly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, insert, select

from crm_store.ids import new_id
from crm_store.models import (
    Audit,
    Base,
    CardSnapshot,
    ContactPoint,
    Customer,
    Escalation,
    Fact,
    Merge,
    MergedRow,
    Order,
    OrderHistory,
    Schedule,
    Score,
    Ticket,
    Touchpoint,
)
from crm_store.repositories import contact_links, merges
from crm_store.store import Store
from crm_store.unit import Unit
from support.access import add_agent
from support.customers.errors import (
    ErasedCustomerError,
    LaterMergeError,
    MergedAlreadyError,
    NotMergedError,
    SameCustomerError,
    UnknownCustomerError,
)
from support.customers.merging import merge, unmerge
from support.scoring import rescore
from tests.crm_store.test_indexes import full_scans, statements
from tests.databases import opened, sqlite_copy, sqlite_file
from tests.support import identity
from tests.support.identity import NOW, add_customer, add_everything, owners, snapshot
from tests.support.shop import score

# What a merge does


async def two(store: Store, kept: dict[str, Any], gone: dict[str, Any]) -> tuple[int, int]:
    """Two customers with a row in every table; their ids."""

    async def work(unit: Unit) -> tuple[int, int]:
        rows = [add_customer(unit, **values) for values in (kept, gone)]
        for row in rows:
            add_everything(unit, row)
        return rows[0].id, rows[1].id

    return await store.run(work)


async def joined(store: Store, kept_id: int, gone_id: int) -> int:
    return (await store.run(lambda unit: merge(unit, kept_id, gone_id, None))).id


async def customer(store: Store, customer_id: int) -> Customer:
    async with store.read() as session:
        return (await session.scalars(select(Customer).where(Customer.id == customer_id))).one()


def test_no_table_with_a_customer_is_forgotten() -> None:
    with_customer = {name for name, table in Base.metadata.tables.items() if "customer_id" in table.c}
    assert {table.name for table in merges.BELONGINGS} | merges.STAYING.keys() == with_customer


def test_each_table_that_moves_has_one_number_as_its_key() -> None:
    for table in merges.MOVING:
        (key,) = table.primary_key.columns
        assert isinstance(key.type.python_type(), int)


async def test_everything_of_the_gone_one_is_the_kept_ones(store: Store) -> None:
    kept, gone = await two(store, {"name": "Ann"}, {"name": "Anna"})
    merge_id = await joined(store, kept, gone)
    for model in (ContactPoint, Ticket, Escalation, Order, Fact):
        assert await owners(store, model) == [kept, kept], model
    async with store.read() as session:
        assert await merges.merged_ids(session, kept) == [kept, gone]
        assert await merges.merged_ids(session, gone) == [gone]
        assert await merges.living(session, gone) == await merges.living(session, kept) == kept
        assert await merges.living(session, 1) is None
        noted = {name for (name,) in await session.execute(select(MergedRow.table_name))}
        assert noted == {table.name for table in merges.BELONGINGS}
        (line,) = await session.scalars(select(Audit))
        again = {row.job: row.payload for row in await session.scalars(select(Schedule))}
    assert (line.action, line.object_id) == ("customer.merged", str(kept))
    assert line.data == {"merge": str(merge_id), "gone": str(gone), "evidence": ["by_hand"]}
    assert again == {"score": {}, "score_touched": {"customers": [kept, gone], "merged": True}}


async def test_what_the_kept_one_lacks_is_filled_and_nothing_is_overwritten(store: Store) -> None:
    kept, gone = await two(
        store,
        {"name": "Ann", "phone": "+49 170 1234567", "attributes": {"size": "58 mm"}},
        {"name": "Anna", "phone": "+49 170 7654321", "email": "a@x.example", "attributes": {"size": "?", "vip": "no"}}
        | {"external_id": "C-2", "language": "en", "source": "fair"},
    )
    merge_id = await joined(store, kept, gone)
    row = await customer(store, kept)
    assert (row.name, row.phone, row.email, row.language, row.source, row.external_id) == (
        "Ann",
        "+49 170 1234567",
        "a@x.example",
        "en",
        "fair",
        "C-2",
    )
    assert row.attributes == {"size": "58 mm", "vip": "no"}
    assert (await customer(store, gone)).external_id is None
    async with store.read() as session:
        (noted,) = await session.scalars(select(Merge.former).where(Merge.id == merge_id))
    assert noted == dict.fromkeys(["email", "email_hash", "language", "source", "external_id"]) | {
        "attributes": {"size": "58 mm"}
    }


async def test_the_score_goes_along_and_is_made_anew(store: Store) -> None:
    kept, gone = await two(store, {"name": "Ann"}, {"name": "Anna"})

    async def judge(unit: Unit) -> None:
        unit.add(score(gone, tier="vip"))

    await store.run(judge)
    await joined(store, kept, gone)
    assert await owners(store, Score) == [kept]
    assert await rescore(store, NOW.date()) == 1
    async with store.read() as session:
        (judged,) = await session.scalars(select(Score))
        (history,) = await session.scalars(select(OrderHistory))
    assert (judged.customer_id, history.customer_id, history.order_count) == (kept, kept, 2)


async def test_a_score_of_ones_own_stands_and_the_gone_one_is_in_no_tier(store: Store) -> None:
    kept, gone = await two(store, {"name": "Ann"}, {"name": "Anna"})

    async def judge(unit: Unit) -> None:
        unit.add(score(gone, tier="vip"))
        unit.add(score(kept, tier="small"))

    await store.run(judge)
    await joined(store, kept, gone)
    async with store.read() as session:
        assert [(s.customer_id, s.tier) for s in await session.scalars(select(Score))] == [(kept, "small")]


# What an un-merge does


async def test_what_came_later_stays_but_a_request_follows_its_contact_point(store: Store) -> None:
    kept, gone = await two(store, {"name": "Ann"}, {"name": "Anna", "email": "a@x.example"})
    merge_id = await joined(store, kept, gone)

    async def live_on(unit: Unit) -> tuple[int, ...]:
        row = await unit.session.get(Customer, kept)
        assert row
        row.email, row.language = "new@x.example", "en"
        row.email_hash = "another"
        contacts = (await unit.session.scalars(select(ContactPoint).order_by(ContactPoint.id))).all()
        return (
            identity.add_order(unit, row).id,
            identity.add_fact(unit, row).id,
            identity.add_ticket(unit, row, contacts[0]).id,
            identity.add_ticket(unit, row, contacts[1]).id,
            identity.add_contact(unit, row).id,
        )

    order, fact, own, theirs, contact = await store.run(live_on)
    agent = await store.run(lambda unit: add_agent(unit, "Bob"))
    await store.run(lambda unit: unmerge(unit, merge_id, agent))
    async with store.read() as session:

        async def owner(model: Any, row_id: int) -> int | None:
            found: int | None = await session.scalar(select(model.customer_id).where(model.id == row_id))
            return found

        assert [await owner(Order, order), await owner(Fact, fact), await owner(ContactPoint, contact)] == [kept] * 3
        assert [await owner(Ticket, own), await owner(Ticket, theirs)] == [kept, gone]
        (undone,) = await session.scalars(select(Merge))
    assert (undone.undone_by_id, undone.undone_at is not None) == (agent.id, True)
    row = await customer(store, kept)
    assert (row.email, row.language) == ("new@x.example", "en")


async def test_what_was_learned_and_seen_through_a_contact_point_goes_back_with_it(store: Store) -> None:
    kept, gone = await two(store, {"name": "Ann"}, {"name": "Anna"})
    merge_id = await joined(store, kept, gone)

    async def live_on(unit: Unit) -> None:
        row = await unit.session.get(Customer, kept)
        assert row
        for contact in await unit.session.scalars(select(ContactPoint).order_by(ContactPoint.id)):
            words = identity.add_touchpoint(unit, contact)
            identity.add_fact(unit, row, source_id=words.id)
            identity.add_snapshot(unit, row, words)

    await store.run(live_on)
    await store.run(lambda unit: unmerge(unit, merge_id, None))
    for model in (Fact, CardSnapshot):
        assert await owners(store, model) == [kept, gone, kept, gone], model


async def test_merges_are_undone_in_the_opposite_order(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    aenne, ana = await two(store, {"name": "Aenne"}, {"name": "Ana"})
    first = await joined(store, ann, anna)
    second = await joined(store, ann, aenne)
    third = await joined(store, ana, ann)
    async with store.read() as session:
        assert await merges.merged_ids(session, ana) == [ana, ann, anna, aenne]
    for early in (first, second):
        with pytest.raises(LaterMergeError, match="undo a later merge first") as refused:
            await store.run(partial(unmerge, merge_id=early, agent=None))
        assert refused.value.merge_id == third
    await store.run(lambda unit: unmerge(unit, third, None))
    with pytest.raises(LaterMergeError) as refused:
        await store.run(lambda unit: unmerge(unit, first, None))
    assert refused.value.merge_id == second
    await store.run(lambda unit: unmerge(unit, second, None))
    await store.run(lambda unit: unmerge(unit, first, None))
    assert await owners(store, ContactPoint) == [ann, anna, aenne, ana]


async def test_what_cannot_be_done_says_why(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    erased, other = await two(store, {"erased_at": NOW}, {"name": "Bo"})
    before = await snapshot(store)
    with pytest.raises(SameCustomerError, match="with itself"):
        await joined(store, ann, ann)
    for pair in ((ann, erased), (erased, ann)):
        with pytest.raises(ErasedCustomerError, match="was erased"):
            await joined(store, *pair)
    with pytest.raises(UnknownCustomerError, match="no customer 7"):
        await joined(store, ann, 7)
    with pytest.raises(NotMergedError):
        await store.run(lambda unit: unmerge(unit, 7, None))
    assert await snapshot(store) == before
    merge_id = await joined(store, ann, anna)
    for pair in ((other, anna), (anna, other)):
        with pytest.raises(MergedAlreadyError, match=f"merged into customer {ann}"):
            await joined(store, *pair)
    await store.run(lambda unit: unmerge(unit, merge_id, None))
    with pytest.raises(NotMergedError):
        await store.run(lambda unit: unmerge(unit, merge_id, None))


async def test_an_erased_customer_is_not_taken_out_again(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    merge_id = await joined(store, ann, anna)

    async def erase(unit: Unit) -> None:
        row = await unit.session.get(Customer, ann)
        assert row
        row.erased_at = NOW

    await store.run(erase)
    with pytest.raises(ErasedCustomerError):
        await store.run(lambda unit: unmerge(unit, merge_id, None))


async def test_of_two_merges_at_once_one_finds_the_record_gone(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    results = await asyncio.gather(joined(store, ann, anna), joined(store, anna, ann), return_exceptions=True)
    assert sum(isinstance(result, MergedAlreadyError) for result in results) == 1
    async with store.read() as session:
        assert len((await session.scalars(select(Merge))).all()) == 1


async def test_a_row_written_during_the_merge_follows_it(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    await joined(store, ann, anna)
    async with store.write() as connection:
        late = {"id": new_id(), "external_id": "O-late", "customer_id": anna, "date": NOW.date(), "amount": 5}
        await connection.execute(insert(Order), [late | {"attributes": {}}])
    await store.run(follow)
    assert await owners(store, Order) == [ann] * 3


@pytest.mark.parametrize("touchpoints", [10_000])
async def test_a_long_history_changes_hands_at_once(store: Store, touchpoints: int) -> None:
    """A second is ten times what it takes; the benchmark measures it."""
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    async with store.read() as session:
        contact = await session.scalar(select(ContactPoint.id).where(ContactPoint.customer_id == anna))
    fixed = {"at": NOW, "channel": "web", "direction": "in", "author": "customer", "kind": "text"}
    rows = [{"id": new_id(), "contact_point_id": contact, "text": str(n), **fixed} for n in range(touchpoints)]
    orders = [
        {
            "id": new_id(),
            "external_id": f"L-{n}",
            "customer_id": anna,
            "date": NOW.date(),
            "amount": n,
            "attributes": {},
        }
        for n in range(1000)
    ]
    async with store.write() as connection:
        await connection.execute(insert(cast(Table, Touchpoint.__table__)), rows)
        await connection.execute(insert(cast(Table, Order.__table__)), orders)
    begun = perf_counter()
    merge_id = await joined(store, ann, anna)
    merged = perf_counter()
    await store.run(lambda unit: unmerge(unit, merge_id, None))
    assert merged - begun < 1
    assert perf_counter() - merged < 1
    assert (await owners(store, Order)).count(anna) == 1001


async def test_merging_reads_no_table_from_end_to_end(store: Store) -> None:
    ann, anna = await two(store, {"name": "Ann"}, {"name": "Anna"})
    with statements(store) as seen:
        merge_id = await joined(store, ann, anna)
        async with store.read() as session:
            await merges.merged_ids(session, ann)
            await merges.living_by_phone(session, "x", 3)
            await contact_links.count_events(session, 1, "link_refused", NOW)
            await contact_links.is_reached_by(session, ann, "telegram")
        await store.run(follow)
        await store.run(lambda unit: unmerge(unit, merge_id, None))
    changes = [(s, p) for s, p in seen if not s.startswith(("BEGIN", "PRAGMA", "INSERT INTO"))]
    assert len(changes) > 30
    for statement, parameters in changes:
        one = parameters[0] if isinstance(parameters, list) else parameters
        assert not await full_scans(store, statement, one), statement


async def follow(unit: Unit) -> None:
    unit.finish_with(merges.follow)


# Any order of merges and un-merges


@dataclass
class Deeds:
    """What is done to some customers: each is a pair to merge, or None to undo the last merge."""

    customers: list[dict[str, Any]]
    steps: list[tuple[int, int] | None]
    done: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    async def run(self, store: Store) -> None:
        ids = await store.run(self._settle)
        for step in self.steps:
            if step is None:
                await self._undo(store)
                continue
            kept, gone = ids[step[0] % len(ids)], ids[step[1] % len(ids)]
            before = await snapshot(store)
            try:
                self.done.append((await joined(store, kept, gone), before))
            except (SameCustomerError, MergedAlreadyError):
                assert await snapshot(store) == before
        while self.done:
            await self._undo(store)

    async def _settle(self, unit: Unit) -> list[int]:
        rows = [add_customer(unit, **values) for values in self.customers]
        for row in rows:
            add_everything(unit, row)
        return [row.id for row in rows]

    async def _undo(self, store: Store) -> None:
        if self.done:
            merge_id, before = self.done.pop()
            await store.run(lambda unit: unmerge(unit, merge_id, None))
            assert await snapshot(store) == before


NAMES = st.sampled_from(["", "Ann", "陈美"])
SHOP_IDS = st.lists(st.sampled_from([None, "C-1", "C-2", "C-3", "C-4"]), min_size=4, max_size=4).filter(
    lambda ids: len([i for i in ids if i]) == len({i for i in ids if i})
)
RECORDS = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "phone": st.sampled_from(["+49 170 1234567", "0049 1701234567", "+8613900001001"]),
        "email": st.sampled_from(["a@x.example", "b@x.example"]),
        "language": st.sampled_from(["en", "zh-Hans"]),
        "source": st.just("fair"),
        "attributes": st.dictionaries(st.sampled_from("abc"), st.sampled_from(["1", "2"])),
    },
)


@st.composite
def deeds(draw: st.DrawFn) -> Deeds:
    ids = draw(SHOP_IDS)
    customers = [draw(RECORDS) | ({"external_id": i} if i else {}) for i in ids]
    pair = st.tuples(st.integers(0, 3), st.integers(0, 3))
    return Deeds(customers, draw(st.lists(st.none() | pair | pair, min_size=1, max_size=8)))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("empty") / "store.db"
    asyncio.run(sqlite_file(path))
    return path.read_bytes()


@settings(max_examples=25, deadline=None)
@given(deeds=deeds())
def test_what_was_merged_is_taken_apart_exactly(
    empty: bytes, tmp_path_factory: pytest.TempPathFactory, deeds: Deeds
) -> None:
    async def work() -> None:
        folder: Path = tmp_path_factory.getbasetemp()
        async with opened(sqlite_copy(empty, folder / "any.db")) as store:
            await deeds.run(store)

    asyncio.run(work())
