import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.normalise import MAX_CHARACTERS, normalise


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("How do I DESCALE?!", "how do i descale"),
        ("don't panic", "dont panic"),
        ("ＡＢＣ　ｄｅｆ", "abc def"),
        ("咖啡機，多久要除垢？", "咖 啡 机 多 久 要 除 垢"),
        ("我想用Wi-Fi", "我 想 用 wi fi"),
        ("where is #2041987?", "where is 0"),
        ("58mm or 58 mm", "58 mm or 58 mm"),
        ("\u202ezero\u200bwidth\u202c", "zerowidth"),
        ("e\u0301\u0301\u0301spresso", "éspresso"),
        ("tab\tand\nline", "tab and line"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("🙂☕️", ""),
        ("…?!", ""),
        ("", ""),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert normalise(text) == normal


def test_traditional_and_simplified_are_the_same() -> None:
    assert normalise("請問運費怎麼算") == normalise("请问运费怎么算")


@given(st.text(st.characters(codec=None)))
@settings(deadline=None)
def test_any_text_has_a_normal_form_without_capitals_or_double_spaces(text: str) -> None:
    normal = normalise(text)
    assert normal == " ".join(normal.split())
    assert normal == normal.casefold()  # which writes Cherokee in capitals


def test_a_huge_message_is_cut() -> None:
    assert len(normalise("a" * 100_000)) == MAX_CHARACTERS
    assert len(normalise("水" * 100_000)) < 2 * MAX_CHARACTERS
