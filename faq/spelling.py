"""Typing errors: an unknown word that is nearly one of the FAQ's is taken for it."""

from collections.abc import Iterable
from itertools import islice

from rapidfuzz import process
from rapidfuzz.distance import OSA

from faq.words import load_words

MOST_MENDED = 8
"""Unknown words that are looked up, which takes a while in a large FAQ; a text with more of them is no question."""
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
        tokens = text.split()
        unknown = list(islice((token for token in tokens if self._is_unknown(token)), MOST_MENDED))
        nearest = {token: self._nearest(token) for token in unknown}
        return " ".join(nearest.get(token, token) for token in tokens)

    def _is_unknown(self, token: str) -> bool:
        return (
            len(token) >= MIN_LENGTH and token not in self._known and token not in load_words() and not token.isdigit()
        )

    def _nearest(self, token: str) -> str:
        found = process.extractOne(
            token, self._candidates, scorer=OSA.normalized_similarity, score_cutoff=LEAST_LIKENESS
        )
        return found[0] if found else token
