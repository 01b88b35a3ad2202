"""The phrasings of an FAQ, made ready to be compared with questions; never changed.

A small FAQ has one head, trained when the index is built. A large one would need a likeness for every pair of
phrasings, so it trains a small head for each question instead, over the phrasings nearest to it: nearly as good
(NEAREST), nothing to train when an entry changes, and some milliseconds a question.

Beside the phrasings stand some everyday questions that no shop's FAQ is about (faq/outside.txt): the head learns from
them what none of the entries means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from faq.head import OUTSIDE, STEPS, shares, train
from faq.normalise import normalise
from faq.space import BATCH, Encoder, Space, Texts
from faq.sparse import Sparse
from faq.spelling import Spelling

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]

MAX_TOKENS = 64
"""Words and Chinese characters of a question that are looked at; none needs more, and matching stays bounded."""
MAX_LETTERS = 400
"""Of those words, spaces included; also of what a sentence encoder reads. None of the 28,003 phrasings of BANKING77 and
CLINC150 has more."""
MAX_WORD = 100
"""Letters of a word that are looked at: more than any word has, and enough of a sentence in a script without spaces. An
encoder takes several times as long for what is no word."""
MOST_TRAINED = 2_000
"""Phrasings of an index with a head of its own; its likenesses take 16 MB."""
MOST_WEIGHTS = 500_000
"""Of that head, one for each phrasing and entry, everyday questions counted: what training takes grows with them. 1,500
entries of one phrasing each would have 2.7 million, which take ten seconds or more."""
NEAREST = 64
"""Phrasings that a question's own head is trained on."""
CLEAR = 0.7
"""The share of the best entry from which that head is believed."""
FEW = 15
"""Where the nearest belong to so few entries, each has so many phrasings that others get no word. If it is not CLEAR
either, a second look is taken over MORE phrasings: one question in seven on BANKING77 whole, and .6 points right."""
MORE = 200
VAGUE = 0.25
"""What is not so alike to any phrasing is no question of this FAQ, and a second look shows no more: of 4,800 held-out
questions none that got one was so vague. Chinese at random always is, and took twice as long."""
CANDIDATES = 300
"""Phrasings that are compared in full to find the nearest."""
COMMON = 0.02
"""Parts that stand in more than this share of the phrasings say too little to be looked up."""
LOCAL_STEPS = 25
ABOUT_THE_SAME = 0.6
"""An everyday question that is so like a phrasing may be what this FAQ is about. On splits of CLINC150 the others add
two in a hundred right answers where nine in ten foreign questions are refused; .3 to .6 do nearly alike."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Entries (by number) that a question may mean: the head's score and the likeness of the nearest phrasing."""

    entries: Numbers
    scores: Floats
    nearest: Floats


@dataclass(frozen=True, slots=True)
class Head:
    """What one question is judged by: `alike` to each of `phrasings`, `weights` (phrasings × entries) of the scores."""

    entries: Numbers
    phrasings: Numbers
    alike: Floats
    weights: Floats


_NONE = np.empty(0, np.intp)
NOTHING = Head(_NONE, _NONE, np.empty(0, np.float32), np.empty((0, 0), np.float32))


