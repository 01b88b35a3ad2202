"""What texts mean: their words' vectors, and with an encoder the whole sentence, set apart as this FAQ's texts differ.

A bank's phrasings all speak of money and cards, so their vectors point the same way. Taking off what they share and
stretching the directions in which they differ little (whitening, half way) makes the rest count: three points on
CLINC150 and one on BANKING77.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.words import is_han, load_words

Floats = NDArray[np.float32]

FLOOR = 0.1
"""Directions shorter than this part of the longest are noise and are stretched no further."""
MOST_FITTED = 5_000
"""Texts that the whitening is fitted to; more add nothing."""


@dataclass(frozen=True, slots=True)
class Whitening:
    """Takes `middle` (dimensions) off and turns and stretches by `turn` (dimensions × dimensions)."""

    middle: Floats
    turn: Floats

    @classmethod
    def fit(cls, rows: Floats) -> Whitening:
        """Half way to white: lengths become their square roots."""
        rows = rows[:: max(1, len(rows) // MOST_FITTED)]
        middle = rows.mean(axis=0)
        lengths, directions = np.linalg.eigh((rows - middle).T @ (rows - middle))
        longest = np.sqrt(max(lengths[-1], 0.0)) or 1.0
        stretch = np.sqrt(longest / (np.sqrt(lengths.clip(min=0)) + FLOOR * longest))
        return cls(middle, (directions * stretch).astype(np.float32))

    def __call__(self, rows: Floats) -> Floats:
        """The rows anew, each of length one; a row of zeros stays so."""
        return _unit((rows - self.middle) @ self.turn * rows.any(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Meaning:
    """`texts` is how many phrasings the FAQ has and `texts_with` how many of them hold a word; `centre` is the mean of
    its words' vectors.
    """

    texts: int
    texts_with: Mapping[str, int]
    centre: Floats
    words: Whitening
    sentences: Whitening | None = None

    @classmethod
    def fit(cls, texts: Sequence[str], sentences: Floats | None) -> Meaning:
        """From the normal forms of all phrasings and, with an encoder, their vectors."""
        table = load_words()
        known = sorted({word for text in texts for word in table.found_in(text.split())})
        dimensions = len(table.scale)
        centre = table.vectors_of(known).mean(axis=0) if known else np.zeros(dimensions, np.float32)
        plain = Whitening(np.zeros(dimensions, np.float32), np.eye(dimensions, dtype=np.float32))
        texts_with = Counter(token for text in texts for token in set(text.split()))
        unfitted = cls(len(texts), texts_with, centre, plain)
        return cls(
            len(texts),
            texts_with,
            centre,
            Whitening.fit(unfitted._mean_of_words(texts)) if known else plain,
            Whitening.fit(sentences) if sentences is not None else None,
        )

    def place(self, texts: Sequence[str], sentences: Floats | None) -> tuple[Floats, Floats]:
        """By words and by sentence; the latter is (texts × 0) without an encoder."""
        whole = self.sentences(sentences) if self.sentences and sentences is not None else np.zeros((len(texts), 0))
        return self.words(self._mean_of_words(texts)), whole.astype(np.float32)

    def _mean_of_words(self, texts: Sequence[str]) -> Floats:
        """Each text's known words, the rare ones more, of length one; zeros where no word is known."""
        table = load_words()
        rows = np.zeros((len(texts), len(self.centre)), np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = list(table.found_in(text.split()))
            if words:
                rarity = np.array([self._rarity(word) for word in words], np.float32)
                row[:] = rarity @ (table.vectors_of(words) - self.centre)
        return _unit(rows)

    def _rarity(self, word: str) -> float:
        """Inverse text frequency; a Chinese word is as rare as its rarest character."""
        parts = word if is_han(word) else (word,)
        return float(np.log((1 + self.texts) / (1 + min(self.texts_with.get(part, 0.5) for part in parts))))


def _unit(rows: NDArray[np.floating]) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
