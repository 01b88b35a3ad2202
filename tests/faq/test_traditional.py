import pytest

from faq.answers import answer_in, title_in
from faq.entry import FaqEntry
from faq.traditional import to_simplified, to_traditional


@pytest.mark.parametrize(
    ("simplified", "taiwan"),
    [
        ("保修期内", "保固期內"),
        ("发条信息给我", "發條訊息給我"),
        ("看视频", "看影片"),
        ("点链接", "點連結"),
        ("在线客服", "線上客服"),
        ("现在线上有人吗", "現在線上有人嗎"),
        ("质量问题", "品質問題"),
        ("服务单 #1042", "案件 #1042"),
        ("账号登录", "帳號登入"),
        ("冲煮头漏水", "沖煮頭漏水"),
        ("软件默认设置", "軟體預設設定"),
    ],
)
def test_taiwan_usage(simplified: str, taiwan: str) -> None:
    assert to_traditional(simplified) == taiwan


def test_back_to_simplified() -> None:
    assert to_simplified("請問機器漏水怎麼辦") == "请问机器漏水怎么办"


@pytest.mark.parametrize(
    ("answers", "asked", "found"),
    [
        (
            {"en": "Two years.", "zh-Hans": "保修两年。", "zh-Hant": "保固兩年喔。"},
            "zh-Hant",
            ("保固兩年喔。", "zh-Hant"),
        ),
        ({"en": "Two years.", "zh-Hans": "保修两年。"}, "zh-Hant", ("保固兩年。", "zh-Hant")),
        ({"en": "Two years.", "zh-Hant": "兩年。"}, "zh-Hans", ("两年。", "zh-Hans")),
        ({"en": "Two years.", "zh-Hans": "两年。"}, "fr", ("Two years.", "en")),
        ({"zh-Hans": "两年。"}, "en", ("两年。", "zh-Hans")),
        ({}, "en", None),
    ],
)
def test_answer_in_the_best_language(answers: dict[str, str], asked: str, found: tuple[str, str] | None) -> None:
    assert answer_in(FaqEntry("warranty", answers=answers), asked) == found


def test_default_language_comes_before_any_other() -> None:
    entry = FaqEntry("warranty", answers={"en": "Two years.", "zh-Hans": "两年。"})
    assert answer_in(entry, "fr", default="zh-Hans") == ("两年。", "zh-Hans")


def test_title_is_the_canonical_question() -> None:
    entry = FaqEntry("warranty", {"en": ["How long?", "Warranty"], "zh-Hans": ["保修多久？"]})
    assert title_in(entry, "en") == "How long?"
    assert title_in(entry, "zh-Hant") == "保固多久？"
    assert title_in(FaqEntry("flat", ["How long?"]), "zh-Hans") == "How long?"
    assert title_in(FaqEntry("nameless"), "en") == "nameless"
