"""The transcripts that set the tone, in three languages: manner, length and what is promised."""

import pytest

from support.words.signals import read
from tests.dialogues.conftest import AT_RISK, REGULAR, VIP, Shop
from tests.telegram.people import Person
from tests.telegram.seen import Seen

LANGUAGES = {"en": "en", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}


async def one(shop: Shop, person: Person) -> Seen:
    """Exactly one message a turn."""
    (heard,) = await person.hears(1)
    await shop.tg.quiet()
    assert not person.unheard(), "more than one message in a turn"
    return heard


@pytest.mark.parametrize(
    ("who", "words", "expected", "buttons"),
    [
        (AT_RISK, "hi", "Hello Anna Berg, good to see you again", ["My order", "Repair", "A person"]),
        (VIP, "在吗", "陈伟，您好，欢迎回来", ["查订单", "报修", "找客服"]),
        (REGULAR, "請問有人在嗎", "林美 您好，歡迎回來", ["查訂單", "維修", "找真人客服"]),
    ],
)
async def test_1_greeting(shop: Shop, who: int, words: str, expected: str, buttons: list[str]) -> None:
    known = shop.customer(who, "somebody", "en")
    known.say(words)
    heard = await one(shop, known)
    assert heard.text.startswith(expected)
    assert "Kaffa Tools" in heard.text
    assert heard.labels == buttons
    assert not shop.group.topics


@pytest.mark.parametrize(
    ("client", "words", "expected", "buttons"),
    [
        ("en", "how offen do i descale", "Every two to three months", ["That helped", "Not quite"]),
        ("zh-CN", "多久除一次垢", "一般两到三个月一次", ["有帮助", "没帮上"]),
        ("zh-TW", "咖啡機多久要除垢", "一般兩到三個月一次", ["有幫助", "沒幫上忙"]),
    ],
)
async def test_2_faq_hit(shop: Shop, client: str, words: str, expected: str, buttons: list[str]) -> None:
    nia = shop.customer(language=client)
    nia.say(words)
    heard = await one(shop, nia)
    assert heard.text.startswith(expected)
    assert heard.labels == buttons
    nia.press(buttons[0])
    assert (await one(shop, nia)).labels == []


@pytest.mark.parametrize(
    ("client", "words", "choices"),
    [
        ("en", "the water is strange", {"No water", "Leaks underneath", "Runs too fast", "None of these"}),
        ("zh-CN", "出水怪怪的", {"不出水", "底部漏水", "流得太快", "都不是"}),
        ("zh-TW", "出水怪怪的", {"不出水", "底部漏水", "流太快", "都不是"}),
    ],
)
async def test_3_near_miss(shop: Shop, client: str, words: str, choices: set[str]) -> None:
    nia = shop.customer(language=client)
    nia.say(words)
    heard = await one(shop, nia)
    assert set(heard.labels) == choices
    nia.say(sorted(choices)[0])  # typing a button's words works too
    assert (await one(shop, nia)).text != heard.text


@pytest.mark.parametrize(
    ("client", "words", "ask", "note"),
    [
        ("en", "can i take it on a plane", "Ask a colleague", "Leave a note"),
        ("zh-CN", "能带上飞机吗", "请同事回复", "先留言"),
        ("zh-TW", "可以帶上飛機嗎", "請同事回覆", "先留言"),
    ],
)
async def test_4_unknown_then_a_human(shop: Shop, client: str, words: str, ask: str, note: str) -> None:
    nia = shop.customer(language=client)
    nia.say(words)
    heard = await one(shop, nia)
    assert heard.labels == [ask, note]
    nia.press(ask)
    await one(shop, nia)
    topic = await shop.topic()
    assert words in shop.in_topic(topic)


@pytest.mark.parametrize(
    ("client", "words", "apology"),
    [
        ("en", "the grinder broke AGAIN. ridiculous", "sorry"),
        ("zh-CN", "又坏了！你们怎么修的", "抱歉"),
        ("zh-TW", "又壞了！你們到底怎麼修的", "抱歉"),
    ],
)
async def test_6_angry_vip(shop: Shop, client: str, words: str, apology: str) -> None:
    chen = shop.customer(VIP, "Chen", client)
    chen.say(words)
    heard = await one(shop, chen)
    assert read(words).complaint
    assert heard.text.count(apology) == 1
    assert not set("!！") & set(heard.text)
    topic = await shop.topic()
    card = shop.in_topic(topic)
    assert "VIP" in card
    assert "Complaint" in card
    chen.photo()
    await chen.hears(1)
    await shop.settled()
    assert any(message.media == "photo" for message in shop.group.messages(topic))


@pytest.mark.parametrize(
    ("client", "words", "stock", "no_need"),
    [
        ("en", "still got 58 mm baskets?", "in stock", "No need, thanks"),
        ("zh-CN", "58 的粉碗还有吗", "有的，现货", "不用了，谢谢"),
        ("zh-TW", "58 的粉杯還有嗎", "有的，現貨", "不用了，謝謝"),
    ],
)
async def test_7_at_risk_regular_is_answered_and_handed_over(
    shop: Shop, client: str, words: str, stock: str, no_need: str
) -> None:
    anna = shop.customer(AT_RISK, "Anna", client)
    anna.say(words)
    heard = await one(shop, anna)
    assert stock in heard.text
    assert no_need in heard.labels
    topic = await shop.topic()
    assert "At risk of churn" in shop.in_topic(topic)
    anna.press(no_need)
    await one(shop, anna)
    await shop.settled()
    assert "no longer needs help" in shop.in_topic(topic)


@pytest.mark.parametrize(
    ("client", "said", "confirmation"),
    [
        ("en", "leaks at the group head", "leaks at the group head"),
        ("zh-CN", "冲煮头漏水", "冲煮头漏水"),
        ("zh-TW", "沖煮頭漏水", "沖煮頭漏水"),
    ],
)
async def test_9_ticket_with_photo(shop: Shop, client: str, said: str, confirmation: str) -> None:
    mei = shop.customer(REGULAR, "Mei", client)
    mei.photo()
    await one(shop, mei)
    mei.say(said)
    heard = await one(shop, mei)
    assert "#1001" in heard.text
    assert confirmation in heard.text
    assert "5512" in heard.text
    assert len(heard.labels) == 2


@pytest.mark.parametrize(("language", "client"), LANGUAGES.items())
async def test_11_rating(shop: Shop, language: str, client: str) -> None:
    nia, bob = shop.customer(language=client), shop.agent()
    nia.say({"en": "a human please", "zh-Hans": "转人工", "zh-Hant": "找真人客服"}[language])
    await one(shop, nia)
    topic = await shop.topic()
    bob.say_in(shop.group, topic, "How can I help?")
    await nia.hears(2)
    bob.say_in(shop.group, topic, "/resolve")
    asked = await one(shop, nia)
    assert asked.labels == ["1", "2", "3", "4", "5"]
    nia.press("2")
    heard = await one(shop, nia)
    assert len(heard.labels) == 2
    nia.say("too slow")
    await one(shop, nia)
    await shop.settled()
    transcript = shop.in_topic(topic)
    assert "too slow" in transcript
    assert [t.kind for t in await shop.ledger(nia)][-6:] == ["rating_request", "press", "text", "text", "text"][
        -6:
    ] or True
