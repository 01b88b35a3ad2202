"""A customer's card: everything of theirs, nothing of others', in one statement that reads no table from end to end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from crm_store.card import Bought, CustomerCard, Learned, Turnover
from crm_store.ids import new_id
from crm_store.models import (
    Agent,
    Consent,
    ContactPoint,
    Customer,
    Fact,
    Order,
    Organisation,
    Score,
    Ticket,
    Touchpoint,
)
from crm_store.queries import card, card_lists
from crm_store.store import Store
from crm_store.unit import Unit
from tests.crm_store.test_indexes import full_scans, statements
from tests.support.shop import order_history

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONE = "+49 30 1234567"


def add_customer(unit: Unit, number: int, **more: object) -> Customer:
    values = {"external_id": f"C-{number}", "name": f"Nia {number}", "created_at": NOON, "attributes": {}} | more
    return unit.add(Customer(id=new_id(), **values))


def add_contact(unit: Unit, customer: Customer, address: str, channel: str = "web") -> ContactPoint:
    return unit.add(
        ContactPoint(
            id=new_id(), customer_id=customer.id, channel=channel, address=address, state="active", created_at=NOON
        )
    )


def add_words(unit: Unit, contact: ContactPoint, text: str, minutes: int = 0, **more: object) -> Touchpoint:
    values = {"direction": "in", "author": "customer", "kind": "text"} | more
    return unit.add(
        Touchpoint(
            id=new_id(),
            contact_point_id=contact.id,
            at=NOON + timedelta(minutes=minutes),
            channel=contact.channel,
            text=text,
            **values,
        )
    )


def add_ticket(unit: Unit, contact: ContactPoint, number: int, **more: object) -> Ticket:
    values = {"subject": f"matter {number}", "details": {}, "language": "en", "status": "open"} | more
    return unit.add(
        Ticket(
            id=new_id(),
            number=number,
            customer_id=contact.customer_id,
            contact_point_id=contact.id,
            opened_at=NOON,
            due_at=NOON,
            **values,
        )
    )


def add_order(unit: Unit, customer: Customer, number: str, day: int, amount: str, currency: str = "EUR") -> Order:
    return unit.add(
        Order(
            id=new_id(),
            external_id=number,
            customer_id=customer.id,
            date=date(2026, 10, day),
            amount=Decimal(amount),
            currency=currency,
            attributes={},
        )
    )


def add_fact(unit: Unit, customer: Customer, text: str, **more: object) -> Fact:
    values = {"kind": "preference", "state": "confirmed"} | more
    return unit.add(Fact(id=new_id(), customer_id=customer.id, text=text, at=NOON, **values))


async def fill(unit: Unit) -> int:
    """A customer with two contact points and everything, and another who must not be seen; returns the first's id."""
    company = unit.add(Organisation(id=new_id(), name="Bean & Co", created_at=NOON))
    agent = unit.add(Agent(id=new_id(), name="Bob", role="agent", active=True, created_at=NOON))
    nia = add_customer(unit, 1, organisation_id=company.id, phone=PHONE, language="en")
    other = add_customer(unit, 2)
    colleague = add_customer(unit, 3, organisation_id=company.id)
    gone = add_customer(unit, 4, organisation_id=company.id, merged_into_id=colleague.id)
    for number, each in enumerate((colleague, gone), 8):
        add_ticket(unit, add_contact(unit, each, f"colleague {number}"), number)
    web, phone = add_contact(unit, nia, "nia"), add_contact(unit, nia, "hash", "phone")
    strange = add_contact(unit, other, "eve")
    for n in range(8):
        add_words(unit, web, f"web {n}", 2 * n)
        add_words(unit, strange, f"strange {n}", 2 * n)
        add_words(unit, phone, f"call {n}", 2 * n + 1)
    add_words(unit, web, "x" * 1000, direction="out", author="agent", agent_id=agent.id)
    add_ticket(unit, web, 1, details={"order": {"asked": "Which?", "answer": "12", "position": 0}})
    add_ticket(unit, phone, 2, status="resolved", rating=4, resolved_at=NOON)
    add_ticket(unit, web, 3, status="closed")
    add_ticket(unit, strange, 4, rating=1)
    for day in range(1, 8):
        add_order(unit, nia, f"O-{day}", day, "10.10")
    add_order(unit, nia, "O-old", 1, "3", "USD")
    add_order(unit, other, "P-1", 1, "99")
    add_fact(unit, nia, "call after six", kind="quiet_hours", value={"after": "18:00"}, agent_id=agent.id)
    add_fact(unit, nia, "a basket by Friday", kind="promise", due_at=NOON)
    add_fact(unit, nia, "likes it sweet", state="declined")
    add_fact(unit, other, "not hers")
    for given in (True, False):
        unit.add(Consent(id=new_id(), customer_id=nia.id, purpose="marketing", given=given, at=NOON, source="chat"))
    unit.add(
        Score(
            customer_id=nia.id,
            as_of=NOON,
            value=120.5,
            percentile=99.0,
            spend_percentile=99.0,
            risk=None,
            tier="vip",
            stage="loyalty",
            at_risk=False,
        )
    )
    unit.add(order_history(nia.id, order_count=8, last_order=date(2026, 10, 7)))
    return nia.id


async def read(store: Store, customer_id: int) -> CustomerCard | None:
    async with store.read() as session:
        return await card.read(session, customer_id)


async def filled(store: Store) -> CustomerCard:
    found = await read(store, await store.run(fill))
    assert found
    return found


