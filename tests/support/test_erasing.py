"""Nothing of an erased customer is found again: not in the database's files, the search index, the files, the logs."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text, update
from structlog.testing import capture_logs

from crm_store.ids import new_id
from crm_store.models import (
    Audit,
    Base,
    ContactPoint,
    Conversation,
    Customer,
    Escalation,
    Order,
    OutboxRow,
    Schedule,
    Score,
    StoredFile,
    Ticket,
    Touchpoint,
)
from crm_store.privacy.whose import whose
from crm_store.repositories import files as file_rows
from crm_store.store import Store
from support.agents import work as agent_work
from support.customers.erasing import AFTERWARDS, erase, forget, sweep
from support.customers.errors import ErasedCustomerError, UnknownCustomerError
from support.customers.own_data import OwnData
from support.files import FileStore
from support.scoring import rescore
from tests.support.canaries import UNTAGGED, Seeder, sow
from tests.support.found import bytes_of, everything_in, found_in
from tests.support.shop import Shop, open_shop

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
