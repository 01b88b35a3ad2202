"""Numbered requests: opened, added to, resolved, reopened, closed, and how it was."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from crm_store.models import Ticket, TicketEvent
from crm_store.repositories import tickets as stored
from crm_store.store import Store
from crm_store.unit import Unit
from support import tickets
from support.agents import work as agent_work
from support.judging.house_rules import DEFAULT
from support.tickets import SUBJECT_LENGTH, shorten
from tests.support.shop import Shop, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def opened(shop: Shop, subject: str = "It leaks", address: str = "nia") -> Ticket:
    async def work(unit: Unit) -> Ticket:
        return await tickets.open_ticket(shop.desk, unit, await shop.met(unit, address), subject)

    return await shop.run(work)


async def change(shop: Shop, number: int, deed: str) -> Ticket:
    async def work(unit: Unit) -> Ticket:
        person = await shop.known(unit)
        row = next(t for t in await stored.of_customer(unit, person.customer.id) if t.number == number)
        match deed:
            case "add":
                tickets.add_to(unit, row, 7)
            case "reopen":
                tickets.reopen(shop.desk, unit, person, row)
            case "close":
                tickets.close(unit, row)
        return row

    return await shop.run(work)


async def test_numbers_grow_and_are_never_given_twice(shop: Shop) -> None:
    numbers = [(await opened(shop)).number for _ in range(2)]
    many = await asyncio.gather(*(opened(shop, address=f"v{n}") for n in range(4)))
    assert sorted([*numbers, *(t.number for t in many)]) == list(range(1001, 1007))


async def test_a_first_answer_is_promised_within_working_time(store: Store) -> None:
    shop = await open_shop(store, hours="Mon-Fri 09:00-18:00")
    ticket = await opened(shop)  # Friday noon
    assert ticket.due_at == shop.now + timedelta(days=3) - timedelta(hours=1), "six hours on Friday, two on Monday"
    assert ticket.due_at.weekday() == 0
    always = await open_shop(store)
    assert (await opened(always, address="ann")).due_at == always.now + DEFAULT.policy.serves(None).first_answer


async def test_its_life_is_told_by_its_history(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.queue_up()
    await shop.act(agent_work.answer, bob, "On it.")
    (ticket,) = await shop.rows(Ticket)
    assert ticket.status == "waiting", "the customer is to speak next"
    assert (await change(shop, ticket.number, "add")).status == "open"
    await shop.act(agent_work.resolve, bob)
    shop.pass_time(days=1)
    reopened = await change(shop, ticket.number, "reopen")
    assert (reopened.status, reopened.resolved_at, reopened.due_at > shop.now) == ("open", None, True)
    assert (await change(shop, ticket.number, "close")).closed_at == shop.now
    assert [event.kind for event in await shop.rows(TicketEvent)] == [
        "opened", "escalated", "started", "answered", "added", "resolved", "reopened", "closed",
    ]  # fmt: skip
    assert all(event.agent_id == bob.id for event in await shop.rows(TicketEvent) if event.author == "agent")


async def test_it_speaks_the_language_of_its_conversation(shop: Shop) -> None:
    async def work(unit: Unit) -> Ticket:
        person = await shop.met(unit, client_language="zh-TW")
        return await tickets.open_ticket(shop.desk, unit, person, "漏水")

    assert (await shop.run(work)).language == "zh-Hant"


async def test_the_unfinished_one_is_found_in_and_before_the_unit_that_made_it(shop: Shop) -> None:
    first = await opened(shop, "first")
    await change(shop, first.number, "close")

    async def work(unit: Unit) -> None:
        person = await shop.known(unit)
        assert await stored.unfinished(unit, person.customer.id) is None
        fresh = await tickets.open_ticket(shop.desk, unit, person, "second")
        assert await stored.unfinished(unit, person.customer.id) is fresh
        assert [t.subject for t in await stored.of_customer(unit, person.customer.id)] == ["second", "first"]

    await shop.run(work)


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("It leaks.", "It leaks"),
        ("  two\n lines \t here ", "two lines here"),
        ("漏水了。", "漏水了"),
        ("", "…"),
        ("...", "…"),
        ("x" * 500, "x" * (SUBJECT_LENGTH - 1) + "…"),
    ],
)
def test_a_subject_is_one_short_line(words: str, subject: str) -> None:
    assert shorten(words) == subject
