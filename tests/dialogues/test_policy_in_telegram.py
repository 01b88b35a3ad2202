"""Who reaches a human, as a customer lives it: refusals, worth, courtesy, the queue, and closed doors."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_store.models import ContactPoint, Customer, Escalation, Ticket
from crm_store.store import Store
from tests.dialogues.conftest import AT_RISK, MAJOR, OTHER_AGENT, VIP, Shop, open_shop
from tests.telegram.people import Person
from tests.telegram.seen import Seen
from tests.telegram.server import FakeTelegram

UNKNOWN = ("can i take it on a plane", "do whales drink tea", "who was the first emperor")
DESCALE = "how offen do i descale"


async def one(shop: Shop, person: Person) -> Seen:
    (heard,) = await person.hears(1)
    await shop.settled()
    assert not person.unheard(), "more than one message in a turn"
    return heard


async def reasons(shop: Shop) -> list[list[str]]:
    found = await shop.rows(select(Escalation).order_by(Escalation.id))
    return [[reason["code"] for reason in escalation.reasons] for escalation in found]


async def test_two_failures_bring_a_human(shop: Shop) -> None:
    nia, ann = shop.customer(), shop.customer(102, "Ann")
    nia.say(UNKNOWN[0])
    assert (await one(shop, nia)).labels == ["Ask a colleague", "Leave a note"]
    nia.say(UNKNOWN[1])
    assert "A colleague will answer you here" in (await one(shop, nia)).text
    ann.say("the water is strange")
    await one(shop, ann)
    ann.press("None of these")
    assert (await one(shop, ann)).labels == ["Ask a colleague", "Leave a note"]
    ann.say("the water is strange")
    await one(shop, ann)
    ann.press("None of these")
    assert "A colleague will answer you here" in (await one(shop, ann)).text
    assert await reasons(shop) == [["failed_answers"]] * 2
    assert UNKNOWN[1] in shop.in_topic(shop.group.topics[0].thread_id)


@pytest.mark.parametrize(("who", "tier"), [(VIP, "vip"), (MAJOR, "major")])
async def test_the_valuable_are_queued_at_once_and_told(shop: Shop, who: int, tier: str) -> None:
    chen = shop.customer(who, "Chen")
    for courtesy in ("hi", "thanks", "在吗", "谢谢", "/start"):
        chen.say(courtesy)
        await one(shop, chen)
    assert not await reasons(shop), "courtesy never escalates"
    chen.say(UNKNOWN[0])
    told = await one(shop, chen)
    assert "you're next" in told.text
    for inside in ("VIP", "tier", "risk", "score", "queue"):
        assert inside.lower() not in told.text.lower()
    assert await reasons(shop) == [[tier, "no_answer"]]


async def test_the_valuable_are_answered_and_queued(shop: Shop) -> None:
    chen, bob = shop.customer(VIP, "Chen"), shop.agent()
    chen.say(DESCALE)
    answer = await one(shop, chen)
    assert answer.text.startswith("Every two to three months")
    assert "will look in shortly" in answer.text
    assert answer.labels == ["That helped", "Not quite", "No need, thanks"]
    codes = await reasons(shop)
    assert codes[0][0] == "vip"
    assert codes[0][-1] == "confident_answer"
    topic = await shop.topic()
    bob.say_in(shop.group, topic, "/claim")
    await one(shop, chen)
    chen.press("Not quite")
    await shop.settled()
    assert chen.answers()[-1]["text"] == "A colleague is already here with you and reads what you write."
    assert not chen.unheard(), "the bot does not speak over a human"


async def test_in_the_queue_only_confident_questions_are_answered(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    nia.say(UNKNOWN[0])
    assert "is with my colleagues" in (await one(shop, nia)).text
    nia.say(UNKNOWN[1])
    nia.say("the water is strange")
    await shop.settled()
    assert not nia.unheard(), "said once, then recorded"
    nia.say(DESCALE)
    assert (await one(shop, nia)).text.startswith("Every two to three months")
    transcript = shop.in_topic(topic)
    assert all(f"Nia: {words}" in transcript for words in (*UNKNOWN[:2], "the water is strange", DESCALE))
    assert "Bot: Every two to three months" in transcript
    bob.say_in(shop.group, topic, "/claim")
    await one(shop, nia)
    for words in (DESCALE, UNKNOWN[0], "hi", "thanks", "a human please", "ridiculous"):
        nia.say(words)
    nia.photo()
    await shop.settled()
    assert not nia.unheard(), "silent once claimed"


async def test_a_place_is_told_once_and_again_only_if_it_got_better(shop: Shop) -> None:
    nia, ann, eve = shop.customer(), shop.customer(102, "Ann"), shop.agent(OTHER_AGENT, "Eve")
    topic = await shop.handed_over(nia)
    ann.say("a human please")
    assert "you're number 2 in line" in (await one(shop, ann)).text
    ann.say("a human please")
    assert "number" not in (await one(shop, ann)).text
    eve.say_in(shop.group, topic, "/claim")
    await one(shop, nia)
    ann.say("a human please")
    assert (await one(shop, ann)).text == "You've moved up; you're next."
    ann.say("a human please")
    assert "next" not in (await one(shop, ann)).text


async def test_no_need_leaves_the_queue(shop: Shop) -> None:
    anna = shop.customer(AT_RISK, "Anna")
    anna.say(UNKNOWN[0])
    await one(shop, anna)
    anna.press("No need, thanks")
    await one(shop, anna)
    (escalation,) = await shop.rows(select(Escalation))
    (ticket,) = await shop.rows(select(Ticket))
    assert (escalation.outcome, ticket.status) == ("not_needed", "closed")


def closed_until_nine(now: datetime) -> dict[str, str]:
    """Settings of a shop where it is early afternoon now and that opens for an hour at nine."""
    ahead = 13 - now.hour  # Etc/GMT-5 is five hours ahead of UTC
    return {"timezone": f"Etc/GMT{-ahead:+d}" if ahead else "UTC", "working_hours": "Mon-Sun 09:00-10:00"}


TRANSCRIPT_8 = {
    "en": (
        "can i speak to someone",
        "My colleagues are back tomorrow at 9:00. Tell me what it is about; they reply here first thing.",
        "the grinder hums",
        "Noted as request #{}.",
        ["Add", "Cancel"],
    ),
    "zh-CN": (
        "转人工",
        "客服同事明早 9:00 上班。您先把事情写给我，一上班就在这里回复您。",
        "磨豆机嗡嗡响",
        "记下了，服务单 #{}。",
        ["补充", "取消"],
    ),
    "zh-TW": (
        "找真人客服",
        "客服同事明早 9:00 上班。您先把狀況寫給我，一上班就在這裡回覆您。",
        "磨豆機嗡嗡響",
        "記下來了，案件 #{}。",
        ["補充", "取消"],
    ),
}


async def test_8_out_of_hours(tg: FakeTelegram, shop_store: Store, tmp_path: Path) -> None:
    async with open_shop(tg, shop_store, tmp_path, **closed_until_nine(datetime.now(UTC))) as shop:
        for n, (client, (words, closed, matter, noted, labels)) in enumerate(TRANSCRIPT_8.items(), 1001):
            nia = shop.customer(n, language=client)
            nia.say(words)
            assert (await one(shop, nia)).text == closed
            nia.say(matter)
            heard = await one(shop, nia)
            assert heard.text == noted.format(n)
            assert heard.labels == labels
            *_, ticket = await shop.rows(select(Ticket).order_by(Ticket.number))
            assert ticket.subject == matter
            assert matter in shop.in_topic(await shop.topic())
            nia.press(labels[0])
            await one(shop, nia)
            nia.say(words)
            added = await one(shop, nia)
            assert str(n) in added.text
            nia.press(added.labels[1])
            await one(shop, nia)
        assert {ticket.status for ticket in await shop.rows(select(Ticket))} == {"closed"}
        assert {escalation.outcome for escalation in await shop.rows(select(Escalation))} == {"cancelled"}


async def test_out_of_hours_nothing_is_promised_that_the_clock_does_not_support(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path
) -> None:
    async with open_shop(tg, shop_store, tmp_path, **closed_until_nine(datetime.now(UTC))) as shop:
        nia, chen = shop.customer(), shop.customer(VIP, "Chen")
        nia.say(UNKNOWN[0])
        assert "back tomorrow at 9:00" in (await one(shop, nia)).text
        nia.say("/ticket the kettle leaks")
        assert "tomorrow" not in (await one(shop, nia)).text, "eight working hours are eight days here"
        chen.say(DESCALE)
        assert "once we are back tomorrow at 9:00" in (await one(shop, chen)).text
        chen.say("the grinder broke AGAIN. ridiculous")
        assert "first thing" in (await one(shop, chen)).text or "colleagues" in (await chen.last()).text


async def test_a_telegram_id_of_the_shops_file_is_the_same_customer(shop: Shop) -> None:
    anna = shop.customer(AT_RISK, "somebody")
    anna.say("hi")
    await one(shop, anna)
    query = select(Customer).join(ContactPoint, ContactPoint.customer_id == Customer.id)
    (customer,) = await shop.rows(query.where(ContactPoint.address == str(AT_RISK)))
    assert customer.external_id == "C-1003"


async def test_released_the_bot_speaks_again_and_says_once_more_who_has_it(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    topic = await shop.handed_over(nia)
    nia.say(UNKNOWN[0])
    assert "is with my colleagues" in (await one(shop, nia)).text
    bob.say_in(shop.group, topic, "/claim")
    await one(shop, nia)
    nia.say(DESCALE)
    await shop.settled()
    assert not nia.unheard()
    bob.say_in(shop.group, topic, "/release")
    await shop.settled()
    nia.say(DESCALE)
    assert (await one(shop, nia)).text.startswith("Every two to three months")
    nia.say(UNKNOWN[1])
    assert "is with my colleagues" in (await one(shop, nia)).text
    nia.say(UNKNOWN[2])
    await shop.settled()
    assert not nia.unheard()


async def test_the_second_answer_that_does_not_help_brings_a_human(shop: Shop) -> None:
    nia = shop.customer()
    nia.say(DESCALE)
    await one(shop, nia)
    nia.press("Not quite")
    if (await one(shop, nia)).labels == ["That helped", "Not quite"]:
        nia.press("Not quite")
        await one(shop, nia)
    assert (await nia.last()).text == "A colleague will answer you here; you're next."
    assert await reasons(shop) == [["failed_answers"]]


async def test_a_complaint_is_met_with_one_apology(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("the grinder broke AGAIN. ridiculous")
    assert (await one(shop, nia)).text.startswith("I'm sorry")
    nia.say("this is ridiculous")
    assert "sorry" not in (await one(shop, nia)).text
    assert await reasons(shop) == [["complaint", "service_risk"]]


async def test_a_complaint_tells_no_place_a_second_time(shop: Shop) -> None:
    nia, bob = shop.customer(), shop.agent()
    for n in range(3):  # an estimate needs as many claims
        topic = await shop.handed_over(shop.customer(500 + n, "Guest"))
        bob.say_in(shop.group, topic, "/claim")
        await shop.settled()
    nia.say("a human please")
    assert (await one(shop, nia)).text == "A colleague will answer you here; you're next, in about 1 minute."
    nia.say("the grinder broke AGAIN. ridiculous")
    heard = await one(shop, nia)
    assert heard.text.startswith("I'm sorry")
    assert "next" not in heard.text


async def test_courtesy_is_no_request(shop: Shop) -> None:
    nia = shop.customer()
    nia.say("/ticket")
    await one(shop, nia)
    nia.say("thanks")
    assert (await one(shop, nia)).text.startswith("You're welcome")
    assert not await reasons(shop)
    nia.say("the kettle leaks")
    assert "“the kettle leaks”" in (await one(shop, nia)).text
