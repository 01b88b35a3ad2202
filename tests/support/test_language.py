from time import process_time
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.words.language import LANGUAGES, detect, from_tag

EN, HANS, HANT = LANGUAGES


def plain(text: str, chat: str | None = None, client: str | None = None) -> str:
    return detect(text, chat=chat, client=client, default=EN)


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "how offen do i descale",
        "can i take it on a plane",
        "Ça va? I’d like a café crème",
        "Hi, this is 王小明, my grinder leaks",
    ],
)
def test_english(text: str) -> None:
    assert plain(text) == EN


@pytest.mark.parametrize(
    "text",
    [
        "在吗",
        "多久要除垢一次，为什么",
        "能带上飞机吗",
        "58 的粉碗还有吗",
        "又坏了！你们怎么修的",
        "删掉我的资料",
        "Breville 咖啡机漏水",
    ],
)
def test_simplified(text: str) -> None:
    assert plain(text, chat=HANT) == HANS


@pytest.mark.parametrize(
    "text",
    [
        "請問有人在嗎",
        "咖啡機多久要除垢",
        "58 的粉杯還有嗎",
        "又壞了！你們到底怎麼修的",
        "為什麼先接待我",
        "這台機器裡面漏水",
        "我的機器后面漏水",
        "咖啡機不出水，台灣有維修點嗎",
    ],
)
def test_traditional(text: str) -> None:
    assert plain(text, chat=HANS) == HANT


@pytest.mark.parametrize("text", ["你好", "多久除一次垢", "出水怪怪的", "那寄到香港呢", "只有一台"])
@pytest.mark.parametrize(
    ("chat", "client", "expected"),
    [
        (HANT, "zh-CN", HANT),
        (HANS, "zh-TW", HANS),
        (EN, "zh-TW", HANT),
        (None, "zh-hk", HANT),
        (None, "en", HANS),
        (None, None, HANS),
    ],
)
def test_han_of_both_scripts_keeps_chat_then_client_then_simplified(
    text: str, chat: str | None, client: str | None, expected: str
) -> None:
    assert plain(text, chat, client) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "Breville Barista",
        "https://shop.example/all/new/machines",
        "me@my.shop.example",
        "/tickets",
        "A1042 ?",
        "👍",
    ],
)
@pytest.mark.parametrize("chat", [HANS, HANT])
def test_few_latin_words_never_switch_a_chinese_chat(text: str, chat: str) -> None:
    assert plain(text, chat, client="en") == chat


def test_three_latin_words_do_switch() -> None:
    assert plain("where is it", HANT, "zh-TW") == EN


def test_a_link_is_no_english() -> None:
    assert plain("看这个https://shop.example/all/new/machines/for/you") == HANS


def test_few_words_in_a_new_chat_follow_the_client() -> None:
    assert plain("hi", client="zh-TW") == HANT
    assert plain("hi", client="fr") == EN


def test_chinese_with_many_foreign_words_stays_chinese_in_a_chinese_chat() -> None:
    assert plain("帮我查 order ABC status please now", HANS) == HANS


@pytest.mark.parametrize("text", ["コーヒーの水が出ない", "커피 기계", "кофе", "1042", "", "🙏🏽", "\u200b"])
def test_what_tells_nothing_keeps_chat_then_client_then_default(text: str) -> None:
    assert plain(text, HANT, "en") == HANT
    assert plain(text, None, "zh-CN") == HANS
    assert detect(text, chat=None, client="ja", default=HANT) == HANT


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-CN", HANS),
        ("zh-SG", HANS),
        ("zh", HANS),
        ("zh-hans", HANS),
        ("zh_Hans_HK", HANS),
        ("zh-TW", HANT),
        ("zh-HK", HANT),
        ("zh_MO", HANT),
        ("zh-Hant-US", HANT),
        ("en", EN),
        ("en-GB", EN),
        ("EN_us", EN),
        ("de", None),
        ("zha", None),
        ("", None),
        (None, None),
    ],
)
def test_tags(tag: str | None, expected: str | None) -> None:
    assert from_tag(tag) == expected


@given(st.text(), st.sampled_from([None, *LANGUAGES]), st.sampled_from([None, "zh-TW", "de", "en"]))
def test_always_one_of_ours(text: str, chat: str | None, client: str | None) -> None:
    assert plain(text, chat, client) in LANGUAGES


@given(st.text(alphabet="在吗嗎你好請问ok 1?！"), st.sampled_from([HANS, HANT]))
def test_a_chinese_chat_is_never_switched_to_english_by_han(text: str, chat: str) -> None:
    assert plain(text + "好", chat) in {HANS, HANT}


@pytest.mark.parametrize("chat", [None, EN, HANS])
def test_ascii_is_judged_within_twenty_microseconds(chat: str | None) -> None:
    text = "how often do i have to descale the machine if my water is hard"
    rounds = 2000
    assert min(timeit(lambda: plain(text, chat), number=rounds, timer=process_time) for _ in range(3)) / rounds < 20e-6


@pytest.mark.parametrize("text", ["好" * 4096, "a" * 4096, "a-" * 2048, "x@" * 2048, "www." * 1024, "/" * 4096])
def test_the_longest_message_is_judged_at_once(text: str) -> None:
    plain("你好")  # loads the conversion tables
    assert timeit(lambda: plain(text, HANS), number=1, timer=process_time) < 0.05
