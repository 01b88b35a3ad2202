"""Three well-known ways to find a phrasing, to be measured beside ours; an entry is as good as its best phrasing.

They see the same normal form of every text as ours does (faq.normalise), which only helps them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import bm25s
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.matching_methods import BEST, Finder, Method
from faq.entry import FaqEntry
from faq.matcher import Match
from faq.normalise import normalise

Floats = NDArray[np.float32]
Likeness = Callable[[Sequence[str]], Floats]
"""Questions → (questions × phrasings)."""

AT_ONCE = 200
"""Questions; more need memory."""
HELD_OUT = 5
"""Every fifth phrasing shows what a right score looks like …"""
MISSED = 0.1
"""… and this part of the right ones may fall below the threshold: the rule that the research notes measured with."""


def token_sort(phrasings: Sequence[str]) -> Likeness:
    """rapidfuzz's best for short questions."""
    return lambda asked: process.cdist(asked, phrasings, scorer=fuzz.token_sort_ratio, dtype=np.float32)


def bm25(phrasings: Sequence[str]) -> Likeness:
    """Okapi BM25 (Robertson) over runs of two to five characters within words."""
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)).build_analyzer()
    index = bm25s.BM25()
    index.index([pieces(phrasing) for phrasing in phrasings], show_progress=False)

    def scores(question: str) -> Floats:
        found = pieces(question)
        return np.asarray(index.get_scores(found) if found else np.zeros(len(phrasings)), np.float32)

    return lambda asked: np.array([scores(question) for question in asked])


def tfidf(phrasings: Sequence[str]) -> Likeness:
    """Cosine of TF-IDF over the same pieces: the nearest neighbour."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32)
    by_piece = vectorizer.fit_transform(phrasings).T.tocsr()
    return lambda asked: np.asarray((vectorizer.transform(asked) @ by_piece).toarray(), np.float32)


def nearest(kind: Callable[[Sequence[str]], Likeness]) -> Method:
    """The method that ranks entries by this likeness of their nearest phrasing."""

    def build(entries: Sequence[FaqEntry]) -> Finder:
        threshold = cache(lambda: _threshold(kind, entries))  # takes as long as all else and is seldom asked for
        return Finder(_finding(kind, entries), lambda found: found[0].confidence >= threshold())

    return build


def _finding(
    kind: Callable[[Sequence[str]], Likeness], entries: Sequence[FaqEntry]
) -> Callable[[Sequence[str]], list[list[Match]]]:
    likeness = kind([normalise(wording) for entry in entries for wording in entry.wordings])
    begins = np.cumsum([0, *(len(entry.wordings) for entry in entries[:-1])])

    def find(questions: Sequence[str]) -> list[list[Match]]:
        found = []
        for start in range(0, len(questions), AT_ONCE):
            asked = [normalise(question) for question in questions[start : start + AT_ONCE]]
            best_of_entry = np.maximum.reduceat(likeness(asked), begins, axis=1)
            found += [_best(scores, entries) for scores in best_of_entry]
        return found

    return find


def _best(scores: Floats, entries: Sequence[FaqEntry]) -> list[Match]:
    order = np.argsort(-scores, kind="stable")[:BEST]
    return [Match(entries[number].id, float(scores[number])) for number in order]


def _threshold(kind: Callable[[Sequence[str]], Likeness], entries: Sequence[FaqEntry]) -> float:
    """From the FAQ alone: what most of its own phrasings reach that are held out and found; 0 if none is."""
    held = [(entry.id, text) for entry in entries for text in entry.wordings[HELD_OUT - 1 :: HELD_OUT]]
    kept = [
        FaqEntry(entry.id, [text for place, text in enumerate(entry.wordings, 1) if place % HELD_OUT])
        for entry in entries
    ]
    found = _finding(kind, kept)([text for _, text in held])
    right = [best[0].confidence for (means, _), best in zip(held, found, strict=True) if best[0].entry_id == means]
    return float(np.quantile(right, MISSED)) if right else 0.0


BASELINES = {"token_sort": nearest(token_sort), "BM25": nearest(bm25), "TF-IDF": nearest(tfidf)}
