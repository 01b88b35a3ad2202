"""The sample shop's form for returns in a private chat, and what agents see of it in the forum."""

from sqlalchemy import select

from crm_store.models import Ticket
from support.ticket_details import details_of
from tests.dialogues.conftest import REGULAR, Shop
from tests.telegram.people import Person


async def one(shop: Shop, person: Person) -> str:
    """What was said in a turn: one message and no more."""
    (heard,) = await person.hears(1)
    await shop.settled()
    assert not person.unheard(), "more than one message in a turn"
    return heard.text


async def test_a_return_is_registered_and_agents_read_it(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("How do I return an item?")
    assert (await one(shop, nia)).endswith("Which order shall I register?")
    nia.say("5599")
    assert (await one(shop, nia)).startswith("I can't see that one among your orders; could you check it, please?")
    nia.say("5599")
    assert await one(shop, nia) == "I've noted it in your words. What is the reason?"
    nia.press("Faulty or damaged")
    assert await one(shop, nia) == "Anything else we should know?"
    nia.photo()
    assert await one(shop, nia) == "Thank you, that goes with it. Anything else we should know?"
    nia.say("the lid is cracked")
    assert "What is the reason? Faulty or damaged\n" in await one(shop, nia)
    nia.press("Correct")
    await one(shop, nia)
    nia.press("What is the reason?")
    await one(shop, nia)
    nia.say("wrong itme")
    assert "What is the reason? Wrong item\n" in await one(shop, nia)
    nia.press("Send")
    assert "Request #1001: “How do I return an item?”, 1 photo." in await one(shop, nia)
    card = shop.in_topic(await shop.topic())
    assert "Request #1001: How do I return an item?" in card
    assert "Which order shall I register? “5599” (their words, please check)" in card
    assert "What is the reason? Wrong item" in card
    assert "Anything else we should know? the lid is cracked" in card
    assert "Faulty" not in card.split("Request #1001")[1].split("Why")[0]


async def test_in_traditional_chinese_left_and_handed_over(shop: Shop) -> None:
    mei = shop.customer(REGULAR, "Mei", language="zh-hant")
    mei.say("要怎麼退貨？")
    assert (await one(shop, mei)).endswith("要幫您登記哪一張訂單？")
    mei.say("5512")
    assert await one(shop, mei) == "是什麼原因呢？"
    mei.say("算了")
    assert await one(shop, mei) == "好的，先不填了，什麼都沒有送出。有需要隨時找我。"
    assert not await shop.rows(select(Ticket))
    mei.say("要怎麼退貨？")
    await one(shop, mei)
    mei.say("5512")
    await one(shop, mei)
    mei.say("找真人客服")
    await one(shop, mei)
    (ticket,) = await shop.rows(select(Ticket))
    (order,) = details_of(ticket.details)
    assert (order.slot, order.answer, order.sure) == ("order_number", "5512", True)
    assert "Which order shall I register? 5512" in shop.in_topic(await shop.topic())
    assert not await shop.set_aside()


async def test_an_edited_answer_is_corrected(shop: Shop) -> None:
    mei = shop.customer(REGULAR, "Mei")
    mei.say("How do I return an item?")
    await one(shop, mei)
    wrong = mei.say("5521")
    assert "check it" in await one(shop, mei)
    mei.edit(wrong, "5512")
    assert await one(shop, mei) == "What is the reason?"
    reason = mei.say("wrong item")
    assert await one(shop, mei) == "Anything else we should know?"
    mei.edit(reason, "faulty")
    assert await one(shop, mei) == "Thanks, I've noted the change. Anything else we should know?"
    mei.say("skip")
    assert "Which order shall I register? 5512\nWhat is the reason? Faulty or damaged\n" in await one(shop, mei)
