from time import process_time
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faq.questions import MOST_PIECES, asks, content, foreign, matter, same_matter, split


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Where is my order? And how do I descale?", ["Where is my order?", "how do I descale?"]),
        ("Where is my order?\nHow do I descale?", ["Where is my order?", "How do I descale?"]),
        ("where is my order and how do I descale", ["where is my order", "how do I descale"]),
        ("I want to return it, also how do I pay", ["I want to return it", "how do I pay"]),
        ("怎么退货？多久到账", ["怎么退货？", "多久到账"]),
        ("多久除垢一次，另外怎么退货", ["多久除垢一次", "怎么退货"]),
        ("怎麼退貨順便問一下運費多少", ["怎麼退貨", "運費多少"]),
        ("我的訂單到哪了？還有可以帶上飛機嗎", ["我的訂單到哪了？", "可以帶上飛機嗎"]),
        ("How often do I descale? 怎么退货", ["How often do I descale?", "怎么退货"]),
    ],
)
def test_questions_are_told_apart(text: str, pieces: list[str]) -> None:
    assert split(text) == pieces


@pytest.mark.parametrize(
    "text",
    [
        "It leaks. What can I do?",
        "机器漏水。怎么办？",
        "do you also sell beans",
        "58 的粉碗还有吗",
        "我的订单还有多久到",
        "it runs at 9.5 bar",
        "",
        "???",
        "。。。",
        "\u200b\u200b",
    ],
)
def test_one_matter_stays_whole(text: str) -> None:
    assert split(text) == [text]


def test_a_story_is_one_matter() -> None:
    assert len(split("It broke again. " * MOST_PIECES)) == MOST_PIECES
    assert len(split("It broke again. " * (MOST_PIECES + 1))) == 1


@given(st.text(max_size=300))
def test_any_text_can_be_split(text: str) -> None:
    assert 1 <= len(split(text)) <= MOST_PIECES


@pytest.mark.parametrize(
    "text", ["a" * 10_000, "a? " * 33_000, "还有" * 50_000, "and how " * 12_000, "a" + "\u0301" * 99_999]
)
def test_the_longest_message_is_split_at_once(text: str) -> None:
    split("你好")
    assert timeit(lambda: split(text), number=1, timer=process_time) < 0.05


@pytest.mark.parametrize("text", ["Can I take it on a plane?", "how do I descale", "能带上飞机吗", "运费多少"])
def test_a_question_of_its_own(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["What can I do?", "Is that normal?", "怎么办？", "It was a present.", "我昨天买的"])
def test_no_question_of_its_own(text: str) -> None:
    assert not asks(text)


def test_content_is_what_a_text_is_about() -> None:
    assert content("What does the delivery to Spain cost?") == {"delivery", "spain", "cost"}
    assert content("能帶上飛機嗎") == content("能带上飞机吗") == {"带上", "上飞", "飞机"}
    assert content("what can I do") == frozenset()


def test_same_matter() -> None:
    assert same_matter("can I take it on a plane", "is the plane allowed")
    assert same_matter("可以带上飞机吗", "上飞机要检查吗")
    assert not same_matter("can I take it on a plane", "do you buy old machines")
    assert not same_matter("机器漏水", "机场能取货吗")  # one character in common is no word in common


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It leaks. What can I do?", "It leaks."),
        ("机器漏水。怎么办？", "机器漏水。"),
        ("What can I do?", "What can I do?"),
        ("", ""),
        ("leak? " * 100_000, "leak? " * 100_000),
    ],
)
def test_what_says_nothing_of_its_own_is_left_out(text: str, left: str) -> None:
    assert matter(text) == left


def test_foreign_to_what_was_told() -> None:
    assert foreign("Can I take it on a plane?", "Where is my order?", "Send me the order number.")
    assert not foreign("Do I send the order number?", "Where is my order?", "Send me the order number.")
