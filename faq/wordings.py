"""How alike a question and the phrasings of an FAQ are.

Likeness is the mean of two. Of letters: rapidfuzz's ratio over words that were sorted once, when the FAQ was built
(token_sort_ratio without sorting every phrasing for every question). Of words: the share of weight that both hold,
where a word weighs by the rarity of the entries that use it and a stop-word nothing. So one shared common word cannot
carry a match, and a word that no phrasing knows speaks against all of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import log

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from faq.normalise import normalise
from faq.stop_words import STOP_WORDS

LETTERS_SHARE = 0.4
"""What the letters' likeness counts; the words' has the rest. On splits of BANKING77 and CLINC150 .2 to .6 do alike."""
ASKED_SHARE = 0.7
"""What an asked word that the phrasing lacks counts against a phrasing's word that was not asked (Tversky's index);
.5 to .8 do alike on the same splits, and what was asked for and is not there matters more."""
MAX_WORDS = 64
"""Words of a question that are weighed; with the cut of normalise this bounds the time for any message."""
LEAST_SPELLING = 0.8
"""An unknown word is a known one misspelt if at most one letter in five is wrong, missing, added or swapped."""
NEARLY = 0.99
"""The most that wordings with other words, or the same in another order, can reach: only the very words are 1."""
MIN_SPELLED = 5
"""Shorter words are taken as they stand: one letter makes another word of them."""


class Wordings:
    """The phrasings of an FAQ, a group for each entry, made ready to be compared with questions; never changed."""

    def __init__(self, groups: Sequence[Sequence[str]]) -> None:
        owned = [(number, normalise(phrasing)) for number, group in enumerate(groups) for phrasing in group]
        self._owners = [owner for owner, _ in owned]
        self._texts = [text for _, text in owned]
        self._keys = [_key(text.split()) for text in self._texts]
        self._spread = len(groups)
        self._entries_with = Counter(
            word for _, word in {(owner, word) for owner, text in owned for word in text.split()}
        )
        self._spellings = sorted(word for word in self._entries_with if len(word) >= MIN_SPELLED)
        contents = [_content(text.split()) for text in self._texts]
        self._totals = [sum(map(self._weight, words)) for words in contents]
        self._phrasings_with: defaultdict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(contents):
            for word in words:
                self._phrasings_with[word].append(number)

    def likeness(self, text: str) -> Iterator[tuple[int, float]]:
        """(number of the group, 0..1) for each phrasing that shares a word of weight, in no order; 1 means equal."""
        normal = normalise(text)
        words = [self._spelled(word) for word in normal.split()[:MAX_WORDS]]
        key, weights = _key(words), {word: self._weight(word) for word in _content(words)}
        asked = sum(weights.values())
        for number, shared in self._shared(weights).items():
            missing = ASKED_SHARE * (asked - shared) + (1 - ASKED_SHARE) * (self._totals[number] - shared)
            letters = fuzz.ratio(key, self._keys[number]) / 100
            likeness = LETTERS_SHARE * letters + (1 - LETTERS_SHARE) * shared / (shared + missing)
            yield self._owners[number], 1.0 if normal == self._texts[number] else min(likeness, NEARLY)

    def _spelled(self, word: str) -> str:
        """The known word of which this one is a typing error, else the word itself."""
        if word in self._entries_with or len(word) < MIN_SPELLED:
            return word
        nearest = process.extractOne(
            word, self._spellings, scorer=OSA.normalized_similarity, score_cutoff=LEAST_SPELLING
        )
        return nearest[0] if nearest else word

    def _shared(self, weights: dict[str, float]) -> dict[int, float]:
        """The weight that each phrasing shares with these words; phrasings that share none are left out."""
        shared: defaultdict[int, float] = defaultdict(float)
        for word, weight in weights.items():
            for number in self._phrasings_with.get(word, ()):
                shared[number] += weight
        return shared

    def _weight(self, word: str) -> float:
        return log(1 + self._spread / (self._entries_with[word] + 0.5))


def _key(words: Sequence[str]) -> str:
    return " ".join(sorted(words))


def _content(words: Sequence[str]) -> list[str]:
    """The different words that say something, in order; all of them if there are only stop-words."""
    different = list(dict.fromkeys(words))
    return [word for word in different if word not in STOP_WORDS] or different
