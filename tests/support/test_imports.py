"""A shop's files: taken over whole and once, or refused whole with every problem named."""

from datetime import UTC, date, datetime
from decimal import Decimal
from time import perf_counter

import pytest
from sqlalchemy import func, select

from crm_store.ids import new_id
from crm_store.models import Audit, Base, ContactPoint, Customer, Escalation, Order, Organisation, Ticket, Touchpoint
from crm_store.store import Store
from support.imports.contact_data import email_hash, phone_hash
from support.imports.customers import import_customers
from support.imports.files import ImportFileError
from support.imports.orders import import_orders
from support.imports.result import ImportResult
from support.imports.rows import read_customers, read_orders

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


async def take_customers(store: Store, text: str = CUSTOMERS) -> ImportResult:
    return await import_customers(store, read_customers(text.encode(), "customers.csv"), "customers.csv")


async def take_orders(store: Store, text: str = ORDERS) -> ImportResult:
    return await import_orders(store, read_orders(text.encode(), "orders.csv"), "orders.csv")


async def count(store: Store, table: type[Base]) -> int:
    async with store.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def customer(store: Store, external_id: str) -> Customer:
    async with store.read() as session:
        return (await session.scalars(select(Customer).where(Customer.external_id == external_id))).one()


async def contacts(store: Store, customer_id: int) -> dict[str, tuple[str, int | None]]:
    async with store.read() as session:
        query = select(ContactPoint).where(ContactPoint.customer_id == customer_id)
        return {contact.channel: (contact.address, contact.chat_id) for contact in await session.scalars(query)}


def problems(error: pytest.ExceptionInfo[ImportFileError]) -> list[tuple[int, str]]:
    return [(problem.line, problem.field) for problem in error.value.problems]


async def test_customers_come_with_all_the_file_says(store: Store) -> None:
    assert await take_customers(store) == ImportResult(added=3)

    wei = await customer(store, "C-1")
    assert (wei.name, wei.phone, wei.email, wei.language) == ("陈伟", "+86 139 0000 1001", "Wei@Example.com", "zh-Hans")
    assert (wei.source, wei.referrer, wei.attributes) == ("fair", None, {"city": "上海"})
    assert wei.phone_hash == phone_hash("0086 13900001001")
    assert wei.email_hash == email_hash("wei@example.com")
    assert await contacts(store, wei.id) == {"shop": ("C-1", None), "telegram": ("7001", 7001)}

    anna = await customer(store, "C-2")
    assert (anna.name, anna.organisation_id) == ('Anna "A." Berg', wei.organisation_id)
    assert (await customer(store, "C-3")).name == ""
    assert await count(store, Organisation) == 1


async def test_a_second_import_changes_nothing(store: Store) -> None:
    await take_customers(store)
    before = await customer(store, "C-1")
    assert await take_customers(store, "\ufeff" + CUSTOMERS) == ImportResult(unchanged=3)
    assert (await customer(store, "C-1")).version == before.version
    assert await count(store, ContactPoint) == 4


async def test_only_what_a_file_says_is_changed(store: Store) -> None:
    await take_customers(store)
    text = "customer_id,name,phone,city,language\nC-1,,+86 139 0000 2002,,\nC-2,Anna Berg,,Graz,\nC-3,,,,\n"
    assert await take_customers(store, text) == ImportResult(changed=2, unchanged=1)

    wei, anna = await customer(store, "C-1"), await customer(store, "C-2")
    assert (wei.name, wei.phone, wei.language, wei.attributes) == (
        "陈伟",
        "+86 139 0000 2002",
        "zh-Hans",
        {"city": "上海"},
    )
    assert (wei.phone_hash, wei.version) == (phone_hash("+8613900002002"), 2)
    assert (anna.name, anna.attributes) == ("Anna Berg", {"city": "Graz"})


async def test_somebody_who_wrote_before_becomes_the_imported_customer(store: Store) -> None:
    async with store.unit() as unit:
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

    await take_customers(store)

    wei = await customer(store, "C-1")
    assert (await contacts(store, wei.id))["telegram"] == ("7001", None)
    async with store.read() as session:
        assert await session.scalar(select(Ticket.customer_id)) == wei.id
        assert await session.scalar(select(Escalation.customer_id)) == wei.id
        assert await session.scalar(select(Audit.data).where(Audit.action == "contact.moved")) == {
            "from": stranger.id,
            "to": wei.id,
        }
    assert await take_customers(store) == ImportResult(unchanged=3)


async def test_a_telegram_id_of_another_customer_is_refused(store: Store) -> None:
    await take_customers(store)
    with pytest.raises(ImportFileError, match="belongs to customer 'C-1' already") as error:
        await take_customers(store, "customer_id,telegram_id\nC-8,7008\nC-9,7001\n")
    assert problems(error) == [(3, "telegram_id")]
    assert await count(store, Customer) == 3


