"""Names that people give themselves, fit to stand in a line with other words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from faq.han import HAN

NAME_LENGTH = 128
LONGEST_READ = 1000
"""Characters; to compose marks that are piled up takes the square of their number."""

_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u00ad\u200b\u2060\ufeff]")
"""Marks that turn the direction of what follows, and invisible ones; joiners stay, emoji and Persian need them."""

_MARK = "\u0300-\u036f\u0488\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED = re.compile(f"([{_MARK}]{{2}})[{_MARK}]+")
"""No language writes more than two marks on one letter once they are composed."""

_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters by category that nobody sees."""

_HAN = re.compile(f"[{HAN}]")
_TITLES = frozenset("dr mr mrs ms miss mx prof professor sir madam herr frau".split())
_GIVEN = re.compile(r"[\W_]*([^\W\d_](?:['’-]?[^\W\d_])+)[\W_]*")
"""Two letters or more, whatever adornment is around them; an address has something else in its midst."""


@lru_cache(maxsize=4096)
def clean_name(name: str) -> str | None:
    """One line that cannot reach beyond itself; None where nothing of it can be seen."""
    composed = unicodedata.normalize("NFC", _TURNING.sub("", name)[:LONGEST_READ])
    line = " ".join(_PILED.sub(r"\1", composed).split())[:NAME_LENGTH].rstrip()
    return line if any(_is_seen(sign) for sign in line) else None


def first_name(name: str, language: str) -> str | None:
    """How a person is addressed: by the given name of a Latin name, by the whole of a Chinese one.

    Of "陈美 Mei Chen" the part that `language` (BCP 47) writes. None where the given name cannot be told: "J. Smith",
    "Mr Wang".
    """
    words = _in_order(clean_name(name) or "")
    chinese = "".join(_HAN.findall("".join(words)))
    latin = [word for word in words if not _HAN.search(word) and any(map(str.isalpha, word))]
    if chinese and (not latin or (language.startswith("zh") and len(chinese) > 1)):
        return chinese
    named = [word for word in latin if word.rstrip(".").casefold() not in _TITLES]
    if not named or len(named) == 1 < len(latin):
        return None
    given = _GIVEN.fullmatch(named[0])
    return given[1] if given else None


def _in_order(name: str) -> list[str]:
    """The words of a name, the family name last even where a list put it first: "Berg, Anna"."""
    family, comma, given = name.partition(",")
    return [*given.split(), *family.split()] if comma else name.split()


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CMZ" and sign not in _BLANK
