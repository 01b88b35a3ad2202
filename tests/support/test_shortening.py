"""Words that must stay on one line."""

import pytest

from support.words.shortening import shortened


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("ten signs!", "ten signs!"),
        ("two\n lines", "two lines"),
        ("more than ten", "more than…"),
        ("a space at the cut", "a space a…"),
        ("nine sign s", "nine sign…"),
        ("", ""),
    ],
)
def test_a_line_of_ten_characters(text: str, short: str) -> None:
    assert shortened(text, 10) == short