def test_every_problem_of_a_customers_file_is_named() -> None:
    text = (
        "customer_id,phone,email,telegram_id,language\n"
        "C-1,call me,,,\n"
        ",+49 30 1234,no address,,\n"
        "C-2,,,12a,de\n"
        "C-3,,,7,\n"
        "C-3,,,7,\n"
        f"C-4,,,{'9' * 5000},,extra\n"
        "C-5,,,-7,\n"
    )
    with pytest.raises(ImportFileError) as error:
        read_customers(text.encode(), "customers.csv")
    assert problems(error) == [
        (2, "phone"),
        (3, "customer_id"),
        (3, "email"),
        (4, "telegram_id"),
        (4, "language"),
        (6, "customer_id"),
        (6, "telegram_id"),
        (7, ""),
        (8, "telegram_id"),
    ]
    assert "line 6, customer_id: 'C-3' stands in line 5 already" in str(error.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1: the first line must name the columns"),
        (b"customer_id\n", "line 1: there are no rows below the header"),
        (b"name,phone\nAnna,1\n", "line 1, customer_id: this column is missing"),
        (b"customer_id,Name,name\nC-1,a,b\n", "line 1, name: this column stands here twice"),
        ("customer_id,name\nC-1,张三\n".encode("gbk"), "line 2: not UTF-8"),
        (b'customer_id,name\nC-1,"two\nlines"\nC-2,"open\n', "not CSV"),
        (b"customer_id,name\nC-1,a\0b\n", "line 2: a NUL character"),
    ],
)
def test_a_file_that_is_no_table_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(ImportFileError) as error:
        read_customers(content, "customers.csv")
    assert str(error.value).startswith("customers.csv cannot be imported:\n")
    assert problem in str(error.value)


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    with pytest.raises(ImportFileError) as error:
        read_customers(b'customer_id,name,language\r\nC-1,"two\r\nlines",\r\n\r\nC-2,,fr\r\n', "customers.csv")
    assert problems(error) == [(5, "language")]


async def test_orders_come_as_rows_and_touchpoints(store: Store) -> None:
    await take_customers(store)
    assert await take_orders(store) == ImportResult(added=3)

    async with store.read() as session:
        first, second, third = (await session.scalars(select(Order).order_by(Order.external_id))).all()
        touchpoints = (await session.scalars(select(Touchpoint).order_by(Touchpoint.at))).all()
    assert (first.date, first.amount, first.currency, first.cost) == (
        date(2026, 1, 31),
        Decimal("1299.50"),
        "EUR",
        Decimal(900),
    )
    assert first.attributes == {"coupon": "WELCOME"}
    assert (second.date, second.amount) == (date(2026, 2, 1), Decimal("12.35"))
    assert (third.amount, third.currency) == (Decimal(0), None)
    assert [(t.kind, t.channel, t.direction, t.author) for t in touchpoints] == [
        ("order", "shop", "in", "customer")
    ] * 3
    assert touchpoints[0].at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert touchpoints[0].payload == {"order": "1", "amount": "1299.50", "product": "Grinder"}


async def test_orders_again_change_only_what_is_different(store: Store) -> None:
    await take_customers(store)
    await take_orders(store)
    assert await take_orders(store) == ImportResult(unchanged=3)
    assert await take_orders(store, ORDERS.replace("1299.50", "1199.50")) == ImportResult(changed=1, unchanged=2)

    async with store.read() as session:
        assert await session.scalar(select(Order.amount).where(Order.external_id == "1")) == Decimal("1199.50")
    assert await count(store, Touchpoint) == 3


def test_every_problem_of_an_orders_file_is_named() -> None:
    text = (
        "order_id,customer_id,date,amount,currency,cost\n"
        "1,C-1,31.01.2026,1,,\n"
        '2,C-1,2026-01-31,"1,200.00",,\n'
        "3,C-1,2026-01-31,NaN,euro,-1\n"
        "4,C-1,2026-01-31,inf,,\n"
        "5,,2026-01-31,,,\n"
        "5,C-1,2026-02-30,-1,,\n"
        "6,C-1,2026-01-31,1000000000000000000,,1e3\n"
    )
    with pytest.raises(ImportFileError) as error:
        read_orders(text.encode(), "orders.csv")
    assert problems(error) == [
        (2, "date"),
        (3, "amount"),
        (4, "amount"),
        (4, "currency"),
        (4, "cost"),
        (5, "amount"),
        (6, "amount"),
        (6, "customer_id"),
        (7, "date"),
        (7, "amount"),
        (7, "order_id"),
        (8, "amount"),
        (8, "cost"),
    ]


async def test_orders_of_unknown_customers_are_refused_whole(store: Store) -> None:
    await take_customers(store)
    with pytest.raises(ImportFileError, match="there is no customer 'C-404'") as error:
        await take_orders(store, ORDERS + "4,C-404,2026-02-03,1,,,,,,\n")
    assert problems(error) == [(5, "customer_id")]
    assert await count(store, Order) == 0
    assert await count(store, Touchpoint) == 0


async def test_ten_thousand_orders_take_seconds_and_tell_their_progress(store: Store) -> None:
    ids = [f"C-{n}" for n in range(2_500)]
    await take_customers(store, "\n".join(["customer_id", *ids]))
    lines = [f"{n},{ids[n % len(ids)]},2026-01-{1 + n % 28:02},{n % 97}.50" for n in range(10_000)]
    content = "\n".join(["order_id,customer_id,date,amount", *lines]).encode()
    heard: list[tuple[int, int]] = []

    began = perf_counter()
    orders = read_orders(content, "orders.csv")
    result = await import_orders(store, orders, "orders.csv", lambda done, total: heard.append((done, total)))
    assert result == ImportResult(added=10_000)
    assert await import_orders(store, orders, "orders.csv") == ImportResult(unchanged=10_000)
    assert perf_counter() - began < 20  # some 1 s on two cores

    assert heard[-1] == (10_000, 10_000)
    assert await count(store, Touchpoint) == 10_000
