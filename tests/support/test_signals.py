from time import process_time
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.words.signals import Signals, lone_number, read, yes_or_no

NOTHING = Signals()


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello!",
        "hellooo 👋",
        "Good morning, team",
        "hi there",
        "is anyone there?",
        "在吗",
        "在嗎？",
        "你好",
        "您好，请问有人在吗",
        "請問有人在嗎",
        "哈囉",
        "hi 你好",
    ],
)
def test_greetings(text: str) -> None:
    assert read(text) == Signals(greeting=True)


@pytest.mark.parametrize(
    "text",
    [
        "thanks",
        "Thank you so much!!",
        "ok great, thx 🙏",
        "No, thanks",
        "thanks for your help",
        "谢谢",
        "謝謝您",
        "好的，謝謝",
        "不用了，谢谢",
        "辛苦了",
    ],
)
def test_thanks(text: str) -> None:
    assert read(text) == Signals(thanks=True)


def test_both_courtesies() -> None:
    assert read("hello and thank you") == Signals(greeting=True, thanks=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hi, how do I descale?",
        "thanks, but where is my order?",
        "在吗，咖啡机漏水怎么办",
        "你好 多久除一次垢",
        "谢谢，那寄到香港呢",
        "how offen do i descale",
        "the water is strange",
        "出水怪怪的",
        "still got 58 mm baskets?",
        "58 的粉杯還有嗎",
        "delete my data",
        "請刪除我的資料",
        "为什么先接待我",
        "can i take it on a plane",
        "my personal details",
        "can I brew two cups at once",
        "除垢后可以立即使用吗",
        "你们提供什么服务",
        "不满意可以退吗",
        "水质很差怎么办",
        "你们用人工智能吗",
        "人工费多少钱",
        "how do I get my money back",
    ],
)
def test_a_plain_question_signals_nothing(text: str) -> None:
    assert read(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "can i speak to someone",
        "I'd like to talk to a real person",
        "a real person",
        "Agent please!",
        "a person",
        "human",
        "客服",
        "could you put me through to a manager?",
        "why can't I talk to a human",
        "I don't want a bot, I want a human",
        "no I want a human",
        "转人工",
        "人工",
        "人工客服",
        "找真人客服",
        "真人",
        "我要找客服",
        "轉接人工",
        "請幫我轉真人",
        "有没有人工客服",
        "没有人工客服吗",
        "为什么不转人工",
        "机器人没用转人工",
        "客戶服務員",
    ],
)
def test_asks_for_a_human(text: str) -> None:
    assert read(text) == Signals(wants_human=True)


@pytest.mark.parametrize(
    "text",
    [
        "no need to talk to a human",
        "I do not want to speak to an agent",
        "不用转人工",
        "先不要轉人工",
        "别给我转人工",
        "不需要人工客服",
    ],
)
def test_declines_a_human(text: str) -> None:
    assert read(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "the grinder broke AGAIN. ridiculous",
        "this is RIDICULOUS",
        "I want to make a complaint",
        "that's a rip-off",
        "I want my money back",
        "does not work this is ridiculous",
        "又坏了！你们怎么修的",
        "又壞了！你們到底怎麼修的",
        "投诉",
        "我要客訴",
        "太差",
        "服務態度很差",
        "太離譜了吧",
        "还我钱",
    ],
)
def test_complaints(text: str) -> None:
    assert read(text) == Signals(complaint=True)


@pytest.mark.parametrize(
    "text",
    [
        "no complaint",
        "this is not a complaint",
        "I don't want to make a complaint",
        "不是投诉",
        "我沒有要投訴",
        "你们没让我失望",
        "我没生气",
    ],
)
def test_denied_complaints(text: str) -> None:
    assert read(text) == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "URGENT",
        "need it asap",
        "the machine is not working, urgent",
        "it is an emergency",
        "急",
        "急！机器漏水",
        "很急",
        "緊急",
        "我很著急",
        "請盡快處理",
    ],
)
def test_urgent(text: str) -> None:
    assert read(text) == Signals(urgent=True)


@pytest.mark.parametrize(
    "text", ["not urgent", "it's not that urgent", "不急", "不着急", "不是很急", "没那么急", "可是不急"]
)
def test_not_urgent(text: str) -> None:
    assert read(text) == NOTHING


