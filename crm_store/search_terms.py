"""The words that the ledger is searched by, made here and not by a database, so that both match the same.

Words stay whole and lose their plural; a Chinese, Japanese or traditional character becomes a term together with its
successor, so that several in a row are found in a row, and one alone by the terms that begin with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from unicodedata import category, normalize

from opencc import OpenCC

LONGEST_TEXT = 16_000
"""Characters of one touchpoint that can be found; PostgreSQL counts no more than 16,383 places."""

LONGEST_QUERY = 200
MOST_PHRASES = 10
LONGEST_TERM = 64

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_CJK = re.compile(f"[{CJK}]")
_PIECE = re.compile(f"[{CJK}]+|[^\\W_{CJK}]+")
_QUOTED = re.compile(r'["“”„«»「」『』](.*?)(?:["“”„«»「」『』]|$)', re.DOTALL)
_PLURAL = re.compile(r"[a-z]{3,}s")
_APOSTROPHES = "'`\u2019"
_UNSEEN = ("Cf", "Cs")
_ACCENTS = range(0x300, 0x370)
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or a run of CJK characters, and where it begins in the folded text."""

    text: str
    start: int

    @property
    def is_cjk(self) -> bool:
        return bool(_IS_CJK.match(self.text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that must follow each other. `open_end`: the last one stands for all terms that begin with it."""

    terms: tuple[str, ...]
    open_end: bool = False


def terms(text: str) -> list[str]:
    """All terms of a text in order, each at its place; none if it holds no letter or digit. Never raises."""
    return [term for piece in pieces(fold(text[:LONGEST_TEXT])) for term in terms_of(piece)]


def fold(text: str) -> str:
    """One form for compatible characters, capitals, traditional script; without what nobody sees."""
    return normalize("NFKC", text).casefold().translate(_folding())


def pieces(folded: str) -> Iterator[Piece]:
    return (Piece(found.group(), found.start()) for found in _PIECE.finditer(folded))


def terms_of(piece: Piece) -> list[str]:
    """A word is one term; of CJK characters each one makes a term with its successor, and the last alone."""
    if piece.is_cjk:
        return [piece.text[at : at + 2] for at in range(len(piece.text))]
    return [_singular(piece.text)[:LONGEST_TERM]]


def pairs(followed: Sequence[str]) -> list[str]:
    """Terms for two terms in a row of which one is a word: PostgreSQL's index knows no order, and of words that are
    common each a phrase is found by its pairs. Two CJK terms in a row need none: they share a character."""
    return [f"{one}·{other}" for one, other in pairwise(followed) if not (_IS_CJK.match(one) and _IS_CJK.match(other))]


def tag(name: str, value: object) -> str:
    """A term that no text has, for what is known of a touchpoint besides its words, such as its channel."""
    return "§" + "·".join(_PIECE.findall(f"{name} {value}".casefold()))


def phrases(query: str) -> tuple[Phrase, ...]:
    """What a person asks for; all must be found. What stands in quotation marks or without a space belongs together."""
    query = query[:LONGEST_QUERY]
    together = [*_QUOTED.findall(query), *_QUOTED.sub(" ", query).split()]
    found = dict.fromkeys(phrase for words in together if (phrase := _phrase(words)))
    return tuple(found)[:MOST_PHRASES]


def _phrase(words: str) -> Phrase | None:
    """The last character of a run may be followed by any other."""
    found = list(pieces(fold(words)))
    wanted = [term for piece in found for term in terms_of(piece)]
    if not wanted:
        return None
    if not found[-1].is_cjk:
        return Phrase(tuple(wanted))
    is_alone = len(found[-1].text) == 1
    return Phrase(tuple(wanted if is_alone else wanted[:-1]), open_end=is_alone)


def _singular(word: str) -> str:
    """English plurals lose their ending: the S stemmer of D. Harman, "How effective is suffixing?" (1991)."""
    if not _PLURAL.fullmatch(word) or word.endswith(("us", "ss", "aes", "ees", "oes")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    return word[:-1]


class _Folding(dict[int, int | str | None]):
    """For str.translate; each character is looked up once. By single characters, so that a word of a text is written
    as the same word of a query, whatever surrounds it, and every letter keeps its place.
    """

    def __init__(self) -> None:
        super().__init__()
        self._simplifier = OpenCC("t2s")

    def __missing__(self, code: int) -> int | str | None:
        self[code] = self._folded(code)
        return self[code]

    def _folded(self, code: int) -> int | str | None:
        sign = chr(code)
        if sign in _APOSTROPHES or category(sign) in _UNSEEN or code in _ACCENTS or code in _SELECTORS:
            return None
        return str(self._simplifier.convert(sign)) if _IS_CJK.match(sign) else code


@cache
def _folding() -> _Folding:
    return _Folding()
