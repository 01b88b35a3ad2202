"""Ideas: heard by a rule, noted or confirmed by an agent; only then do they count, and until they are withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_store.models import Fact, Score
from crm_store.store import Store
from crm_store.unit import Unit
from support.agents.card import read_card
from support.customers import facts
from support.customers.errors import DecidedAlreadyError
from support.customers.noting import Written, keep_note, read_note
from support.customers.proposing import proposals
from tests.crm_store.test_indexes import statements
from tests.support.shop import Shop, new_score_for, open_shop

NOW = datetime(2026, 11, 20, tzinfo=UTC)
IDEA = "You should add a decaf blend."


@pytest.fixture
async def shop(store: Store) -> Shop:
    return await open_shop(store)


async def counted(shop: Shop) -> int:
    (row,) = await shop.rows(Score)
    return row.ideas


async def scored(shop: Shop, who: str = "nia") -> None:
    async def work(unit: Unit) -> None:
        new_score_for(unit, await shop.met(unit, who))

    await shop.run(work)


@pytest.mark.parametrize(
    "text",
    [
        IDEA,
        "Maybe you should offer smaller bags",
        "I think you could also sell oat milk",
        "It would be great if you offered a grinder course!",
        "it'd be nice. It would be nice if you could add a dark mode",
        "I wish you sold spare gaskets",
        "I suggest you open on Sundays",
        "建议你们增加小包装",
        "我有个建议：你们可以推出低因豆",
        "希望你们能开通夜间配送",
        "希望你們以後能推出低因咖啡",
        "建議貴店增設自取櫃",
    ],
)
def test_a_suggestion_is_proposed_as_an_idea(text: str) -> None:
    (found,) = proposals(text, "en", NOW)
    assert (found.kind, found.rule, found.value) == ("idea", "idea", None)


@pytest.mark.parametrize(
    "text",
    [
        "You should be ashamed",
        "you should have told me",
        "You should add my phone to the order",
        "you could offer me a refund",
        "It would be great if you added 2 bags to order 5512",
        "it would be nice if you could send it today",
        "I wish you would answer",
        "should I add milk?",
        "Do you suggest I open it?",
        "could you add a bag?",
        "what do you suggest",
        "希望你们能尽快发货",
        "希望你们能给我退款",
        "希望你们支持退货",
        "建议你们增加我的额度",
        "你们建议用什么水",
        "有什么建议吗",
        "建议多久除垢？",
    ],
)
def test_what_they_want_for_themselves_is_none(text: str) -> None:
    assert not [each for each in proposals(text, "en", NOW) if each.kind == "idea"]


@pytest.mark.parametrize(
    ("note", "written"),
    [
        ("idea sell a mill for two", Written("idea", "sell a mill for two")),
        ("建议 出小包装", Written("idea", "出小包装")),
        ("建議：出小包裝", Written("idea", "出小包裝")),
        ("ideal customer", None),
        ("feedback the new lid leaks", Written("feedback", "the new lid leaks")),
        ("反馈：盖子漏水", Written("feedback", "盖子漏水")),
        ("feedbacks", None),
    ],
)
def test_written_as_a_note(note: str, written: Written | None) -> None:
    assert read_note(note, "en", NOW) == written


async def test_heard_confirmed_counted_and_withdrawn(shop: Shop) -> None:
    await scored(shop)
    await shop.hear(IDEA)
    (fact,) = await shop.rows(Fact)
    assert (fact.kind, fact.state, fact.text, await counted(shop)) == ("idea", "proposed", IDEA, 0)
    bob = await shop.staff()
    await shop.act(facts.confirm, bob, fact.id)
    assert await counted(shop) == 1
    with pytest.raises(DecidedAlreadyError):
        await shop.act(facts.confirm, bob, fact.id)
    assert await counted(shop) == 1
    await shop.act(facts.withdraw, bob, fact.id)
    assert await counted(shop) == 0


async def test_declined_it_never_counts(shop: Shop) -> None:
    await scored(shop)
    await shop.hear(IDEA)
    (fact,) = await shop.rows(Fact)
    await shop.act(facts.decline, await shop.staff(), fact.id)
    assert await counted(shop) == 0


async def test_an_agents_own_note_counts_at_once_for_that_customer_alone(shop: Shop) -> None:
    await scored(shop)
    await scored(shop, "zoe")
    bob = await shop.staff()
    await shop.act(keep_note, bob, "idea sell a mill for two")
    await shop.act(keep_note, bob, "feedback the new lid leaks")
    await shop.act(keep_note, bob, "fact likes a dark roast")
    assert sorted(row.ideas for row in await shop.rows(Score)) == [0, 2]


async def test_the_card_says_how_many(shop: Shop) -> None:
    await scored(shop)
    await shop.act(keep_note, await shop.staff(), "idea sell a mill for two")

    async def lines(unit: Unit) -> tuple[str, ...]:
        return (await read_card(shop.desk, unit, await shop.known(unit), unit.now)).lines

    assert "Ideas and feedback: 1" in await shop.run(lines)


async def test_counting_costs_one_statement(sqlite_store: Store) -> None:
    shop = await open_shop(sqlite_store)
    await scored(shop)
    with statements(shop.store) as sent:
        await shop.act(keep_note, await shop.staff(), "idea sell a mill for two")
    assert len([line for line, _ in sent if line.startswith("UPDATE score")]) == 1
