"""Typing errors: an unknown word that is nearly one of the FAQ's is taken for it."""

from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from faq.words import load_words

MIN_LENGTH = 4
"""Shorter words are taken as they stand: one letter makes another word of them."""
LEAST_LIKENESS = 0.74
"""At most about one letter in four is wrong, missing, added or swapped; .74 lets one pass in four letters and two in
eight. On splits of the training data with one or two random errors a question this brings back four points of six."""


class Spelling:
    """Knows the words of an FAQ and those of the language; never changed."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._known = frozenset(vocabulary)
        self._candidates = sorted(word for word in self._known if len(word) >= MIN_LENGTH and not word.isdigit())

    def mended(self, text: str) -> str:
        """A normalised text, each word as the FAQ would write it."""
        return " ".join(map(self._mended, text.split()))

    def _mended(self, token: str) -> str:
        if len(token) < MIN_LENGTH or token in self._known or token in load_words().rows or token.isdigit():
            return token
        found = process.extractOne(
            token, self._candidates, scorer=OSA.normalized_similarity, score_cutoff=LEAST_LIKENESS
        )
        return found[0] if found else token
