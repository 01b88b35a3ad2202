"""Customers and orders from other departments: taken over whole and once, or refused whole with every problem named."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from crm_store.ids import new_id
from crm_store.models import Audit, ContactPoint, Customer, Escalation, Order, Organisation, Ticket, Touchpoint
from crm_store.store import Store
from support.imports.contact_data import email_hash, phone_hash
from support.imports.importing import import_rows
from support.imports.kinds import KINDS, Kind
from support.imports.result import ImportFileError, ImportResult
from support.scoring import rescore
from tests.support.importing import Shop, places

CUSTOMERS = """customer_id,name,phone,email,telegram_id,language,organisation,source,referrer,city
C-1,陈伟,+86 139 0000 1001,Wei@Example.com,7001,zh-CN,云端咖啡馆,fair,,上海
C-2,"Anna ""A."" Berg",,,,en,云端咖啡馆,,C-1,

C-3,,,,,,,,,
"""
ORDERS = """order_id,customer_id,date,amount,currency,cost,product,category,source,coupon
1,C-1,2026-01-31,1299.50,eur,900,Grinder,grinders,web,WELCOME
2,C-1,2026-02-01T09:30:00,12.345,EUR,,,,,
3,C-2,2026-02-02,0,,,,,,
"""


@pytest.fixture
def shop(store: Store, tmp_path: Path) -> Shop:
    return Shop(store, tmp_path)


async def contacts(shop: Shop, customer_id: int) -> dict[str, tuple[str, int | None]]:
    rows = await shop.all(ContactPoint, ContactPoint.id)
    return {row.channel: (row.address, row.chat_id) for row in rows if row.customer_id == customer_id}


async def merge(shop: Shop, gone: str, kept: str) -> None:
    """What a merge leaves behind, as far as an import sees it."""
    into, away = await shop.customer(kept), await shop.customer(gone)
    async with shop.store.write() as connection:
        await connection.execute(update(Customer).where(Customer.id == away.id).values(merged_into_id=into.id))
        moved = update(ContactPoint).where(ContactPoint.customer_id == away.id)
        await connection.execute(moved.values(customer_id=into.id))


async def test_customers_come_with_all_the_file_says(shop: Shop) -> None:
    assert await shop.take("customers", CUSTOMERS) == ImportResult(added=3)

    wei = await shop.customer("C-1")
    assert (wei.name, wei.phone, wei.email, wei.language) == ("陈伟", "+86 139 0000 1001", "Wei@Example.com", "zh-Hans")
    assert (wei.source, wei.referrer, wei.attributes) == ("fair", None, {"city": "上海"})
    assert wei.phone_hash == phone_hash("0086 13900001001")
    assert wei.email_hash == email_hash("wei@example.com")
    assert await contacts(shop, wei.id) == {"shop": ("C-1", None), "telegram": ("7001", 7001)}

    anna = await shop.customer("C-2")
    assert (anna.name, anna.organisation_id) == ('Anna "A." Berg', wei.organisation_id)
    assert ((await shop.customer("C-3")).name, anna.version) == ("", 1)
    assert await shop.count(Organisation) == 1


async def test_a_second_import_changes_nothing(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    before = await shop.customer("C-1")
    assert await shop.take("customers", "\ufeff" + CUSTOMERS) == ImportResult(unchanged=3)
    assert (await shop.customer("C-1")).version == before.version
    assert await shop.count(ContactPoint) == 4


async def test_only_what_a_file_says_is_changed(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    text = "customer_id,name,phone,city,language\nC-1,,+86 139 0000 2002,,\nC-2,Anna Berg,,Graz,\nC-3,,,,\n"
    assert await shop.take("customers", text) == ImportResult(changed=2, unchanged=1)
    assert await shop.take("customers", text) == ImportResult(unchanged=3)

    wei, anna = await shop.customer("C-1"), await shop.customer("C-2")
    assert (wei.name, wei.phone, wei.language) == ("陈伟", "+86 139 0000 2002", "zh-Hans")
    assert (wei.attributes, wei.phone_hash, wei.version) == ({"city": "上海"}, phone_hash("+8613900002002"), 2)
    assert (anna.name, anna.attributes) == ("Anna Berg", {"city": "Graz"})


async def test_somebody_who_wrote_before_becomes_the_imported_customer(shop: Shop) -> None:
    async with shop.store.unit() as unit:
        stranger = unit.add(Customer(id=new_id(), name="Wei", attributes={}, created_at=unit.now))
        contact = unit.add(
            ContactPoint(id=new_id(), customer_id=stranger.id, channel="telegram", address="7001", created_at=unit.now)
        )
        ticket = unit.add(
            Ticket(
                id=new_id(),
                number=1,
                customer_id=stranger.id,
                contact_point_id=contact.id,
                subject="?",
                language="en",
                opened_at=unit.now,
                due_at=unit.now,
            )
        )
        unit.add(
            Escalation(
                id=new_id(),
                ticket_id=ticket.id,
                customer_id=stranger.id,
                contact_point_id=contact.id,
                reasons=[],
                opened_at=unit.now,
            )
        )

    await shop.take("customers", CUSTOMERS)

    wei = await shop.customer("C-1")
    assert (await contacts(shop, wei.id))["telegram"] == ("7001", None)
    async with shop.store.read() as session:
        assert await session.scalar(select(Ticket.customer_id)) == wei.id
        assert await session.scalar(select(Escalation.customer_id)) == wei.id
        assert await session.scalar(select(Audit.object_id).where(Audit.action == "customer.merged")) == str(wei.id)
    assert await shop.take("customers", CUSTOMERS) == ImportResult(unchanged=3)


async def test_a_telegram_id_of_another_customer_is_refused(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    error = await shop.refused("customers", "customer_id,telegram_id\nC-8,7008\nC-9,7001\n")
    assert "7001 belongs to customer 'C-1' already" in str(error)
    assert places(error) == [(3, "telegram_id")]
    assert await shop.count(Customer) == 3


async def test_a_merged_customers_row_changes_neither_record(shop: Shop) -> None:
    await shop.take("customers", "customer_id,name,city\nC-1,陈伟,\nC-2,,\n")
    await merge(shop, gone="C-2", kept="C-1")
    text = "customer_id,name,phone,city,telegram_id\nC-2,Wei Chen,+86 139 0000 1001,上海,7001\nC-1,陈伟,,,\n"

    assert await shop.take("customers", text) == ImportResult(unchanged=2)
    kept, gone = await shop.customer("C-1"), await shop.customer("C-2")
    assert (kept.name, kept.phone, kept.attributes) == ("陈伟", None, {})
    assert (gone.name, gone.phone) == ("", None)
    assert (await contacts(shop, kept.id)).keys() == {"shop"}


async def test_orders_of_a_merged_customer_go_to_the_kept_one(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    await merge(shop, gone="C-1", kept="C-2")
    assert (await shop.take("orders", ORDERS)).added == 3
    kept = await shop.customer("C-2")
    assert {order.customer_id for order in await shop.all(Order, Order.id)} == {kept.id}
    addresses = {row.id: row.address for row in await shop.all(ContactPoint, ContactPoint.id)}
    touchpoints = await shop.all(Touchpoint, Touchpoint.at)
    assert [addresses[row.contact_point_id] for row in touchpoints] == ["C-1", "C-1", "C-2"]


async def test_erased_customers_are_left_out_and_stop_nothing(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    async with shop.store.write() as connection:
        gone = update(Customer).where(Customer.external_id == "C-1")
        await connection.execute(gone.values(name="", phone=None, phone_hash=None, erased_at=shop.store.clock()))

    again = await shop.take("customers", CUSTOMERS)
    assert (again.refused, again.unchanged, places(again)) == (1, 2, [(2, "customer_id")])
    assert (await shop.customer("C-1")).phone is None
    orders = await shop.take("orders", ORDERS)
    assert (orders.added, orders.refused, places(orders)) == (1, 2, [(2, "customer_id"), (3, "customer_id")])


async def test_every_problem_of_a_customers_file_is_named(shop: Shop) -> None:
    text = (
        "customer_id,phone,email,telegram_id,language\n"
        "C-1,call me,,,\n"
        ",+49 30 1234,no address,,\n"
        "C-2,,,12a,de\n"
        "C-3,,,7,\n"
        "C-4,,,7,\n"
        f"C-5,,,{'9' * 5000},,extra\n"
        "C-6,,,-7,\n"
        f"{'C' * 201},,,,\n"
    )
    error = await shop.refused("customers", text)
    assert places(error) == [
        (2, "phone"),
        (3, "email"),
        (3, "customer_id"),
        (4, "telegram_id"),
        (4, "language"),
        (6, "telegram_id"),
        (7, "telegram_id"),
        (7, ""),
        (8, "telegram_id"),
        (9, "customer_id"),
    ]
    assert "line 2, phone: is not a phone number" in str(error)
    assert "line 9, customer_id: is longer than 200 characters" in str(error)
    assert "line 6, telegram_id: '7' stands in line 5 already" in str(error)
    assert await shop.count(Customer) == 0


async def told(store: Store, column: str, cell: str) -> str:
    """What is said of a wrong cell."""
    kind = next(name for name, each in KINDS.items() if column in each.fields)
    with pytest.raises(ImportFileError) as error:
        await import_rows(store, kind, [(1, {column: cell})], name="batch")
    (problem,) = (problem for problem in error.value.problems if problem.field == column)
    return problem.message


@pytest.mark.parametrize("column", ["phone", "email"])
async def test_wrong_contact_data_is_not_quoted(sqlite_store: Store, column: str) -> None:
    assert "030" not in await told(sqlite_store, column, "0301234567 ask for Wei")


@pytest.mark.parametrize("column", ["telegram_id", "language", "currency", "amount", "date", "direction", "kind", "at"])
async def test_of_other_wrong_cells_the_beginning_is_quoted(sqlite_store: Store, column: str) -> None:
    said = await told(sqlite_store, column, "äöü " * 100)
    assert "äöü äöü" in said
    assert len(said) < 150


@pytest.mark.parametrize(
    "row",
    [
        {"customer_id": "C-1", "organisation": "𠮷" * 201},
        {"order_id": "1" * 201, "customer_id": "C-1", "date": "2026-01-01", "amount": "1"},
        {"order_id": "1", "customer_id": "C" * 201, "date": "2026-01-01", "amount": "1"},
        {"external_id": "x" * 10_000, "customer_id": "C-1", "at": "2026-01-01", "kind": "call"},
    ],
)
async def test_what_an_index_holds_is_short(shop: Shop, row: dict[str, str]) -> None:
    await shop.take("customers", f"customer_id,organisation\n{'C' * 200},{'𠮷' * 200}\n")
    kind: Kind = "orders" if "order_id" in row else "touchpoints" if "external_id" in row else "customers"
    with pytest.raises(ImportFileError) as error:
        await import_rows(shop.store, kind, enumerate([row], 1), name="batch")
    assert "is longer than 200 characters" in str(error.value)


async def test_orders_come_as_rows_and_touchpoints(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    assert await shop.take("orders", ORDERS) == ImportResult(added=3)

    first, second, third = await shop.all(Order, Order.external_id)
    touchpoints = await shop.all(Touchpoint, Touchpoint.at)
    assert (first.date, first.amount, first.currency) == (date(2026, 1, 31), Decimal("1299.50"), "EUR")
    assert (first.cost, first.product, first.attributes) == (Decimal(900), "Grinder", {"coupon": "WELCOME"})
    assert (second.date, second.amount) == (date(2026, 2, 1), Decimal("12.35"))
    assert (third.amount, third.currency, third.cost) == (Decimal(0), None, None)
    assert [(t.kind, t.channel, t.direction, t.author) for t in touchpoints] == [
        ("order", "shop", "in", "customer")
    ] * 3
    assert touchpoints[0].at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert touchpoints[0].payload == {"order": "1", "amount": "1299.50", "product": "Grinder"}


async def test_orders_again_change_only_what_is_different(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    await shop.take("orders", ORDERS)
    assert await shop.take("orders", ORDERS) == ImportResult(unchanged=3)
    assert await shop.take("orders", ORDERS.replace("1299.50", "1199.50")) == ImportResult(changed=1, unchanged=2)
    moved = "order_id,customer_id,date,amount,coupon\n3,C-2,2026-02-02,0,LATE\n2,C-2,2026-02-01,12.35,\n"
    assert await shop.take("orders", moved) == ImportResult(changed=2)

    first, second, third = await shop.all(Order, Order.external_id)
    assert (first.amount, third.attributes, second.currency) == (Decimal("1199.50"), {"coupon": "LATE"}, "EUR")
    assert second.customer_id == third.customer_id
    assert await shop.count(Touchpoint) == 3


async def test_a_negative_amount_is_a_refund_and_is_kept(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    refund = "order_id,customer_id,date,amount\n1,C-1,2026-01-31,100\n1-R,C-1,2026-02-10,-40.5\n"
    assert await shop.take("orders", refund) == ImportResult(added=2)
    assert [row.amount for row in await shop.all(Order, Order.date)] == [Decimal(100), Decimal("-40.50")]
    back = (await shop.all(Touchpoint, Touchpoint.at))[1]
    assert (back.kind, back.payload) == ("refund", {"order": "1-R", "amount": "-40.50", "product": None})
    assert await rescore(shop.store, date(2026, 3, 1)) == 1


async def test_every_problem_of_an_orders_file_is_named(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    text = (
        "order_id,customer_id,date,amount,currency,cost\n"
        "1,C-1,31 January,1,,\n"
        '2,C-1,2026-01-31,"1,200.00",,\n'
        "3,C-1,2026-01-31,NaN,euro,-1\n"
        "4,C-1,2026-01-31,inf,,\n"
        "5,,2026-01-31,,,\n"
        "6,C-1,2026-02-30,-1,,\n"
        "7,C-1,2026-01-31,1000000000000000000,,1e3\n"
    )
    error = await shop.refused("orders", text)
    assert places(error) == [
        (2, "date"),
        (3, "amount"),
        (4, "amount"),
        (4, "currency"),
        (5, "amount"),
        (6, "customer_id"),
        (6, "amount"),
        (7, "date"),
        (8, "amount"),
        (8, "cost"),
    ]


async def test_orders_of_unknown_customers_are_refused_whole(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    error = await shop.refused("orders", ORDERS + "4,C-404,2026-02-03,1,,,,,,\n5,C-405,2026-02-30,1,,,,,,\n")
    assert places(error) == [(5, "customer_id"), (6, "date")]
    assert "there is no customer 'C-404'; import the customers first" in str(error)
    assert (await shop.count(Order), await shop.count(Touchpoint)) == (0, 0)


async def test_good_rows_are_kept_only_when_asked(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    text = ORDERS + "4,C-404,2026-02-03,1,,,,,,\n5,C-1,someday,1,,,,,,\n6,C-1,2026-02-03,6,,,,,,\n"
    result = await shop.take("orders", text, keep_good=True)
    assert (result.added, result.refused) == (4, 2)
    assert places(result) == [(5, "customer_id"), (6, "date")]
    again = await shop.take("orders", text, keep_good=True)
    assert (again.added, again.unchanged, again.refused) == (0, 4, 2)


async def test_one_id_said_twice_is_one_row_or_two_bad_ones(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    same = ORDERS + "1,C-1,2026-01-31,1299.5,EUR,900.00,Grinder,grinders,web,WELCOME\n"
    assert await shop.take("orders", same) == ImportResult(added=3, unchanged=1)

    other = "order_id,customer_id,date,amount\n7,C-1,2026-01-31,1\n8,C-1,2026-01-31,1\n7,C-1,2026-01-31,2\n"
    error = await shop.refused("orders", other)
    assert str(error).endswith("line 4, order_id: '7' stands in line 2 already, and says something else there")
    kept = await shop.take("orders", other, keep_good=True)
    assert (kept.added, kept.refused, places(kept)) == (1, 2, [(4, "order_id")])


async def test_programs_rows_may_be_json_and_are_told_by_their_place(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)
    rows: list[dict[str, Any]] = [
        {"order_id": 7, "customer_id": "C-1", "date": "2026-01-31", "amount": 12.1, "paid": True, "tags": ["a"]},
        {"order_id": "8", "customer_id": "C-1", "date": "2026-01-31", "amount": None, "note": "a\0b"},
        {"order_id": "9", "customer_id": "C-1", "date": "2026-01-31", "amount": 0, "note": "\ud800"},
    ]
    with pytest.raises(ImportFileError) as error:
        await import_rows(shop.store, "orders", enumerate(rows, 1), name="batch")
    assert places(error.value) == [(2, "note"), (2, "amount"), (3, "note")]
    assert await shop.count(Order) == 0

    assert await import_rows(shop.store, "orders", enumerate(rows[:1], 1), name="batch") == ImportResult(added=1)
    (order,) = await shop.all(Order, Order.id)
    assert (order.external_id, order.amount) == ("7", Decimal("12.10"))
    assert order.attributes == {"paid": "true", "tags": '["a"]'}


async def test_no_rows_do_nothing(shop: Shop) -> None:
    assert await import_rows(shop.store, "touchpoints", [], name="batch") == ImportResult()


async def test_what_breaks_while_it_is_written_leaves_nothing(shop: Shop) -> None:
    await shop.take("customers", CUSTOMERS)

    class PowerCutError(Exception):
        pass

    def cut(_done: int, _total: int) -> None:
        raise PowerCutError

    rows = [{"order_id": str(n), "customer_id": "C-1", "date": "2026-01-31", "amount": "1"} for n in range(9)]
    with pytest.raises(PowerCutError):
        await import_rows(shop.store, "orders", enumerate(rows, 1), name="batch", progress=cut)
    assert (await shop.count(Order), await shop.count(Touchpoint)) == (0, 0)
    assert (await import_rows(shop.store, "orders", enumerate(rows, 1), name="batch")).added == 9