@dataclass(frozen=True)
class Index:
    """`owners` is each phrasing's entry by number, ascending; `weights` (phrasings × entries) is the head, if there is
    one for all questions.
    """

    space: Space
    texts: Texts
    owners: Numbers
    weights: Floats | None = None

    @classmethod
    def build(cls, texts: Sequence[str], owners: Sequence[int], encoder: Encoder | None = None) -> Index:
        """From the normal forms of all phrasings, in the order of their entries."""
        space = Space.fit(texts, np.array(owners, np.intp), encoder)
        return cls.over(space, space.place(texts), owners)

    @classmethod
    def over(cls, space: Space, texts: Texts, owners: Sequence[int]) -> Index:
        """From phrasings that are in their places; the questions that no FAQ is about come after them."""
        outside = foreign_to(space, texts)
        everything = np.array([*owners, *[OUTSIDE] * len(outside)], np.intp)
        return cls(space, texts.and_also(outside), everything).trained()

    def trained(self) -> Index:
        """The same with its head, where it is small enough to have one."""
        if not len(self.entries) or not self.is_small:
            return self
        likeness = self.space.likeness(self.texts, self.texts)
        return replace(self, weights=train_for(self.entries, self.owners, likeness))

    @property
    def is_small(self) -> bool:
        """Whether one head is trained for all questions, everyday questions counted."""
        return len(self.owners) <= MOST_TRAINED and len(self.owners) * len(self.entries) <= MOST_WEIGHTS

    @cached_property
    def entries(self) -> Numbers:
        """Entries that have phrasings, in the order of the columns of `weights`."""
        return entries_of(self.owners)

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.space.meaning.texts_with)

    def changed(self, texts: Sequence[str], owners: Sequence[int], known: Mapping[str, int]) -> Index:
        """Over other phrasings in the same space; `known` tells which row has a normal form already."""
        new = [text for text in texts if text not in known]
        rows = dict(known) | {text: len(self.texts) + row for row, text in enumerate(new)}
        placed = self.texts.and_also(self.space.place(new)).only(np.array([rows[text] for text in texts], np.intp))
        return Index.over(self.space, placed, owners)

    def ask(self, text: str) -> Ranking:
        """What a question, in its normal form, may mean."""
        head = self._head(text)
        return ranked(head.alike, self.owners[head.phrasings], head.weights, head.entries)

    def ask_many(self, texts: Sequence[str]) -> list[Ranking]:
        """What several questions may mean, none of them empty; a small index compares all of them at once."""
        if self.weights is None:
            return [self.ask(text) for text in texts]
        asked = self.space.place([self.spelling.mended(_beginning(text)) for text in texts])
        likeness = self.space.likeness(asked, self.texts)
        return [ranked(alike, self.owners, self.weights, self.entries) for alike in likeness]

    def parts_of(self, text: str, entry: int) -> list[tuple[int, float]]:
        """What each phrasing (by number) adds to the score of an entry (by number)."""
        head = self._head(text)
        if entry not in head.entries:
            return []
        added = head.alike * head.weights[:, np.searchsorted(head.entries, entry)]
        return list(zip(head.phrasings.tolist(), added.tolist(), strict=True))

    def ask_itself(self, row: int) -> Ranking:
        """What a phrasing may mean if it were not there itself."""
        head = self._head_of_its_own(self.texts.only(np.array([row])), without=row)
        return ranked(head.alike, self.owners[head.phrasings], head.weights, head.entries)

    def _head(self, text: str) -> Head:
        if not len(self.entries) or not text:
            return NOTHING
        asked = self.space.place([self.spelling.mended(_beginning(text))])
        if self.weights is not None:
            alike = self.space.likeness_of_one(asked, self.texts)
            return Head(self.entries, np.arange(len(self.owners)), alike, self.weights)
        return self._head_of_its_own(asked)

    def _head_of_its_own(self, asked: Texts, without: int | None = None) -> Head:
        likely = self._candidates(asked, without)
        alike = self.space.likeness_of_one(asked, self.texts.only(likely))
        head = self._head_over(likely, alike, NEAREST)
        return head if _is_vague(head) or _is_settled(head) else self._head_over(likely, alike, MORE)

    def _head_over(self, likely: Numbers, alike: Floats, count: int) -> Head:
        nearest = largest(alike, count)
        near, texts = likely[nearest], self.texts.only(likely[nearest])
        entries = entries_of(self.owners[near])
        weights = train_for(entries, self.owners[near], self.space.likeness_of_few(texts), LOCAL_STEPS)
        return Head(entries, near, alike[nearest], weights)

    def _candidates(self, asked: Texts, without: int | None) -> Numbers:
        """Phrasings that mean the same or share the rarer parts, the common ones left aside."""
        alike = self.texts.dense @ asked.dense[0]
        alike += self._postings.only(asked.sparse.columns).sum(asked.sparse.values)
        if without is not None:
            alike[without] = -np.inf
        return largest(alike, CANDIDATES)

    @cached_property
    def _postings(self) -> Sparse:
        """The phrasings that have each part, for all parts but those that stand everywhere."""
        parts = self.texts.sparse
        phrasings_with = np.bincount(parts.columns, minlength=parts.width)
        return parts.turned(phrasings_with <= max(COMMON * len(self.texts), CANDIDATES))


def _beginning(text: str) -> str:
    return " ".join(word[:MAX_WORD] for word in text.split()[:MAX_TOKENS])[:MAX_LETTERS]


def _is_vague(head: Head) -> bool:
    return bool(head.alike.max(initial=0) < VAGUE)


def _is_settled(head: Head) -> bool:
    """Whether the nearest phrasings tell enough."""
    return len(head.entries) > FEW or bool(shares((head.alike @ head.weights)[None]).max(initial=0) >= CLEAR)


def largest(values: Floats, count: int) -> Numbers:
    """Where the largest stand, in order of place."""
    count = min(count, len(values) - 1)
    return np.sort(np.argpartition(-values, count)[:count])


def ranked(alike: Floats, owners: Numbers, weights: Floats, entries: Numbers) -> Ranking:
    """From a question's likeness to phrasings whose `owners` ascend; `weights` has a column for each of `entries`."""
    ours = alike[: np.searchsorted(owners, OUTSIDE)]
    nearest = np.maximum.reduceat(ours, np.searchsorted(owners, entries)) if len(entries) else ours
    return Ranking(entries, alike @ weights, nearest)


def train_for(entries: Numbers, owners: Numbers, likeness: Floats, steps: int = STEPS) -> Floats:
    """A head with a column for each of `entries`, which are the owners but OUTSIDE."""
    columns = np.where(owners == OUTSIDE, OUTSIDE, np.searchsorted(entries, owners))
    return train(likeness, columns, len(entries), steps)


def entries_of(owners: Numbers) -> Numbers:
    return np.unique(owners[owners != OUTSIDE])


def foreign_to(space: Space, texts: Texts) -> Texts:
    """Everyday questions that this FAQ is not about."""
    if not len(texts):
        return texts
    outside = space.place(_outside())
    batches = (np.arange(start, min(start + BATCH, len(texts))) for start in range(0, len(texts), BATCH))
    nearest = np.max([space.likeness(outside, texts.only(rows)).max(axis=1) for rows in batches], axis=0)
    return outside.only(np.flatnonzero(nearest < ABOUT_THE_SAME))


@cache
def _outside() -> Sequence[str]:
    lines = files("faq").joinpath("outside.txt").read_text("utf-8").splitlines()
    return [normalise(line) for line in lines]
