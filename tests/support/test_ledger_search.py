"""Staff find what was said a moment ago, in days of the shop's own, and what an agent saw is kept with her words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crm_store.models import CardSnapshot, Schedule
from crm_store.queries.point_in_time import Then, as_it_stood
from crm_store.repositories.search_index import newest
from crm_store.store import Store
from crm_store.unit import Unit
from support import search
from support.agents import work as agent_work
from support.agents.card import read_card
from support.customers.errors import UnknownCustomerError
from support.errors import EmptyWordsError
from support.ledger_search import Question, UnknownColleagueError, search_ledger
from support.working_hours import WorkingHours
from tests.support.identity import add_contact, add_customer, add_organisation, add_ticket
from tests.support.shop import FRIDAY_NOON, Shop, open_shop


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def texts(shop: Shop, words: str = "", **question: Any) -> list[str | None]:
    found = await search_ledger(shop.desk, Question(words, **question), limit=50)
    return [hit.found.text for hit in found.items]


async def test_what_was_just_said_is_found_at_once(shop: Shop) -> None:
    await shop.hear("我的咖啡機壞了")
    assert await texts(shop, "咖啡机坏了") == ["我的咖啡機壞了"]
    shop.pass_time(minutes=1)
    await shop.hear("咖啡机好了", address="tom")
    assert await texts(shop, "咖啡机") == ["咖啡机好了", "我的咖啡機壞了"]


async def test_days_begin_at_midnight_where_the_shop_is(shop: Shop) -> None:
    shop.desk.hours = WorkingHours.parse(None, "Asia/Shanghai")  # eight hours ahead
    shop.now = FRIDAY_NOON.replace(hour=15, minute=59)
    await shop.hear("late on friday")
    shop.pass_time(minutes=2)
    await shop.hear("early on saturday")
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    assert await texts(shop, "on", since=friday, until=friday) == ["late on friday"]
    assert await texts(shop, "on", since=saturday) == ["early on saturday"]
    assert await texts(shop, "on", since=date.min, until=date.max) == ["early on saturday", "late on friday"]


async def test_customer_and_agent_are_known_by_name(shop: Shop) -> None:
    await shop.queue_up()
    await shop.hear("something", address="tom")
    bob = await shop.staff("Bob")
    await shop.act(agent_work.answer, bob, "We will send a new one.")
    assert await texts(shop, agent="Bob", direction="out", kind="text") == ["We will send a new one."]
    nia = await shop.run(shop.known)
    assert "something" not in await texts(shop, customer=str(nia.customer.id))
    assert "We will send a new one." in await texts(shop, "send", customer=str(nia.customer.id))
    with pytest.raises(UnknownCustomerError):
        await texts(shop, customer="nobody")
    with pytest.raises(UnknownColleagueError):
        await texts(shop, agent="Nobody")


async def test_signs_without_words_find_nothing_and_no_words_find_all(shop: Shop) -> None:
    await shop.hear("hello there")
    assert await texts(shop, "!?…") == []
    assert "hello there" in await texts(shop, "   ")


async def test_a_page_ends_where_the_next_begins(shop: Shop) -> None:
    for n in range(5):
        await shop.hear(f"zebra {n}")
        shop.pass_time(seconds=1)
    first = await search_ledger(shop.desk, Question("zebra"), limit=3)
    second = await search_ledger(shop.desk, Question("zebra", before=first.before), limit=3)
    assert [hit.found.text for hit in (*first.items, *second.items)] == [f"zebra {n}" for n in reversed(range(5))]
    assert second.before is None


async def test_the_timetable_indexes_again_and_again(shop: Shop) -> None:
    await shop.run(search.plan)
    await shop.run(search.plan)
    planned = {row.key: row for row in await shop.rows(Schedule) if row.job == search.JOB}
    assert planned.keys() == {"search", "search.late", "search.all"}
    said = await shop.hear("hello")
    await shop.run(lambda unit: search.work_off(shop.store, unit, planned["search"].payload))
    async with shop.store.read() as session:
        assert await newest(session) >= said.id


async def then(shop: Shop, touchpoint_id: int) -> Then:
    async with shop.store.read() as session:
        found = await as_it_stood(session, touchpoint_id, limit=50)
    assert found is not None
    return found


async def test_the_card_stays_as_the_agent_saw_it(shop: Shop) -> None:
    await shop.queue_up()
    await shop.hear("The pump is broken")
    bob = await shop.staff("Bob")
    first = await shop.act(agent_work.answer, bob, "We will send a new one.")
    await shop.hear("And the grinder as well")
    note = await shop.act(agent_work.note, bob, "He is right.")
    kept = await then(shop, first.id)
    assert kept.card is not None
    assert "The pump is broken" in str(kept.card)
    assert "grinder" not in str(kept.card)
    assert "Waiting" in kept.card["state"], "before her words made her the one who holds it"
    assert kept.ledger[-1].text == "We will send a new one."
    assert "grinder" in str((await then(shop, note.id)).card)
    rows = await shop.rows(CardSnapshot)
    assert [row.touchpoint_id for row in rows] == [first.id, note.id]
    assert {row.at for row in rows} == {FRIDAY_NOON}


async def test_what_is_kept_of_a_customer_says_nothing_of_colleagues(shop: Shop) -> None:
    """It would outlive them in somebody else's rows."""
    await shop.queue_up()

    async def employ(unit: Unit) -> None:
        nia = await shop.known(unit)
        firm = add_organisation(unit, "Bean & Co")
        nia.customer.organisation_id = firm.id
        ben = add_customer(unit, "Ben Canary", organisation_id=firm.id)
        add_ticket(unit, ben, add_contact(unit, ben), "a canary of his own")

    await shop.run(employ)
    async with shop.store.unit() as unit:
        shown = await read_card(shop.desk, unit, await shop.known(unit), unit.now)
    assert "a canary of his own (Ben Canary)" in str(shown.sections)
    words = await shop.act(agent_work.answer, await shop.staff("Bob"), "We will send a new one.")
    kept = str((await then(shop, words.id)).card)
    assert "Bean & Co" in kept
    assert "anary" not in kept


async def test_what_is_not_an_agents_has_no_card_and_words_not_sent_keep_none(shop: Shop) -> None:
    await shop.queue_up()
    heard = await shop.hear("The pump is broken")
    bob = await shop.staff("Bob")
    with pytest.raises(EmptyWordsError):
        await shop.act(agent_work.answer, bob, "  ")
    assert await shop.rows(CardSnapshot) == []
    assert (await then(shop, heard.id)).card is None
    async with shop.store.read() as session:
        assert await as_it_stood(session, 1, limit=50) is None


async def test_a_repeated_post_keeps_one_card(shop: Shop) -> None:
    await shop.queue_up()
    bob = await shop.staff("Bob")
    for _ in range(2):
        await shop.act(agent_work.answer, bob, "Done.", client_key="k" * 16)
    assert len(await shop.rows(CardSnapshot)) == 1
