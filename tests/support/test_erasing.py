"""Nothing of an erased customer is found again: not in the database's files, the search index, the files, the logs."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from structlog.testing import capture_logs

from crm_store.ids import new_id
from crm_store.models import (
    ApiKey,
    Audit,
    Base,
    CardSnapshot,
    ContactPoint,
    Conversation,
    Customer,
    Escalation,
    Fact,
    IdempotencyKey,
    Order,
    OutboxRow,
    Schedule,
    Score,
    StoredFile,
    Ticket,
    Touchpoint,
)
from crm_store.privacy.copying import read_rows
from crm_store.privacy.whose import whose
from crm_store.repositories import files as file_rows
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work as agent_work
from support.customers.erasing import AFTERWARDS, erase, forget, sweep
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.merging import merge, unmerge
from support.customers.own_data import OwnData
from support.files import FileStore
from support.scoring import rescore
from tests.support.canaries import UNTAGGED, Seeder, sow
from tests.support.found import bytes_of, everything_in, found_in
from tests.support.identity import add_contact, add_customer, add_fact, add_snapshot, add_touchpoint
from tests.support.shop import FRIDAY_NOON, Shop, open_shop

OTHER, ONE = "bystander", "canary"


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def test_every_personal_column_of_the_schema_has_a_canary(tmp_path: Path) -> None:
    seeder = Seeder(ONE, FileStore(tmp_path))
    for table in Base.metadata.sorted_tables:
        seeder._row(table)
    tagged = {f"{t.name}.{c.name}" for t in Base.metadata.sorted_tables for c in t.columns if "pii" in c.info}
    assert seeder.seeded.all.keys() >= tagged | UNTAGGED


async def test_nothing_is_left_in_the_rows_and_the_other_customer_is_untouched(
    shop: Shop, files: FileStore, tmp_path: Path
) -> None:
    other, one = await sow(shop.store, files, OTHER), await sow(shop.store, files, ONE)
    before = await everything_in(shop.store)
    assert {"touchpoint.text", "search_entry.terms", "inbox.forum", "outbox.edited"} - {
        "search_entry.terms"
    } <= found_in(before, one)
    with capture_logs() as logs:
        erased = await erase(shop.desk, files, one.customer_id)
        await forget(shop.desk, thoroughly=True)
    after = await everything_in(shop.store)
    assert found_in(after, one) == set()
    assert ONE not in after.replace(f"C-{ONE}", "")
    assert ONE not in str(logs)
    assert found_in(after, other) == found_in(before, other) - {"inbox.done"}
    assert erased.rows["touchpoint"] == 1
    assert erased.files == 1
    assert b"bystander" in b"".join(path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file())


async def test_nothing_is_left_in_sqlites_files(sqlite_store: Store, files: FileStore, tmp_path: Path) -> None:
    shop = await open_shop(sqlite_store)
    one = await sow(sqlite_store, files, ONE)
    ciphers = await stored_ciphers(sqlite_store)
    before = bytes_of(sqlite_store, tmp_path)
    assert found_in(before, one) >= {"touchpoint.text", "customer.name", "the file"}
    assert all(cipher in before for cipher in ciphers)
    await erase(shop.desk, files, one.customer_id)
    await forget(shop.desk)
    after = bytes_of(sqlite_store, tmp_path)
    assert found_in(after, one) == set()
    assert not any(cipher in after for cipher in ciphers)


async def stored_ciphers(store: Store) -> list[bytes]:
    async with store.read() as session:
        rows = await session.execute(text("SELECT phone, email FROM customer UNION ALL SELECT text, text FROM fact"))
        return [value.encode() for row in rows for value in row if value]


async def test_a_tombstone_and_the_orders_stay(shop: Shop, files: FileStore) -> None:
    one = await sow(shop.store, files, ONE)
    await erase(shop.desk, files, one.customer_id)
    (customer,) = await shop.rows(Customer)
    (contact,) = await shop.rows(ContactPoint)
    (order,) = await shop.rows(Order)
    assert (customer.id, customer.erased_at, customer.name) == (one.customer_id, shop.now, "")
    assert (contact.address, contact.chat_id) == (f"erased:{contact.id}", None)
    assert (order.customer_id, order.attributes) == (customer.id, {})
    assert [(row.action, row.object_id) for row in await shop.rows(Audit)][-1] == ("customer.erased", str(customer.id))


async def test_what_waits_to_be_sent_is_dropped(shop: Shop, files: FileStore) -> None:
    one = await sow(shop.store, files, ONE)
    await erase(shop.desk, files, one.customer_id)
    assert await shop.rows(OutboxRow) == []


async def test_whoever_comes_back_is_a_newcomer(shop: Shop, files: FileStore) -> None:
    await shop.hear("hello there")
    former = (await shop.run(shop.known)).customer.id
    await erase(shop.desk, files, former)
    await shop.hear("hello again")
    assert (await shop.run(shop.known)).customer.id != former
    async with shop.store.read() as session:
        assert (await whose(session, former)).chats == ()


@pytest.mark.parametrize("is_kept", [True, False])
async def test_what_agents_saw_of_two_at_once_goes_with_either(shop: Shop, files: FileStore, is_kept: bool) -> None:
    """While the records were one, each card showed both; before and after it, only one."""
    kept, gone, third = await merged_for_a_while(shop)
    assert [row.customer_id for row in await shop.rows(CardSnapshot)] == [kept, gone, third] * 3
    async with shop.store.read() as session:
        for customer_id in (kept, gone):
            seen = (await read_rows(session, await whose(session, customer_id)))["card_snapshot"]
            assert [each["customer_id"] for each in seen] == [customer_id] * 2
    await erase(shop.desk, files, kept if is_kept else gone)
    other = gone if is_kept else kept
    left = [(row.customer_id, row.at) for row in await shop.rows(CardSnapshot)]
    first, second, last = (FRIDAY_NOON + timedelta(hours=n) for n in range(3))
    assert left == [(other, first), (third, first), (third, second), (other, last), (third, last)]


async def merged_for_a_while(shop: Shop) -> tuple[int, int, int]:
    """Three customers and a snapshot of each before, during and after the first two were one."""

    async def begin(unit: Unit) -> list[int]:
        rows = [add_customer(unit, name) for name in ("Ann", "Anna", "Bo")]
        for row in rows:
            add_contact(unit, row)
        return [row.id for row in rows]

    async def see(unit: Unit) -> None:
        for contact in await unit.session.scalars(select(ContactPoint).order_by(ContactPoint.id)):
            row = await unit.session.get(Customer, contact.customer_id)
            assert row
            add_snapshot(unit, row, add_touchpoint(unit, contact), unit.now)

    kept, gone, third = await shop.run(begin)
    await shop.run(see)
    shop.pass_time(minutes=30)
    row = await shop.run(lambda unit: merge(unit, kept, gone, None))
    shop.pass_time(minutes=30)
    await shop.run(see)
    shop.pass_time(minutes=30)
    await shop.run(lambda unit: unmerge(unit, row.id, None))
    shop.pass_time(minutes=30)
    await shop.run(see)
    return kept, gone, third


async def test_of_a_chain_of_merges_too(shop: Shop, files: FileStore) -> None:
    """Anna became Ann, who became Bo: Bo's card showed all three."""

    async def begin(unit: Unit) -> list[int]:
        rows = [add_customer(unit, name) for name in ("Bo", "Ann", "Anna")]
        for row in rows:
            add_contact(unit, row)
        return [row.id for row in rows]

    async def see(unit: Unit) -> None:
        row = await unit.session.get(Customer, bo)
        contact = (await unit.session.scalars(select(ContactPoint).order_by(ContactPoint.id))).first()
        assert row
        assert contact
        add_snapshot(unit, row, add_touchpoint(unit, contact), unit.now)

    bo, ann, anna = await shop.run(begin)
    first = await shop.run(lambda unit: merge(unit, ann, anna, None))
    second = await shop.run(lambda unit: merge(unit, bo, ann, None))
    await shop.run(see)
    for each in (second, first):
        await shop.run(partial(unmerge, merge_id=each.id, agent=None))
    await erase(shop.desk, files, anna)
    assert await shop.rows(CardSnapshot) == []


