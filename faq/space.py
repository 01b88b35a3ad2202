"""The space in which texts are compared: fitted to an FAQ's phrasings, then the same for phrasings and questions.

Four views are added by their shares. Three are cosines: of pieces of words and of words with their neighbours (TF-IDF),
and of what the words mean (a table of word vectors, whitened over the FAQ). The fourth is rapidfuzz's ratio of sorted
words. With the extra `semantic` a fifth says what the whole sentence means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from faq.grams import Parts, parts_of
from faq.meaning import Meaning
from faq.sparse import Sparse

Floats = NDArray[np.float32]
Encoder = Callable[[Sequence[str]], Floats]
"""Texts → (texts × dimensions) of length one: what whole sentences mean."""


BATCH = 5_000
"""Texts placed at a time, which bounds what is held beside the result."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What each view counts; they add up to one.

    Chosen on splits of the training parts of BANKING77 and CLINC150, where a tenth to or fro changes half a point. The
    ratio of letters is worth most where an entry has few phrasings; misspelt words are mended before (faq.spelling).
    """

    pieces: float
    words: float
    meaning: float
    letters: float
    sentence: float = 0.0


LEXICAL = Shares(pieces=0.47, words=0.20, meaning=0.28, letters=0.05)
SEMANTIC = Shares(pieces=0.20, words=0.10, meaning=0.13, letters=0.05, sentence=0.52)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts in the space: `sparse` (texts × parts), `dense` (texts × directions), `keys` their sorted words."""

    sparse: Sparse
    dense: Floats
    keys: Sequence[str]

    def __len__(self) -> int:
        return len(self.keys)

    def and_also(self, more: Texts) -> Texts:
        """These texts and then others of the same space."""
        return Texts(
            Sparse.stacked([self.sparse, more.sparse], self.sparse.width),
            np.vstack([self.dense, more.dense]),
            [*self.keys, *more.keys],
        )

    def only(self, rows: NDArray[np.intp]) -> Texts:
        """Some of the texts, in the order asked for."""
        return Texts(self.sparse.only(rows), self.dense[rows], [self.keys[row] for row in rows])


@dataclass(frozen=True, slots=True)
class Space:
    """Fitted once and never changed.

    `columns` are the numbers of all parts that the FAQ has, sorted, `rarity` the weight of each; `unseen` is the weight
    of any other part, which no phrasing has and which therefore speaks against all of them.
    """

    shares: Shares
    columns: NDArray[np.int32]
    rarity: Floats
    unseen: float
    meaning: Meaning
    encoder: Encoder | None = None

    @classmethod
    def fit(cls, texts: Sequence[str], owners: NDArray[np.intp], encoder: Encoder | None = None) -> Space:
        """From the normal forms of all phrasings and the entry of each."""
        columns, texts_with = np.unique(parts_of(texts).numbers, return_counts=True)
        rarity = (np.log((1 + len(texts)) / (1 + texts_with)) + 1).astype(np.float32)
        sentences = encoder(texts) if encoder and texts else None
        return cls(
            SEMANTIC if encoder else LEXICAL,
            columns,
            rarity,
            float(np.log(1 + len(texts)) + 1),
            Meaning.fit(texts, owners, sentences),
            encoder,
        )

    def place(self, texts: Sequence[str]) -> Texts:
        """Texts, in their normal form, as they lie in the space."""
        batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
        sparse = Sparse.stacked([self._rows(parts_of(batch)) for batch in batches], len(self.columns))
        return Texts(sparse, self._dense(texts), [" ".join(sorted(text.split())) for text in texts])

    def _rows(self, parts: Parts) -> Sparse:
        """Each view has the length of its share, parts included that are unseen."""
        at = np.searchsorted(self.columns, parts.numbers).clip(max=len(self.columns) - 1)
        seen = self.columns[at] == parts.numbers
        rarity = np.where(seen, self.rarity[at], np.float32(self.unseen))
        weights = (1 + np.log(parts.times.astype(np.float32))) * rarity
        views = np.repeat(np.arange(parts.sizes.size), parts.sizes.ravel())
        lengths = np.sqrt(np.bincount(views, weights**2, parts.sizes.size))
        shares = np.sqrt([self.shares.pieces, self.shares.words])
        values = weights * (shares[views % 2] / lengths[views])
        seen_in = np.bincount(views[seen] // 2, minlength=len(parts.sizes))
        return Sparse.of(values[seen].astype(np.float32), at[seen].astype(np.int32), seen_in, len(self.columns))

    def _dense(self, texts: Sequence[str]) -> Floats:
        sentences = self.encoder(texts) if self.encoder else None
        return self._weighed(*self.meaning.place(texts, sentences))

    def _weighed(self, words: Floats, whole: Floats) -> Floats:
        meaning, sentence = np.sqrt(np.array([self.shares.meaning, self.shares.sentence], np.float32))
        return np.hstack([words * meaning, whole * sentence])

    def likeness(self, asked: Texts, phrasings: Texts) -> Floats:
        """(asked × phrasings), 0..1 but for rounding; a little below 0 where the meanings are opposed."""
        return self.likeness_of_words(asked, phrasings) + asked.dense @ phrasings.dense.T

    def likeness_of_words(self, asked: Texts, phrasings: Texts) -> Floats:
        """(asked × phrasings): the part of the likeness that knows no meanings."""
        return asked.sparse.times_each(phrasings.sparse) + self._letters(asked.keys, phrasings.keys)

    def refitted(self, dense: Floats, owners: NDArray[np.intp], kept: NDArray[np.intp]) -> Floats:
        """The meanings of texts as they would lie if only the `kept` ones had taught how an entry's own differ."""
        words, whole = np.split(dense, [len(self.meaning.centre)], axis=1)
        return self._weighed(*self.meaning.refitted(words, whole, owners, kept))

    def likeness_of_few(self, texts: Texts) -> Floats:
        """(texts × texts): of a few to each other, several times faster."""
        alike = texts.sparse.times_themselves() + texts.dense @ texts.dense.T
        return alike + self._letters(texts.keys, texts.keys)

    def likeness_of_one(self, asked: Texts, phrasings: Texts) -> Floats:
        """(phrasings): the same for a single text, several times faster."""
        alike = phrasings.sparse.times(asked.sparse) + phrasings.dense @ asked.dense[0]
        return np.asarray(alike + self._letters(asked.keys, phrasings.keys)[0], np.float32)

    def _letters(self, asked: Sequence[str], phrasings: Sequence[str]) -> Floats:
        """The share that rapidfuzz's ratio of sorted words adds to the likeness."""
        ratio = process.cdist(asked, phrasings, scorer=fuzz.ratio, dtype=np.float32)
        return np.asarray(ratio * np.float32(self.shares.letters / 100))
