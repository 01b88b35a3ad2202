"""A conversation follows the strategy of the customer's stage: one line where a matter ends well, seldom, and to those
who may be spoken to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from analytics.tiers import Tier
from crm_store.ids import new_id
from crm_store.models import ContactPoint, Touchpoint
from crm_store.store import Store
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.agents import work
from support.customers.consents import MARKETING, note
from support.customers.merging import merge
from support.judging import stored_strategies
from support.judging.strategies import checked
from support.knowledge.importing import import_entries
from support.talk import conversation
from support.talk.inbound import Press, Sender
from tests.support.shop import Shop, new_score_for, open_shop

GUIDE = FaqEntry(
    id="guide",
    phrasings={"en": ["Is there a guide?"], "zh-Hans": ["有使用指南吗？"]},
    answers={"en": "The guide.", "zh-Hans": "指南在这里。"},
)
OFFER = {"text": {"en": "There is a guide, {first_name|friend}.", "zh-Hans": "另外有一份使用指南。"}, "entry": "guide"}
ASK = {
    "text": {"en": "Is all well?", "zh-Hans": "都还好吗？"},
    "answers": [
        {"label": {"en": "Very well", "zh-Hans": "很好"}},
        {"label": {"en": "It broke", "zh-Hans": "坏了"}, "deed": "note"},
    ],
}
QUESTION, ANSWER = "How often do I descale the machine?", "Every two to three months."


@pytest.fixture
async def shop(store: Store) -> Shop:
    shop = await open_shop(store)
    await store.run(lambda unit: import_entries(unit, [GUIDE]))
    await shop.desk.faq.refresh(store)
    return shop


async def strategy(shop: Shop, stage: str = "use", **of_stage: Any) -> None:
    """Sets one, as an admin does, and has the service follow."""

    async def put(unit: Unit) -> None:
        stored_strategies.put(unit, checked({stage: of_stage}))

    await shop.run(put)
    assert await shop.desk.rules.refresh(shop.store)


async def customer(shop: Shop, address: str = "nia", **of_score: Any) -> int:
    async def make(unit: Unit) -> int:
        person = await shop.met(unit, address)
        new_score_for(unit, person, **of_score)
        return person.customer.id

    return await shop.run(make)


async def last(shop: Shop) -> Touchpoint:
    return [row for row in await shop.rows(Touchpoint) if row.direction == "out"][-1]


async def hears(shop: Shop, text: str, address: str = "nia") -> str:
    await shop.hear(text, address)
    return (await last(shop)).text or ""


async def press(shop: Shop, label: str, address: str = "nia") -> str:
    row = await last(shop)
    index = labels(row).index(label)
    press_ = Press(Sender("web", address), row.id, index)
    await shop.run(lambda unit: conversation.press(shop.desk, unit, press_))
    return (await last(shop)).text or ""


def labels(row: Touchpoint) -> list[str]:
    return [button["label"] for button in (row.payload or {}).get("buttons", [])]


async def test_an_offer_is_made_once_and_again_when_its_days_are_over(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, every_days=7)
    await customer(shop)
    assert await hears(shop, QUESTION) == f"{ANSWER}\n\nThere is a guide, friend."
    offered = await last(shop)
    assert (offered.payload or {})["strategy"] == "use.offer"
    assert labels(offered) == ["That helped", "Not quite", "Is there a guide?"]
    assert await hears(shop, QUESTION) == ANSWER
    shop.pass_time(days=2)  # another conversation
    assert await hears(shop, QUESTION) == ANSWER
    shop.pass_time(days=5)
    assert "There is a guide" in await hears(shop, QUESTION)


async def test_the_offered_entry_is_told_and_nothing_is_learned_of_the_question_before(shop: Shop) -> None:
    await strategy(shop, offer=OFFER)
    await customer(shop)
    await shop.hear(QUESTION)
    assert await press(shop, "Is there a guide?") == "The guide."
    assert "Glad that helped" in await press(shop, "That helped")
    pressed = [row for row in await shop.rows(Touchpoint) if row.kind == "press"]
    assert (pressed[0].payload or {})["action"] == "offered:guide"


async def test_a_question_follows_thanks_and_its_answer_is_kept(shop: Shop) -> None:
    await strategy(shop, ask=ASK)
    await customer(shop)
    assert await hears(shop, "thanks!") == "You're welcome. I'm here whenever you need something."
    assert await hears(shop, QUESTION) == ANSWER
    told = await press(shop, "That helped")
    assert told.endswith("just write.\n\nIs all well?")
    assert labels(await last(shop)) == ["Very well", "It broke"]
    assert await press(shop, "Very well") == "Thank you for telling us."
    pressed = [row for row in await shop.rows(Touchpoint) if row.kind == "press"][-1]
    assert (pressed.text, (pressed.payload or {})["action"]) == ("Very well", "answered")
    await shop.hear(QUESTION)
    assert "Is all well?" not in await hears(shop, "thank you")


async def test_an_answer_may_lead_on(shop: Shop) -> None:
    await strategy(shop, ask=ASK)
    await customer(shop)
    await shop.hear(QUESTION)
    await shop.hear("thank you")
    assert "sentence" in await press(shop, "It broke")


async def test_never_two_lines_in_one_conversation(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK, every_days=7)
    await customer(shop)
    assert "guide" in await hears(shop, QUESTION)
    assert "Is all well?" not in await hears(shop, "thanks")
    shop.pass_time(days=1)
    assert await hears(shop, QUESTION) == ANSWER
    assert "Is all well?" in await hears(shop, "thanks")


async def test_in_chinese_and_for_whom_we_do_not_know_the_first_stage(shop: Shop) -> None:
    await strategy(shop, "awareness", offer=OFFER)
    assert await hears(shop, "多久除一次垢？") == "一般两到三个月一次。\n\n另外有一份使用指南。"
    assert labels(await last(shop))[-1] == "有使用指南吗？"
    assert await hears(shop, "多久除一次垢？") == "一般两到三个月一次。"


@pytest.mark.parametrize("bad_news", ["can I take it on a plane to the moon", "this is useless garbage, I am furious"])
async def test_nothing_after_bad_news_or_in_anger(shop: Shop, bad_news: str) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    await customer(shop)
    await shop.hear(bad_news)
    assert "guide" not in await hears(shop, QUESTION)
    assert "Is all well?" not in await hears(shop, "thanks")


async def test_nothing_while_in_line_here_or_on_another_channel(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    customer_id = await customer(shop)
    await shop.queue_up("nia", "complaint")
    assert await hears(shop, QUESTION) == ANSWER

    async def another(unit: Unit) -> None:
        unit.add(
            ContactPoint(
                id=new_id(), customer_id=customer_id, channel="web", address="nia at home", created_at=unit.now
            )
        )

    await shop.run(another)
    assert await hears(shop, QUESTION, "nia at home") == ANSWER


@pytest.mark.parametrize(
    ("stage", "tier"),
    [
        *((stage, tier) for stage in ("purchase", "churn", "at_risk") for tier in ("vip", "small")),
        *(("use", tier) for tier in Tier),
        ("loyalty", "vip"),
    ],
)
async def test_what_a_stage_offers_and_asks_is_said_to_every_tier(shop: Shop, stage: str, tier: str) -> None:
    await strategy(shop, stage, offer=OFFER, ask=ASK, every_days=7)
    standing = {"stage": "use", "at_risk": True} if stage == "at_risk" else {"stage": stage}
    await customer(shop, tier=tier, **standing)
    told = await hears(shop, QUESTION)
    comes_first = tier in {"vip", "major"} or stage in {"churn", "at_risk"}
    assert ("will look in" in told) == comes_first
    assert told.endswith("\n\nThere is a guide, friend.")
    assert ((await last(shop)).payload or {})["strategy"] == f"{stage}.offer"
    assert await press(shop, "Is there a guide?") == "The guide."
    shop.pass_time(days=1)
    assert "guide" not in await hears(shop, QUESTION)
    assert (await hears(shop, "thanks")).endswith("\n\nIs all well?")
    assert "sentence" in await press(shop, "It broke")


async def test_nobody_is_offered_a_colleague_who_is_coming_anyway(shop: Shop) -> None:
    await strategy(shop, offer={"text": {"en": "Shall somebody help you choose?"}, "deed": "person"})
    await customer(shop, tier="vip")
    assert "choose" not in await hears(shop, QUESTION)


@pytest.mark.parametrize("words", ["I want to talk to a human", "It broke again, ridiculous. I want to complain!"])
async def test_nothing_to_a_vip_who_needs_a_colleague(shop: Shop, words: str) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    await customer(shop, tier="vip")
    await shop.hear(words)
    assert "guide" not in await hears(shop, QUESTION)
    assert "Is all well?" not in await hears(shop, "thanks")


async def test_nothing_to_a_vip_whom_a_colleague_has_on_another_channel(shop: Shop) -> None:
    await strategy(shop, offer=OFFER)
    customer_id = await customer(shop, tier="vip")
    assert "guide" in await hears(shop, QUESTION)
    bob = await shop.staff()
    await shop.act(work.claim, bob)
    shop.pass_time(days=31)

    async def another(unit: Unit) -> None:
        unit.add(
            ContactPoint(
                id=new_id(), customer_id=customer_id, channel="web", address="nia at home", created_at=unit.now
            )
        )

    await shop.run(another)
    assert "guide" not in await hears(shop, QUESTION, "nia at home")


async def test_nothing_to_whoever_took_back_their_consent(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    customer_id = await customer(shop)

    async def take_back(unit: Unit) -> None:
        note(unit, customer_id, MARKETING, "chat", given=False)

    await shop.run(take_back)
    assert await hears(shop, QUESTION) == ANSWER
    assert "Is all well?" not in await hears(shop, "thanks")

    async def agree(unit: Unit) -> None:
        note(unit, customer_id, MARKETING, "chat", given=True)

    shop.pass_time(days=1)
    await shop.run(agree)
    assert "guide" in await hears(shop, QUESTION)


async def test_told_on_one_channel_counts_on_the_other_after_a_merge(shop: Shop) -> None:
    await strategy(shop, offer=OFFER)
    kept, gone = await customer(shop, "nia"), await customer(shop, "web guest")
    assert "guide" in await hears(shop, QUESTION, "web guest")
    bob = await shop.staff(role="admin")
    await shop.run(lambda unit: merge(unit, kept, gone, bob))
    assert await hears(shop, QUESTION, "nia") == ANSWER


async def test_nothing_after_a_complaint_that_needs_nobody_any_more(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    await customer(shop)
    assert "guide" not in await hears(shop, "It broke again, ridiculous. I want to complain!")
    await press(shop, "No need, thanks")
    assert await hears(shop, QUESTION) == ANSWER
    assert "Is all well?" not in await hears(shop, "thanks")


async def test_a_stage_may_go_without_rating(shop: Shop) -> None:
    await strategy(shop, "churn", leave=["rating"])
    await customer(shop, stage="churn")
    await shop.queue_up("nia")
    bob = await shop.staff()
    await shop.act(work.claim, bob)
    await shop.act(work.resolve, bob)
    row = await last(shop)
    assert labels(row) == []
    assert row.kind != "rating_request"


@pytest.fixture
def statements(shop: Shop) -> Iterator[list[str]]:
    """Those that look for what was told before."""
    found: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "consent" in statement and statement.lstrip().upper().startswith("SELECT"):
            found.append(statement)

    engine = shop.store.reader.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


async def test_the_store_is_asked_once_a_conversation_and_only_where_there_is_something_to_say(
    shop: Shop, statements: list[str]
) -> None:
    await strategy(shop, offer=OFFER, every_days=7)
    await customer(shop)
    await customer(shop, "eve", stage="loyalty")
    await hears(shop, QUESTION, "eve")
    assert statements == []
    await hears(shop, QUESTION)
    await hears(shop, QUESTION)
    assert len(statements) == 1
    shop.pass_time(days=1)
    await hears(shop, QUESTION)
    await hears(shop, QUESTION)
    assert len(statements) == 2