async def test_a_fact_that_was_heard_from_them_goes_whoever_it_was_ascribed_to(shop: Shop, files: FileStore) -> None:
    async def work(unit: Unit) -> int:
        one, other = add_customer(unit, "Ann"), add_customer(unit, "Bo")
        add_fact(unit, other, source_id=add_touchpoint(unit, add_contact(unit, one)).id)
        add_fact(unit, other, "their own")
        return one.id

    await erase(shop.desk, files, await shop.run(work))
    assert [row.text for row in await shop.rows(Fact)] == ["their own"]


NAMING = ["客户王小明已更新", "C-1", "Bo", "王", "-100 70086421 ok", "annie99"]
NOT_NAMING = ["客户王小红已更新", "C-12", "Bob", "王国", "-100 7008642 ok", "annie"]


async def test_answers_to_programs_lose_short_names_and_numbers_too(shop: Shop, files: FileStore) -> None:
    async def work(unit: Unit) -> int:
        key = unit.add(ApiKey(id=new_id(), name="till", key_hash="x", scopes=[], created_at=unit.now))
        one = add_customer(unit, "王小明", external_id="C-1")
        contact = add_contact(unit, one, "telegram", "70086421")
        contact.display_name, contact.username = "Bo", "annie99"
        add_contact(unit, one, "web", "page").display_name = "王"
        for said in (*NAMING, *NOT_NAMING):
            response = {"problems": [{"row": 1, "message": said}]}
            unit.add(IdempotencyKey(
                api_key_id=key.id, key=said, body_hash="x", status=200, response=response, at=unit.now
            ))  # fmt: skip
        return one.id

    await erase(shop.desk, files, await shop.run(work))
    left = {row.key for row in await shop.rows(IdempotencyKey) if row.response}
    assert left == set(NOT_NAMING)


