"""What a shop offers and asks by the stage of its customers, in Telegram: once and in their language."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from crm_store.models import ContactPoint, Customer, Touchpoint
from crm_store.unit import Unit
from support.customers.consents import MARKETING, note
from support.judging import stored_strategies
from support.judging.strategies import STAGES, checked
from tests.dialogues.conftest import REGULAR, Shop

OFFER = {"text": {"en": "There is a manual for every machine.", "zh-Hans": "视频里也有步骤。"}, "entry": "manuals"}
ASK = {
    "text": {"en": "Did you find all you needed?", "zh-Hans": "需要的都找到了吗？"},
    "answers": [
        {"label": {"en": "All of it", "zh-Hans": "都找到了"}},
        {"label": {"en": "Some", "zh-Hans": "还差一点"}},
    ],
}


async def strategy(shop: Shop, **of_a_stage: Any) -> None:
    """The same for every stage."""

    async def put(unit: Unit) -> None:
        stored_strategies.put(unit, checked(dict.fromkeys(STAGES, of_a_stage)))

    await shop.store.run(put)
    await shop.desk.rules.refresh(shop.store)


async def test_offered_once_below_an_answer(shop: Shop) -> None:
    await strategy(shop, offer=OFFER)
    nia = shop.customer()
    nia.say("how often do I descale")
    (heard,) = await nia.hears(1)
    assert heard.text.startswith("Every two to three months")
    assert heard.text.endswith("\n\nThere is a manual for every machine.")
    title = heard.labels[-1]
    assert heard.labels == ["That helped", "Not quite", title]
    nia.say("where can I buy gift cards")
    await nia.hears(1)
    nia.say("how often do I descale")
    (again,) = await nia.hears(1)
    assert "manual" not in again.text
    said = [row for row in await shop.ledger(nia) if (row.payload or {}).get("strategy")]
    assert [(row.payload or {})["strategy"] for row in said] == ["awareness.offer"]


async def test_the_offer_leads_to_its_answer(shop: Shop) -> None:
    await strategy(shop, offer=OFFER)
    nia = shop.customer()
    nia.say("how often do I descale")
    (heard,) = await nia.hears(1)
    nia.press(heard.labels[-1])
    (told,) = await nia.hears(1)
    assert "manual" in told.text
    assert told.text != heard.text
    assert told.labels[:2] == ["That helped", "Not quite"]


async def test_a_regular_is_offered_and_asked_in_traditional_chinese(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    mei = shop.customer(REGULAR, "somebody", "zh-TW")
    mei.say("咖啡機多久要除垢")
    (heard,) = await mei.hears(1)
    assert heard.text.endswith("\n\n影片裡也有步驟。")
    mei.say("謝謝")
    (thanked,) = await mei.hears(1)
    assert thanked.text == "不客氣，有需要隨時找我。"  # one line is enough for one conversation
    await strategy(shop, ask=ASK)
    ling = shop.customer(103, "玲", "zh-TW")
    ling.say("咖啡機多久要除垢")
    await ling.hears(1)
    ling.say("謝謝")
    (asked,) = await ling.hears(1)
    assert asked.text.endswith("\n\n需要的都找到了嗎？")
    ling.press("都找到了")
    assert (await ling.hears(1))[0].text == "謝謝您告訴我們。"


async def test_nothing_in_a_complaint_nor_after_it(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    nia = shop.customer()
    nia.say("the grinder broke AGAIN. ridiculous")
    (sorry,) = await nia.hears(1)
    assert "sorry" in sorry.text
    assert "manual" not in sorry.text
    nia.press("No need, thanks")
    await nia.hears(1)
    nia.say("how often do I descale")
    (heard,) = await nia.hears(1)
    assert heard.labels == ["That helped", "Not quite"]
    nia.say("thanks")
    assert "find" not in (await nia.hears(1))[0].text


async def test_nothing_to_whoever_took_back_their_consent(shop: Shop) -> None:
    await strategy(shop, offer=OFFER, ask=ASK)
    nia = shop.customer()
    nia.say("hi")
    await nia.hears(1)
    query = select(Customer.id).join(ContactPoint).where(ContactPoint.address == str(nia.id))
    (customer,) = await shop.rows(query)

    async def take_back(unit: Unit) -> None:
        note(unit, customer, MARKETING, "chat", given=False)

    await shop.store.run(take_back)
    nia.say("how often do I descale")
    (heard,) = await nia.hears(1)
    assert heard.labels == ["That helped", "Not quite"]
    nia.say("thanks")
    assert "find" not in (await nia.hears(1))[0].text
    assert not [row for row in await shop.rows(select(Touchpoint)) if (row.payload or {}).get("strategy")]


async def test_a_stage_may_go_without_suggestions(shop: Shop) -> None:
    await strategy(shop, leave=["suggestions"])
    nia = shop.customer()
    nia.say("the water is strange")
    (heard,) = await nia.hears(1)
    assert heard.text.startswith("I don't know that for certain")
    assert heard.labels == ["Ask a colleague", "Leave a note"]
