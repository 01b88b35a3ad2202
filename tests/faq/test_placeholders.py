"""Placeholders: what an admin may write, and that no customer ever sees a hole."""

import re
from itertools import product
from time import perf_counter

import pytest

from console.markdown import render
from faq.entry import LANGUAGES, FaqEntry
from faq.placeholders import KNOWN, faults, fill, names_in, problems
from handlers.rendering import parts
from support.talk.reply import Reply

ANNA = {"first_name": "Anna", "name": "Anna Berg", "order_number": "TD_4932", "order_status": "on its way"}
WEI = {"first_name": "陈伟", "order_number": "4932", "order_status": "已发货"}


# Filling


def test_a_known_fact_stands_in_its_place_and_a_fallback_where_it_is_unknown() -> None:
    text = "Hello {first_name|there}, welcome to {shop|our shop}."
    assert fill(text, ANNA | {"shop": "Kaffa"}) == "Hello Anna, welcome to Kaffa."
    assert fill(text, {}) == "Hello there, welcome to our shop."


def test_words_without_placeholders_stay_to_the_letter() -> None:
    text = "  Yes,\n\n\n- **no**  \n1. [link](https://a.example/?a=1&b=2) ……\n"
    assert fill(text, ANNA) == text
    assert faults(text) == []


def test_doubled_braces_are_braces() -> None:
    assert fill("Type {{code}} or {{{first_name|x}}}", ANNA) == "Type {code} or {Anna}"
    assert problems("Type {{code}}.") == []


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("Hello {first_name|}, welcome", "Hello Anna, welcome", "Hello, welcome"),
        ("Hello, {first_name|}!", "Hello, Anna!", "Hello!"),
        ("Hello, {first_name|}, your parcel left.", "Hello, Anna, your parcel left.", "Hello, your parcel left."),
        ("{first_name|}, your parcel left.", "Anna, your parcel left.", "Your parcel left."),
        ("Hi. {first_name|}, it left.", "Hi. Anna, it left.", "Hi. It left."),
        ("{first_name|}! It left.", "Anna! It left.", "It left."),
        ("Your order {order_number|} left.", "Your order TD\\_4932 left.", "Your order left."),
        ("Order #{order_number|} left.", "Order #TD\\_4932 left.", "Order left."),
        ("Your order ({order_number|}) left.", "Your order (TD\\_4932) left.", "Your order left."),
        ("It ({order_number|}, {order_date|}) left.", "It (TD\\_4932) left.", "It left."),
        ("Hello **{first_name|}**, hi", "Hello **Anna**, hi", "Hello, hi"),
        ("Latest: {order_number|none}, {order_status|}.", "Latest: TD\\_4932, on its way.", "Latest: none."),
        ("State: {order_status|}.", "State: on its way.", "State."),
        ("Well – {first_name|} – yes", "Well – Anna – yes", "Well – yes"),
        ("One\n\n{first_name|}\n\nTwo", "One\n\nAnna\n\nTwo", "One\n\nTwo"),
        ("- {order_number|}\n- Two", "- TD\\_4932\n- Two", "- Two"),
        ("[{order_number|}](https://a.example) left", "[TD\\_4932](https://a.example) left", "Left"),
    ],
)
def test_an_empty_place_closes(text: str, known: str, unknown: str) -> None:
    assert fill(text, ANNA) == known
    assert fill(text, {}) == unknown


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("{first_name|}，您好", "陈伟，您好", "您好"),
        ("{first_name|} 您好，欢迎", "陈伟 您好，欢迎", "您好，欢迎"),
        ("您好，{first_name|}！", "您好，陈伟！", "您好！"),
        ("您好{first_name|}，订单已发出", "您好陈伟，订单已发出", "您好，订单已发出"),
        ("您好，{first_name|}，订单已发出", "您好，陈伟，订单已发出", "您好，订单已发出"),
        ("订单 {order_number|} 正在路上", "订单 4932 正在路上", "订单正在路上"),
        ("订单（{order_number|}）正在路上", "订单（4932）正在路上", "订单正在路上"),
        ("订单「{order_number|}」：{order_status|}。", "订单「4932」：已发货。", "订单。"),
        ("最近的订单{order_number|}正在路上", "最近的订单 4932 正在路上", "最近的订单正在路上"),
        ("订单 {order_number|都} 在路上", "订单 4932 在路上", "订单都在路上"),
    ],
)
def test_an_empty_place_closes_in_chinese(text: str, known: str, unknown: str) -> None:
    assert fill(text, WEI) == known
    assert fill(text, {}) == unknown


@pytest.mark.parametrize("text", ["{first_name|}", "{order_number|}, {order_status|}.", "- {order_number|}\n{name|}"])
def test_nothing_may_be_left(text: str) -> None:
    assert fill(text, {}) == ""
    assert [fault.code for fault in faults(text)] == ["empty"]


# Values are strangers' words

NASTY = [
    "*Anna* _B_ **C**",
    "[free](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<b>Anna</b> &amp; <https://evil.example>",
    "`code` ~~gone~~ ||hidden||",
    "# Anna",
    "- Anna",
    "+ Anna",
    "1. Anna",
    "23) Anna",
    "> Anna",
    "---",
    "===",
    "$x^2$",
    "Anna\\",
    "{order_number|x}",
    "{{name}}",
]


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("text", ["{name|you}", "Hello {name|you}, welcome", "**{name|you}**!", "- {name|you}"])
def test_a_value_is_never_markup(value: str, text: str) -> None:
    expected = re.sub(r"\*\*|^- ", "", text).replace("{name|you}", value)
    filled = fill(text, {"name": value})
    shown, entities = parts(Reply(filled, markdown=True))[0]
    assert shown.removeprefix("⦁ ").strip() == expected
    assert {entity["type"] for entity in entities} <= {"bold"}
    page = re.sub(r"</?(p|strong|ul|li)>|\n", "", render(filled))
    assert "<" not in page
    assert page.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&") == expected