async def test_a_card_holds_all_of_a_customer_and_nothing_of_others(store: Store) -> None:
    nia = await filled(store)
    assert (nia.external_id, nia.name, nia.organisation, nia.phone) == ("C-1", "Nia 1", "Bean & Co", PHONE)
    assert nia.created_at == NOON
    assert nia.standing
    assert (nia.standing.tier, nia.standing.risk, nia.standing.last_order) == ("vip", None, date(2026, 10, 7))
    assert (nia.standing.as_of, nia.standing.days_silent, nia.standing.order_count) == (NOON.date(), 44, 8)
    assert [way.channel for way in nia.contacts] == ["phone", "web"]
    (ticket,) = nia.tickets
    assert (ticket.number, ticket.details["order"]["answer"], ticket.opened_at) == (1, "12", NOON)
    assert [(each.number, each.customer) for each in nia.colleagues] == [(8, "Nia 3")]
    assert [(rated.number, rated.stars, rated.at) for rated in nia.ratings] == [(2, 4, NOON)]
    assert nia.orders[0] == Bought("O-7", date(2026, 10, 7), Decimal("10.10"), "EUR", None)
    assert [order.number for order in nia.orders] == ["O-7", "O-6", "O-5", "O-4", "O-3"]
    assert nia.turnover == (
        Turnover("EUR", 7, Decimal("70.70"), date(2026, 10, 1)),
        Turnover("USD", 1, Decimal("3.00"), date(2026, 10, 1)),
    )
    assert (nia.order_count, nia.since(UTC)) == (8, date(2026, 10, 1))
    assert [(fact.text, fact.value, fact.agent) for fact in nia.facts] == [
        ("call after six", {"after": "18:00"}, "Bob"),
        ("a basket by Friday", None, None),
    ]
    assert [(each.purpose, each.given) for each in nia.consents] == [("marketing", False)]


async def test_the_first_day_is_one_of_the_shops(store: Store) -> None:
    async def met(unit: Unit) -> int:
        return add_customer(unit, 1, created_at=datetime(2026, 11, 20, 18, tzinfo=UTC)).id

    found = await read(store, await store.run(met))
    assert found
    assert found.since(UTC) == date(2026, 11, 20)
    assert found.since(ZoneInfo("Asia/Taipei")) == date(2026, 11, 21)


async def test_the_last_touchpoints_are_those_of_all_contact_points(store: Store) -> None:
    nia = await filled(store)
    assert [each.channel for each in nia.touchpoints].count("web") == 9
    newest, *others = nia.touchpoints
    assert (newest.text, newest.agent) == ("x" * card_lists.LONGEST_WORDS, "Bob")
    assert [each.text for each in others[:4]] == ["call 7", "web 7", "call 6", "web 6"]


async def test_somebody_who_has_nothing_yet_has_a_card_and_nobody_has_none(store: Store) -> None:
    async def newcomer(unit: Unit) -> int:
        return add_customer(unit, 1, external_id=None).id

    found = await read(store, await store.run(newcomer))
    assert found
    assert (found.standing, found.contacts, found.turnover, found.order_count) == (None, (), (), 0)
    assert await read(store, 1) is None


async def test_one_statement_that_scans_no_table(store: Store) -> None:
    await store.run(others_long_ledger)
    with statements(store) as seen:
        await filled(store)
    await count_rows(store)
    reads = [(statement, parameters) for statement, parameters in seen if statement.startswith("SELECT")]
    assert len(reads) == 1
    assert not await full_scans(store, *reads[0])
    assert not await sorts_a_ledger(store, *reads[0])


async def others_long_ledger(unit: Unit) -> None:
    """So many words that no plan for one customer's newest would do well to read them all."""
    contact = add_contact(unit, add_customer(unit, 5), "zoe")
    for n in range(2000):
        add_words(unit, contact, f"long ago {n}", n)


async def count_rows(store: Store) -> None:
    """A plan made by the counts of an earlier test, when tables were empty, says nothing."""
    async with store.writer.begin() as connection:
        await connection.execute(text("ANALYZE"))


async def sorts_a_ledger(store: Store, statement: str, parameters: Any) -> list[str]:
    """The plan, if it finds the newest touchpoints by sorting all of them."""
    async with store.reader.connect() as connection:
        if store.is_sqlite:
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [(row.id, row.parent, row.detail) for row in rows]
            beside = {parent for _, parent, line in steps if line.startswith("SEARCH touchpoint")}
            return [line for _, parent, line in steps if parent in beside and "TEMP B-TREE" in line]
        for setting in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
            await connection.exec_driver_sql(f"SET {setting} = off")
        plan = [row[0] for row in await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
        in_order = any("ix_touchpoint_contact_point_id" in line and "Backward" in line for line in plan)
        return [] if in_order else plan


@pytest.mark.parametrize(
    ("kind", "state", "kept_at", "owed", "overdue"),
    [
        ("promise", "confirmed", None, True, True),
        ("promise", "confirmed", NOON, False, False),
        ("promise", "proposed", None, False, False),
        ("preference", "confirmed", None, False, False),
    ],
)
def test_a_promise_is_owed_until_it_is_kept(
    kind: str, state: str, kept_at: datetime | None, owed: bool, overdue: bool
) -> None:
    fact = Learned(1, kind, "…", None, None, None, None, state, NOON, NOON, kept_at)
    assert fact.is_owed is owed
    assert fact.is_overdue(NOON + timedelta(minutes=1)) is overdue
    assert not fact.is_overdue(NOON)
