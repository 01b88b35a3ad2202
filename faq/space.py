"""The space in which texts are compared: fitted to an FAQ's phrasings, then the same for phrasings and questions.

Four views are added by their shares. Three are cosines: of pieces of words and of words with their neighbours (TF-IDF),
and of what the words mean (a table of word vectors, whitened over the FAQ). The fourth is rapidfuzz's ratio of sorted
words. With the extra `semantic` a fifth says what the whole sentence means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy.sparse import csr_array, vstack

from faq import grams
from faq.meaning import Meaning

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

    sparse: csr_array
    dense: Floats
    keys: Sequence[str]

    def __len__(self) -> int:
        return len(self.keys)

    def and_also(self, more: Texts) -> Texts:
        """These texts and then others of the same space."""
        sparse = csr_array(vstack([self.sparse, more.sparse]))
        return Texts(sparse, np.vstack([self.dense, more.dense]), [*self.keys, *more.keys])

    def only(self, rows: NDArray[np.intp]) -> Texts:
        """Some of the texts, in the order asked for."""
        return Texts(self.sparse[rows], self.dense[rows], [self.keys[row] for row in rows])


@dataclass(frozen=True, slots=True)
class Space:
    """Fitted once and never changed.

    `columns` are the numbers of all parts that the FAQ has, sorted, `rarity` the weight of each; `unseen` is the weight
    of any other part, which no phrasing has and which therefore speaks against all of them.
    """

    shares: Shares
    columns: NDArray[np.int64]
    rarity: Floats
    unseen: float
    meaning: Meaning
    encoder: Encoder | None = None

    @classmethod
    def fit(cls, texts: Sequence[str], owners: NDArray[np.intp], encoder: Encoder | None = None) -> Space:
        """From the normal forms of all phrasings and the entry of each."""
        numbers = (_numbers(counts) for text in texts for counts in _counted(text.split()))
        columns, texts_with = np.unique(np.concatenate([*numbers, _numbers({})]), return_counts=True)
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
        batches = [self._rows(texts[start : start + BATCH]) for start in range(0, len(texts), BATCH)]
        sparse = csr_array(vstack(batches)) if batches else self._rows(())
        return Texts(sparse, self._dense(texts), [" ".join(sorted(text.split())) for text in texts])

    def _rows(self, texts: Sequence[str]) -> csr_array:
        rows = [self._row(text.split()) for text in texts]
        columns = np.concatenate([_EMPTY[0], *(columns for columns, _ in rows)])
        values = np.concatenate([_EMPTY[1], *(values for _, values in rows)])
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)], dtype=np.int32)
        return csr_array((values, columns, ends), shape=(len(rows), len(self.columns)))

    def _row(self, tokens: Sequence[str]) -> tuple[NDArray[np.int32], Floats]:
        """The columns and values of one text; each view has the length of its share, unseen parts included."""
        pieces, words = _counted(tokens)
        if not pieces:
            return _EMPTY
        some, more = self._view(pieces, self.shares.pieces), self._view(words, self.shares.words)
        return np.concatenate([some[0], more[0]]), np.concatenate([some[1], more[1]])

    def _view(self, counts: Mapping[int, int], share: float) -> tuple[NDArray[np.int32], Floats]:
        numbers = _numbers(counts)
        at = np.searchsorted(self.columns, numbers).clip(max=max(len(self.columns) - 1, 0))
        seen = self.columns[at] == numbers if len(self.columns) else np.zeros(len(at), bool)
        weights = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self.unseen
        weights[seen] *= self.rarity[at[seen]] / self.unseen
        values = weights[seen] * (np.sqrt(share) / np.linalg.norm(weights))
        return at[seen].astype(np.int32), values.astype(np.float32)

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
        alike = np.asarray((asked.sparse @ phrasings.sparse.T).toarray(), np.float32)
        return alike + self._letters(asked.keys, phrasings.keys)

    def refitted(self, dense: Floats, owners: NDArray[np.intp], kept: NDArray[np.intp]) -> Floats:
        """The meanings of texts as they would lie if only the `kept` ones had taught how an entry's own differ."""
        words, whole = np.split(dense, [len(self.meaning.centre)], axis=1)
        return self._weighed(*self.meaning.refitted(words, whole, owners, kept))

    def likeness_of_one(self, asked: Texts, phrasings: Texts) -> Floats:
        """(phrasings): the same for a single text, several times faster."""
        question = np.zeros(len(self.columns), np.float32)
        question[asked.sparse.indices] = asked.sparse.data
        alike = phrasings.sparse @ question + phrasings.dense @ asked.dense[0]
        return np.asarray(alike + self._letters(asked.keys, phrasings.keys)[0], np.float32)

    def _letters(self, asked: Sequence[str], phrasings: Sequence[str]) -> Floats:
        """The share that rapidfuzz's ratio of sorted words adds to the likeness."""
        ratio = process.cdist(asked, phrasings, scorer=fuzz.ratio, dtype=np.float32)
        return np.asarray(ratio * np.float32(self.shares.letters / 100))


_EMPTY = (np.empty(0, np.int32), np.empty(0, np.float32))


def _counted(tokens: Sequence[str]) -> tuple[Counter[int], Counter[int]]:
    """How often each piece and each word with its neighbour stands in a text, by number."""
    return (
        Counter(grams.number_of("piece", part) for part in grams.pieces(tokens)),
        Counter(grams.number_of("word", part) for part in grams.words(tokens)),
    )


def _numbers(counts: Mapping[int, int]) -> NDArray[np.int64]:
    return np.fromiter(counts, np.int64, len(counts))
