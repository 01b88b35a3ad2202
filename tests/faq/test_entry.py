import pytest

from faq.entry import FaqEntry, is_entry_id


def test_flat_phrasings_have_no_language() -> None:
    entry = FaqEntry("returns", ["How do I return?", "Send it back"])
    assert entry.questions == {"und": ("How do I return?", "Send it back")}
    assert entry.wordings == ("How do I return?", "Send it back")


def test_phrasings_by_language() -> None:
    entry = FaqEntry("returns", {"en": ["How do I return?"], "zh-Hans": ["怎么退货？", "可以退货吗"]})
    assert entry.questions["zh-Hans"] == ("怎么退货？", "可以退货吗")
    assert entry.wordings == ("How do I return?", "怎么退货？", "可以退货吗")


def test_an_entry_without_phrasings_has_no_questions() -> None:
    assert FaqEntry("empty").questions == {}
    assert FaqEntry("empty", []).wordings == ()


@pytest.mark.parametrize("text", ["returns", "58-mm", "a" * 40])
def test_good_ids(text: str) -> None:
    assert is_entry_id(text)


@pytest.mark.parametrize("text", ["", "Returns", "a b", "a_b", "退货", "a\n", "a" * 41])
def test_bad_ids(text: str) -> None:
    assert not is_entry_id(text)
