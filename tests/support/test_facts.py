"""Facts: heard by rules, decided on by agents, noted by agents; nothing counts that nobody confirmed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm.exc import StaleDataError

from crm_store.ids import new_id
from crm_store.models import Agent, Audit, Consent, Customer, Fact, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents import work
from support.agents.card import Card, read_card
from support.customers import facts
from support.customers.errors import (
    DecidedAlreadyError,
    FactTooLongError,
    NoDueDayError,
    UnknownFactError,
    UnknownFactKindError,
)
from support.customers.noting import Written, keep_note, keep_written, read_note
from support.errors import EmptyWordsError
from support.words.han import script_of
from tests.crm_store.test_indexes import statements
from tests.support.shop import FRIDAY_NOON, Shop, open_shop

CALL = "Please call after six."
Deed = Callable[..., Awaitable[None]]


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


@pytest.fixture
async def small(sqlite_store: Store) -> Shop:
    """Where the database makes no difference."""
    return await open_shop(sqlite_store)


async def only_fact(shop: Shop) -> Fact:
    (fact,) = await shop.rows(Fact)
    return fact


async def card(shop: Shop, who: str = "nia") -> Card:
    async def read(unit: Unit) -> Card:
        return await read_card(shop.desk, unit, await shop.known(unit, who), unit.now)

    return await shop.run(read)


async def test_what_a_customer_says_is_proposed_in_their_words(shop: Shop) -> None:
    said = await shop.hear(CALL)
    fact = await only_fact(shop)
    assert (fact.kind, fact.rule, fact.state, fact.text) == ("quiet_hours", "call_hours", "proposed", CALL)
    assert (fact.value, fact.source_id, fact.agent_id, fact.at) == ({"after": "18:00"}, said.id, None, FRIDAY_NOON)
    shown = await card(shop)
    assert [(line.text, line.note) for line in shown.proposals] == [(f"Hours: “{CALL}”", "20 November")]
    assert not shown.facts


async def test_it_is_kept_encrypted(shop: Shop) -> None:
    await shop.hear(CALL)
    async with shop.store.reader.connect() as connection:
        (text,) = (await connection.exec_driver_sql("SELECT text FROM fact")).one()
    assert "six" not in text


async def test_a_message_that_teaches_nothing_costs_no_statement(small: Shop) -> None:
    await small.hear("How often do I descale the machine?")
    with statements(small.store) as seen:
        await small.hear("How often do I descale the machine?")
    assert not [statement for statement, _ in seen if " fact" in statement or " consent" in statement]


async def test_the_same_is_proposed_once_and_never_after_a_no(small: Shop) -> None:
    bob = await small.staff()
    await small.hear(CALL)
    await small.hear("call me after 6 pm please")
    fact = await only_fact(small)
    await small.act(facts.decline, bob, fact.id)
    await small.hear(CALL)
    assert (await only_fact(small)).state == "declined"


async def test_two_messages_of_one_batch_propose_once(small: Shop) -> None:
    async def work_(unit: Unit) -> None:
        person = await small.met(unit)
        for text in (CALL, CALL):
            said = unit.add(
                Touchpoint(
                    id=new_id(),
                    contact_point_id=person.contact.id,
                    at=unit.now,
                    channel="web",
                    direction="in",
                    author="customer",
                    kind="text",
                    text=text,
                )
            )
            await facts.overhear(small.desk, unit, person, said, "en")

    await small.run(work_)
    await only_fact(small)


async def test_who_does_not_want_to_be_remembered_is_not(shop: Shop) -> None:
    await shop.hear("hi")
    (customer,) = await shop.rows(Customer)

    async def refuse(unit: Unit) -> None:
        unit.add(
            Consent(id=new_id(), customer_id=customer.id, purpose="memory", given=False, at=unit.now, source="chat")
        )

    await shop.run(refuse)
    await shop.hear(CALL)
    assert not await shop.rows(Fact)


async def test_a_confirmed_fact_counts_and_a_withdrawn_one_does_not(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear(CALL)
    fact = await only_fact(shop)
    await shop.act(facts.confirm, bob, fact.id)
    shown = await card(shop)
    assert [line.text for line in shown.facts] == [f"Hours: “{CALL}”"]
    assert not shown.proposals
    fact = await only_fact(shop)
    assert (fact.state, fact.decided_by_id, fact.decided_at) == ("confirmed", bob.id, FRIDAY_NOON)
    await shop.act(facts.withdraw, bob, fact.id)
    assert not (await card(shop)).facts
    audited = [(row.action, row.agent_id) for row in await shop.rows(Audit) if row.object_kind == "fact"]
    assert audited == [("fact.confirmed", bob.id), ("fact.withdrawn", bob.id)]
    assert shop.room.told_of.count(("learned", "")) == 3, "the room is told each time"


@pytest.mark.parametrize("deed", [facts.confirm, facts.decline, facts.withdraw, facts.keep])
async def test_another_customers_fact_or_one_decided_on_is_refused(small: Shop, deed: Deed) -> None:
    bob = await small.staff()
    await small.hear(CALL)
    await small.hear("hi", address="eve")
    fact = await only_fact(small)
    with pytest.raises(UnknownFactError):
        await small.act(deed, bob, fact.id, who="eve")
    with pytest.raises(UnknownFactError):
        await small.act(deed, bob, 7)
    await small.act(facts.decline, bob, fact.id)
    with pytest.raises(DecidedAlreadyError):
        await small.act(deed, bob, fact.id)


async def test_a_confirmed_language_is_written_from_then_on(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear("speak Chinese please")
    fact = await only_fact(shop)
    (customer,) = await shop.rows(Customer)
    assert customer.language is None, "what nobody confirmed changes nothing"
    await shop.act(facts.confirm, bob, fact.id)
    (customer,) = await shop.rows(Customer)
    assert customer.language == "zh-Hans"
    shop.pass_time(days=2)
    await shop.hear("ok")
    assert script_of((await shop.said())[-1]) == "zh-Hans"
    await shop.act(facts.withdraw, bob, fact.id)
    (customer,) = await shop.rows(Customer)
    assert customer.language is None


async def test_a_language_we_do_not_speak_is_only_shown(small: Shop) -> None:
    bob = await small.staff()
    await small.hear("please write in Spanish")
    await small.act(facts.confirm, bob, (await only_fact(small)).id)
    (customer,) = await small.rows(Customer)
    assert customer.language is None
    assert (await card(small)).facts


async def test_an_agents_promise_is_proposed_shown_until_kept_and_told_when_overdue(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear("where is my basket")
    said = await shop.act(work.answer, bob, "Sorry about that. We'll send a new one by Tuesday.")
    fact = await only_fact(shop)
    assert (fact.kind, fact.text, fact.source_id) == ("promise", "We'll send a new one by Tuesday.", said.id)
    assert fact.due_at == datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
    await shop.act(facts.confirm, bob, fact.id)
    (open_one,) = (await card(shop)).promises
    assert (open_one.note, open_one.is_overdue) == ("due 24 November", False)
    shop.pass_time(days=5)
    (overdue,) = (await card(shop)).promises
    assert (overdue.note, overdue.is_overdue) == ("overdue since 24 November", True)
    await shop.act(facts.keep, bob, fact.id)
    assert not (await card(shop)).promises
    assert (await only_fact(shop)).kept_at == shop.now
    with pytest.raises(DecidedAlreadyError):
        await shop.act(facts.keep, bob, fact.id)


async def test_an_agent_notes_a_fact_with_its_source(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear("hi")
    await shop.act(keep_note, bob, "fact call after six")
    fact = await only_fact(shop)
    (note,) = [row for row in await shop.rows(Touchpoint) if row.kind == "note"]
    assert (fact.kind, fact.value, fact.state) == ("quiet_hours", {"after": "18:00"}, "confirmed")
    assert (fact.agent_id, fact.source_id, fact.rule) == (bob.id, note.id, None)
    assert [(line.text, line.note) for line in (await card(shop)).facts] == [
        ("Hours: call after six", "20 November, Bob")
    ]


async def test_what_is_noted_in_this_unit_stands_on_its_card(small: Shop) -> None:
    bob = await small.staff()
    await small.hear("hi")

    async def note_and_read(unit: Unit) -> Card:
        person, agent = await small.known(unit), await unit.session.get(Agent, bob.id)
        assert agent
        await facts.note(small.desk, unit, agent, person, "preference", "two machines at home")
        return await read_card(small.desk, unit, person, unit.now)

    shown = await small.run(note_and_read)
    assert [(line.text, line.note) for line in shown.facts] == [("two machines at home", "20 November, Bob")]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("fact call after six", Written("quiet_hours", "call after six")),
        ("Fact: two machines", Written("preference", "two machines")),
        ("记住 六点以后打电话", Written("quiet_hours", "六点以后打电话")),
        ("promise by Friday", Written("promise", "by Friday", FRIDAY_NOON.replace(hour=23, minute=59))),
        ("承諾 週五前 寄出", Written("promise", "週五前 寄出", FRIDAY_NOON.replace(hour=23, minute=59))),
        ("promise soon", Written("promise", "soon", None)),
        (" fact is, she is angry", None),
        ("factory reset done", None),
        ("she promised to call", None),
    ],
)
def test_a_note_is_read_as_a_fact_only_where_it_is_written_as_one(text: str, written: Written | None) -> None:
    assert read_note(text, "en", FRIDAY_NOON) == written


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("promise a new basket", NoDueDayError),
        ("fact", EmptyWordsError),
        ("fact " + "x" * (facts.LONGEST_FACT + 1), FactTooLongError),
    ],
)
async def test_what_cannot_be_a_fact_leaves_no_note_either(small: Shop, text: str, error: type[Exception]) -> None:
    bob = await small.staff()
    await small.hear("hi")
    with pytest.raises(error):
        await small.act(keep_note, bob, text)
    assert not await small.rows(Fact)
    assert not [row for row in await small.rows(Touchpoint) if row.kind == "note"]


async def test_a_forms_fact_is_kept_once(shop: Shop) -> None:
    bob = await shop.staff()
    await shop.hear("hi")
    for _ in range(2):
        await shop.act(keep_written, bob, Written("language", "繁體中文"), "a-key-1234")
    fact = await only_fact(shop)
    assert fact.value == {"language": "zh-Hant"}
    (customer,) = await shop.rows(Customer)
    assert customer.language == "zh-Hant"
    with pytest.raises(UnknownFactKindError):
        await shop.act(keep_written, bob, Written("horoscope", "Leo"), "a-key-5678")


async def test_two_agents_decide_at_once_and_one_counts(shop: Shop) -> None:
    bob, eve = await shop.staff(), await shop.staff("Eve")
    await shop.hear(CALL)
    fact = await only_fact(shop)
    first = shop.store.open_unit()
    person = await shop.known(first)
    await facts.confirm(shop.desk, first, bob, person, fact.id)
    await shop.act(facts.decline, eve, fact.id)
    with pytest.raises(StaleDataError):
        await shop.store.commit(first)
    await first.close()
    assert (await only_fact(shop)).state == "declined"


def test_a_day_later_is_no_friday() -> None:
    assert read_note("promise by Friday", "en", FRIDAY_NOON + timedelta(days=1)) == Written(
        "promise", "by Friday", (FRIDAY_NOON + timedelta(days=7)).replace(hour=23, minute=59)
    )