def test_a_value_in_an_address_stays_in_it() -> None:
    text = "[track it](https://shop.example/orders/{order_number|})"
    filled = fill(text, {"order_number": "A 1)/../?x=[2]"})
    assert filled == "[track it](https://shop.example/orders/A%201%29%2F..%2F%3Fx%3D%5B2%5D)"
    assert 'href="https://shop.example/orders/A%201%29%2F..%2F%3Fx%3D%5B2%5D"' in render(filled)
    assert fill(text, {}) == "[track it](https://shop.example/orders/)"


# What stands broken in the store


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("Hello {first_name}, hi", "Hello Anna, hi", "Hello, hi"),
        ("Hello {frist_name|there}, hi", "Hello there, hi", "Hello there, hi"),
        ("Hello {frist_name}, hi", "Hello, hi", "Hello, hi"),
        ("Hello {first_name|there, hi", "Hello there, hi", "Hello there, hi"),
        ("Hello {first_name, hi", "Hello Anna, hi", "Hello, hi"),
        ("Hello {{first_name|there}}, hi", "Hello Anna, hi", "Hello there, hi"),
        ("Hello {{first_name|there}, hi", "Hello Anna, hi", "Hello there, hi"),
        ("您好｛first_name｜朋友｝，欢迎", "您好 Anna，欢迎", "您好朋友，欢迎"),
        ("您好{first_name｜朋友}，欢迎", "您好 Anna，欢迎", "您好朋友，欢迎"),
        ("Hello { first_name | there }, hi", "Hello Anna, hi", "Hello there, hi"),
        ("Hello} there{, hi {}", "Hello there, hi", "Hello there, hi"),
    ],
)
def test_a_broken_placeholder_is_no_hole(text: str, known: str, unknown: str) -> None:
    assert fill(text, ANNA) == known
    assert fill(text, {}) == unknown


def test_whatever_is_written_no_brace_is_shown() -> None:
    for pieces in product(("{", "}", "|", "first_name", "，", " (", "好", "\n"), repeat=5):
        text = "".join(pieces)
        if "{{" not in text and "}}" not in text:  # which are braces on purpose
            assert not {"{", "}"} & set(fill(text, ANNA) + fill(text, {})), text


def test_a_flood_of_placeholders_takes_bounded_time() -> None:
    for text in (
        "{first_name|x}" * 2000,
        "{first_name|}" * 2000,
        "{" * 20000,
        "{first_name|" * 2000,
        "(" * 20000 + "{name|}",
    ):
        begun = perf_counter()
        fill(text, ANNA)
        faults(text)
        assert perf_counter() - begun < 2


# What is said to whoever writes them


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Hi {first_name}", "{first_name} needs a fallback: {first_name|there}"),
        ("Hi {order_number}", "{order_number} needs a fallback: {order_number|your order}"),
        ("Hi {first_name|there", "'{first_name|' has no partner; a brace itself is written {{ or }}"),
        ("Hi }", "'}' has no partner; a brace itself is written {{ or }}"),
        ("Hi {{first_name|there}}", "{{first_name|there}} is written with single braces: {first_name|there}"),
        ("您好｛name｝", "｛name｝ is written with single braces: {name|there}"),
        ("{first_name|}", "says nothing to a customer of whom nothing is known"),
    ],
)
def test_a_problem_says_how_to_mend_it(text: str, problem: str) -> None:
    assert problems(text) == [problem]


@pytest.mark.parametrize("text", ["Hi {nome|there}", "Hi {}", "Hi {First_Name|there}", 'Hi {"a": 1}'])
def test_an_unknown_name_lists_the_known_ones(text: str) -> None:
    (problem,) = problems(text)
    assert problem.endswith(f"is not known here; known are {', '.join(KNOWN)}")


def test_all_problems_are_told_at_once_in_order() -> None:
    assert [fault.code for fault in faults("{name} {nope|x}\n{ and {shop|us}")] == [
        "no_fallback",
        "unknown",
        "unpaired",
    ]


def test_a_long_line_in_braces_is_not_repeated_whole() -> None:
    assert len(problems("{" + "x" * 5000 + "}")[0]) < 200


def test_what_a_text_asks_for() -> None:
    assert names_in("{first_name|a} {order_date} {nope|b} {{shop}} {order_status") == {
        "first_name",
        "order_date",
        "shop",
        "order_status",
    }
    assert names_in("{{ }} plain") == set()


def test_the_sample_shop_shows_what_can_be_done(shop_faq: list[FaqEntry]) -> None:
    answers = [entry.answers for entry in shop_faq]
    answers += [variant.answers for entry in shop_faq for variant in entry.variants]
    assert not [problem for told in answers for text in told.values() for problem in problems(text)]
    assert all(set(told) == set(LANGUAGES) for told in answers)
    assert any(entry.variants for entry in shop_faq)
    asked = {language: [names_in(told[language]) for told in answers] for language in LANGUAGES}
    assert asked["en"] == asked["zh-Hans"] == asked["zh-Hant"]
    assert {"order_number", "order_status"} in asked["en"]
