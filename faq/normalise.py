"""One form for a customer's words and the FAQ's, so that only wording can tell them apart.

Compatibility characters, case, traditional and simplified script, hidden characters, punctuation and long numbers all
vanish; each CJK character becomes a word of its own.
"""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

from faq.han import CJK

MAX_CHARACTERS = 1000
"""Longer texts are cut: no question needs more, and matching stays bounded."""

_CJK_CHARACTER = re.compile(f"([{CJK}])")
_HIDDEN = re.compile(
    # apostrophes too: "don't" is one word
    "['`\u2019\u00ad\u0000-\u0008\u000e-\u001f\u007f-\u009f\u0300-\u036f\u061c\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\ud800-\udfff\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e01ef]+"
)
_PUNCTUATION = re.compile(r"[\W_]+")
_UNIT = re.compile(r"(?<=\d)(?=[^\W\d])")
_LONG_NUMBER = re.compile(r"\d{4,}")
"""Order, card and phone numbers say nothing about the matter; 58 mm and 220 V do."""


def normalise(text: str) -> str:
    """Lower-case words with single spaces between them; empty if the text holds no letter or digit. Never raises."""
    text = _HIDDEN.sub("", unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold())
    text = _LONG_NUMBER.sub("0", _UNIT.sub(" ", _PUNCTUATION.sub(" ", text)))
    if _CJK_CHARACTER.search(text):
        text = _CJK_CHARACTER.sub(r" \1 ", _simplifier().convert(text))
    return " ".join(text.split())


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")
