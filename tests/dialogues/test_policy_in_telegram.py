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


@pytest.mark.parametrize(
    ("client", "words", "closed", "matter", "noted"),
    [
        (
            "en",
            "can i speak to someone",
            "My colleagues are back tomorrow at 9:00. Tell me what it is about; they reply here first thing.",
            "the grinder hums",
            "Noted as request #1001.",
        ),
        ("zh-CN", "转人工", "明早 9:00 上班", "磨豆机嗡嗡响", "#1001"),
        ("zh-TW", "找真人客服", "明早 9:00 上班", "磨豆機嗡嗡響", "#1001"),
    ],
)
async def test_8_out_of_hours(
    tg: FakeTelegram, shop_store: Store, tmp_path: Path, client: str, words: str, closed: str, matter: str, noted: str
) -> None:
    async with open_shop(tg, shop_store, tmp_path, **closed_until_nine(datetime.now(UTC))) as shop:
        nia = shop.customer(language=client)
        nia.say(words)
        assert closed in (await one(shop, nia)).text
        nia.say(matter)
        heard = await one(shop, nia)
        assert noted in heard.text
        assert len(heard.labels) == 2
        (ticket,) = await shop.rows(select(Ticket))
        assert ticket.subject == matter
        topic = await shop.topic()
        assert matter in shop.in_topic(topic)
        nia.press(heard.labels[1])
        await one(shop, nia)
        (ticket,) = await shop.rows(select(Ticket))
        assert ticket.status == "closed"


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
