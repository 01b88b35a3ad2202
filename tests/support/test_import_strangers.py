"""Somebody wrote on Telegram before the shop named them: an import merges them, an un-merge restores who they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from crm_store.ids import new_id
from crm_store.models import Audit, Consent, ContactPoint, Customer, Fact, Merge, MergedRow, Schedule, Ticket
from crm_store.repositories import merges
from crm_store.store import Store
from crm_store.unit import Unit
from support.customers.erasing import erase
from support.customers.merging import merge, unmerge
from support.files import FileStore
from support.imports.result import ImportResult
from tests.support.identity import NOW, add_contact, add_customer, add_everything, owners, snapshot
from tests.support.importing import Shop, places
from tests.support.shop import open_shop

FILE = "customer_id,name,telegram_id\nC-1,陈伟,7001\n"
MANY = 210
"""More than are merged in one unit."""


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Shop:
    return Shop(store, tmp_path)


async def stranger(shop: Shop, *accounts: str, name: str = "Wei", phone: str | None = "+86 139 0000 1001") -> int:
    """With a row in every table and these accounts on Telegram; the id."""

    async def work(unit: Unit) -> int:
        row = add_customer(unit, name, phone=phone, attributes={"from": "chat"})
        add_everything(unit, row)
        for address in accounts:
            add_contact(unit, row, "telegram", address)
        return row.id

    return await shop.store.run(work)


async def record(shop: Shop, customer_id: int) -> Customer:
    async with shop.store.read() as session:
        return (await session.scalars(select(Customer).where(Customer.id == customer_id))).one()


async def rows_of(shop: Shop, row: Merge) -> set[tuple[str, int]]:
    return {(r.table_name, r.row_id) for r in await shop.all(MergedRow, MergedRow.row_id) if r.merge_id == row.id}


async def test_what_a_stranger_had_is_the_named_customers(shop: Shop) -> None:
    gone = await stranger(shop, "7001")
    assert await shop.take("customers", FILE) == ImportResult(added=1)

    kept = await shop.customer("C-1")
    assert (kept.name, kept.phone, kept.attributes) == ("陈伟", "+86 139 0000 1001", {"from": "chat"})
    assert (await record(shop, gone)).merged_into_id == kept.id
    for model in (ContactPoint, Ticket, Fact):
        assert set(await owners(shop.store, model)) == {kept.id}, model
    async with shop.store.read() as session:
        row = (await session.scalars(select(Merge))).one()
        line = (await session.scalars(select(Audit))).one()
        jobs = {row.job for row in await session.scalars(select(Schedule))}
    (code, contact) = row.evidence[0].values()
    assert (row.kept_id, row.gone_id, row.agent_id, code) == (kept.id, gone, None, "import")
    assert contact in {str(each.id) for each in await shop.all(ContactPoint, ContactPoint.id)}
    assert (line.action, line.object_id, jobs) == ("customer.merged", str(kept.id), {"score", "score_touched"})
    assert await shop.take("customers", FILE) == ImportResult(unchanged=1)
    assert await shop.count(Merge) == 1


async def test_it_is_the_merge_that_an_agent_makes_and_takes_back(shop: Shop) -> None:
    await shop.take("customers", "customer_id,name\nC-1,陈伟\n")
    gone = await stranger(shop, "7001", "7002")
    kept = (await shop.customer("C-1")).id
    before = await snapshot(shop.store)
    assert await shop.take("customers", FILE) == ImportResult(changed=1)
    joined = await snapshot(shop.store)
    assert joined != before

    (row,) = await shop.all(Merge, Merge.id)
    noted = await rows_of(shop, row)
    await shop.store.run(lambda unit: unmerge(unit, row.id, None))
    assert await snapshot(shop.store) == before

    by_hand = await shop.store.run(lambda unit: merge(unit, kept, gone, None))
    assert await snapshot(shop.store) == joined
    assert (await rows_of(shop, by_hand), by_hand.former) == (noted, row.former)


async def test_records_that_were_part_of_a_stranger_follow(shop: Shop) -> None:
    first, second = await stranger(shop, "7001"), await stranger(shop, name="Wei Chen", phone=None)
    await shop.store.run(lambda unit: merge(unit, first, second, None))
    await shop.take("customers", FILE)
    kept = await shop.customer("C-1")
    assert [(await record(shop, each)).merged_into_id for each in (first, second)] == [kept.id, kept.id]


async def test_words_withdrawn_before_count_and_erasing_reaches_them(shop: Shop, tmp_path: Path) -> None:
    desk = (await open_shop(shop.store)).desk
    gone = await stranger(shop, "7001")
    async with shop.store.unit() as unit:
        unit.insert(Consent, id=new_id(), customer_id=gone, purpose="campaigns", given=False, at=NOW, source="chat")
    await shop.take("customers", FILE)
    kept = await shop.customer("C-1")
    async with shop.store.read() as session:
        theirs = await merges.merged_ids(session, kept.id)
        said = await session.scalars(select(Consent.given).where(Consent.customer_id.in_(theirs)))
        assert sorted(said) == [False, True]
    await erase(desk, FileStore(tmp_path), kept.id)
    erased = await record(shop, gone)
    assert (erased.name, erased.phone, erased.attributes) == ("", None, {})
    assert erased.erased_at


async def test_one_stranger_becomes_one_customer(shop: Shop) -> None:
    await stranger(shop, "7001", "7002")
    error = await shop.refused("customers", "customer_id,telegram_id\nC-1,7001\nC-2,7002\n")
    assert "7002 belongs to customer 'C-1' already" in str(error)
    assert places(error) == [(3, "telegram_id")]
    assert await shop.count(Merge) == 0
    kept = await shop.take("customers", "customer_id,telegram_id\nC-1,7001\nC-2,7002\n", keep_good=True)
    assert (kept.added, kept.refused, places(kept)) == (1, 1, [(3, "telegram_id")])


async def test_a_merged_records_row_takes_in_nobody(shop: Shop) -> None:
    """Otherwise an un-merge would leave the stranger with the wrong customer."""
    await shop.take("customers", "customer_id\nC-1\nC-2\n")
    kept, gone = await shop.customer("C-1"), await shop.customer("C-2")
    row = await shop.store.run(lambda unit: merge(unit, kept.id, gone.id, None))
    new = await stranger(shop, "7002")
    text = "customer_id,phone,telegram_id\nC-2,+86 139 0000 2002,7002\n"
    assert await shop.take("customers", text) == ImportResult(unchanged=1)
    assert (await record(shop, new)).merged_into_id is None
    assert (await shop.customer("C-1")).phone is None

    await shop.store.run(lambda unit: unmerge(unit, row.id, None))
    assert await shop.take("customers", text) == ImportResult(changed=1)
    assert (await record(shop, new)).merged_into_id == gone.id
    assert ((await shop.customer("C-1")).phone, (await shop.customer("C-2")).phone) == (None, "+86 139 0000 2002")


async def test_many_at_once(shop: Shop) -> None:
    async with shop.store.unit() as unit:
        for number in range(MANY):
            add_contact(unit, add_customer(unit), "telegram", f"{7000 + number}")
    rows = "".join(f"C-{number},{7000 + number}\n" for number in range(MANY))
    assert await shop.take("customers", "customer_id,telegram_id\n" + rows) == ImportResult(added=MANY)
    assert await shop.count(Merge) == MANY
