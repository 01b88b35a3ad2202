"""The table of what words mean."""

import numpy as np
import pytest

from faq.words import is_han, load_words


@pytest.mark.parametrize("word", ["a", "parcel", "package", "咖", "机器", "一系列", "龟"])
def test_a_word_of_the_table_has_a_vector(word: str) -> None:
    assert word in load_words()
    (row,) = np.flatnonzero(load_words().sorted == word.encode())
    assert (load_words().vectors_of([word]) == load_words().vectors[row] * load_words().scale).all()


@pytest.mark.parametrize("word", ["", "parcex", "parcelparcel", "zzzz", "龟龟龟", "\U0010ffff", "\ud800", "é" * 99])
def test_a_word_that_is_not_there_is_not_found(word: str) -> None:
    assert word not in load_words()


def test_it_is_in_the_order_that_it_is_looked_up_by() -> None:
    words = load_words().sorted
    assert (words[1:] > words[:-1]).all()


@pytest.mark.parametrize("token", ["一", "龥", "㐂", "〇", "豈", "𠮷", "退货"])
def test_rare_characters_are_chinese_too(token: str) -> None:
    assert is_han(token)


@pytest.mark.parametrize("token", ["a", "é1", "7", "ア", "한", "々", "🙏", "a退"])
def test_other_words_are_not(token: str) -> None:
    assert not is_han(token)


def test_chinese_is_read_by_its_longest_words() -> None:
    assert list(load_words().found_in("我 的 机 器 嘎 qqqq parcel".split()))[:2] == ["我的", "机器"]