async def test_erasing_twice_or_nobody_is_told(shop: Shop, files: FileStore) -> None:
    one = await sow(shop.store, files, ONE)
    await erase(shop.desk, files, one.customer_id)
    with pytest.raises(ErasedCustomerError):
        await erase(shop.desk, files, one.customer_id)
    with pytest.raises(UnknownCustomerError):
        await erase(shop.desk, files, 5)


async def test_what_was_under_way_is_swept_up(shop: Shop, files: FileStore) -> None:
    """A message that was being worked on in that moment is written to the tombstone, and goes with the sweep."""
    await shop.hear("hello there")
    person = await shop.run(shop.known)
    await erase(shop.desk, files, person.customer.id)
    late = await sow_late(shop, person.contact.id)
    (row,) = [row for row in await shop.rows(Schedule) if row.job == AFTERWARDS]
    await sweep(shop.desk, files, row.payload)
    assert late not in await everything_in(shop.store)


async def sow_late(shop: Shop, contact_id: int) -> str:
    async with shop.store.unit() as unit:
        unit.add(
            Touchpoint(
                id=new_id(), contact_point_id=contact_id, at=unit.now, channel="web", direction="in",
                author="customer", kind="text", text="alatecanary",
            )
        )  # fmt: skip
    return "alatecanary"


async def test_the_agent_who_holds_the_customer_is_told_and_everything_is_closed(shop: Shop, files: FileStore) -> None:
    bob = await shop.staff()
    await shop.queue_up()
    await shop.act(agent_work.claim, bob)
    customer = (await shop.run(shop.known)).customer.id
    await erase(shop.desk, files, customer)
    assert shop.room.told_of[-1] == ("forgotten", "#1001")
    assert {row.state for row in await shop.rows(Escalation)} == {"resolved"}
    assert [(row.status, row.subject) for row in await shop.rows(Ticket)] == [("closed", "–")]
    assert all(row.ended_at for row in await shop.rows(Conversation))


async def test_a_file_that_was_being_fetched_is_thrown_away(shop: Shop, files: FileStore, tmp_path: Path) -> None:
    one = await sow(shop.store, files, ONE)
    (row,) = await shop.rows(StoredFile)
    await erase(shop.desk, files, one.customer_id)
    kept = await files.keep(b"came late")
    await shop.run(lambda unit: file_rows.fetched(unit, row.id, {"path": kept.path}, None))
    (discarding,) = [each for each in await shop.rows(Schedule) if each.job == file_rows.DISCARD]
    await shop.run(lambda unit: OwnData(shop.desk, files).discard(unit, discarding.payload))
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


async def test_orders_of_the_erased_judge_nobody(shop: Shop, files: FileStore) -> None:
    one, other = await sow(shop.store, files, ONE), await sow(shop.store, files, OTHER)
    await erase(shop.desk, files, one.customer_id)
    assert await rescore(shop.store, shop.now.date()) == 1
    assert [row.customer_id for row in await shop.rows(Score)] == [other.customer_id]


async def test_what_was_written_over_before_is_gone_from_sqlites_file_too(
    sqlite_store: Store, files: FileStore, tmp_path: Path
) -> None:
    """Names that were changed long ago, in a file that was written without a break."""
    shop = await open_shop(sqlite_store)
    await shop.hear("hello")
    person = await shop.run(shop.known)
    for n in range(50):
        async with sqlite_store.write() as connection:
            await connection.execute(update(ContactPoint).values(display_name=f"formercanary {n}" * (n % 7 + 1)))
        await shop.hear(f"formercanary words {n}")
    await erase(shop.desk, files, person.customer.id)
    await forget(shop.desk)
    assert b"formercanary" not in bytes_of(sqlite_store, tmp_path)