def test_signals_come_together() -> None:
    assert read("URGENT!! broken again, get me a manager") == Signals(wants_human=True, complaint=True, urgent=True)
    assert read("又坏了，急！转人工") == Signals(wants_human=True, complaint=True, urgent=True)


def test_asking_about_humans_is_no_wish_for_one() -> None:
    assert read("do I need to talk to someone to cancel") == NOTHING


@pytest.mark.parametrize(
    "text",
    [
        "are you a real person?",
        "Hi, are you a bot?",
        "is this a bot or a human",
        "你是真人吗",
        "您是真人還是機器人",
        "你是谁",
    ],
)
def test_asking_who_answers(text: str) -> None:
    assert read(text) == Signals(asks_who=True)


@pytest.mark.parametrize("text", ["是吗", "可以吗", "机器人没用转人工", "who are you shipping with"])
def test_not_asking_who_answers(text: str) -> None:
    assert not read(text).asks_who


@pytest.mark.parametrize("text", ["ok", "no", "好的", "嗯嗯", "got it"])
def test_politeness_alone(text: str) -> None:
    assert read(text) == Signals(polite=True)


@pytest.mark.parametrize("text", ["bye", "Goodbye!", "再见", "掰掰"])
def test_farewells(text: str) -> None:
    assert read(text) == Signals(farewell=True)


def test_thanks_and_farewell() -> None:
    assert read("ok thanks, bye") == Signals(thanks=True, farewell=True)


@pytest.mark.parametrize("text", ["you stupid bot", "Idiot!", "fuck you", "傻逼", "你是白痴吗", "真笨", "滚"])
def test_insults_alone(text: str) -> None:
    assert read(text) == Signals(insult=True)


@pytest.mark.parametrize("text", ["you idiots, where is my order", "白痴，我的订单呢", "真垃圾", "useless bot"])
def test_an_insult_with_a_matter_is_a_complaint(text: str) -> None:
    assert read(text) == Signals(complaint=True)


@pytest.mark.parametrize(
    "text", ["stupid question, but how do I descale", "滚轮怎么换", "操作步骤", "is it idiot-proof?"]
)
def test_words_that_only_look_like_insults(text: str) -> None:
    assert read(text) == NOTHING


@pytest.mark.parametrize(
    ("text", "expected"),
    [("👍", Signals(thanks=True)), ("🙏🙏", Signals(thanks=True)), ("😡", Signals(upset=True)), ("🍕", NOTHING)],
)
def test_signs_alone(text: str, expected: Signals) -> None:
    assert read(text) == expected


def test_an_upset_sign_beside_words_is_no_complaint() -> None:
    assert read("how do I descale 😡") == NOTHING


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5512", "5512"),
        ("#5512", "5512"),
        ("order 5512", "5512"),
        ("My order number is KT-5512.", "KT-5512"),
        ("订单号：5512", "5512"),
        ("訂單編號 5512", "5512"),
        ("５５１２", "5512"),
        ("2", "2"),
        ("V60", None),
        ("58 mm", None),
        ("5512 has not arrived", None),
        ("1" * 100_000, None),
        ("", None),
    ],
)
def test_a_lone_number(text: str, number: str | None) -> None:
    assert lone_number(text) == number


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes please", True),
        ("对", True),
        ("nope", False),
        ("不是", False),
        ("yes, but where is it", None),
        ("x" * 999, None),
    ],
)
def test_yes_or_no(text: str, answer: bool | None) -> None:
    assert yes_or_no(text) is answer


def test_zero_width_and_full_width_do_not_hide_words() -> None:
    assert read("转\u200b人工").wants_human
    assert read("ＡＳＡＰ").urgent


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    signals = read(text)
    assert not signals.small_talk or not (signals.wants_human or signals.complaint or signals.urgent)


@pytest.mark.parametrize("text", ["好的" * 2048, "不" * 4096, "not " * 1024, "a" * 4096, "hi " * 1365, "投诉不" * 1300])
def test_the_longest_message_is_read_at_once(text: str) -> None:
    read("你好")  # loads the conversion table
    assert timeit(lambda: read(text), number=1, timer=process_time) < 0.1
