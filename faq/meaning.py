"""What texts mean: their words' vectors, and with an encoder the whole sentence, set apart as this FAQ's texts differ.

A bank's phrasings all speak of money and cards, so their vectors point the same way, and those of one entry differ
in manner, tense and language. Taking off what all share and shrinking the directions in which phrasings of one entry
differ (within-class covariance normalisation, after Hatch and Stolcke 2006) leaves what sets entries apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from faq.words import is_han, load_words

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]

FLOOR = 0.1
"""Added to the variances, as a share of the largest: directions of less are noise and are not stretched further."""
FEW = 10.0
"""Phrasings beyond one an entry from which how they differ is believed as much as how all texts differ; on splits of
BANKING77 and CLINC150 0 to 30 do alike."""
TINY = 1e-9
"""Keeps texts that do not differ at all from a division by 0."""
MOST_FITTED = 5_000
"""Texts that the whitening is fitted to, roughly; more add nothing."""

_NOTHING = np.empty(0, np.float32)


@dataclass(frozen=True, slots=True)
class Whitening:
    """Takes `middle` (dimensions) off and turns and stretches by `turn` (dimensions × dimensions)."""

    middle: Floats
    turn: Floats

    @classmethod
    def fit(cls, rows: Floats, owners: Numbers) -> Whitening:
        """From the vectors of phrasings and the entry of each, by number."""
        rows, owners = _whole_entries(rows, owners)
        middle = rows.mean(axis=0)
        variances, directions = np.linalg.eigh(_spread(rows - middle, owners))
        stretch = 1 / np.sqrt(variances.clip(min=0) + FLOOR * max(float(variances[-1]), 0.0) + TINY)
        return cls(middle, (directions * stretch).astype(np.float32))

    def __call__(self, rows: Floats) -> Floats:
        """The rows anew, each of length one; a row of zeros stays so."""
        return _unit((rows - self.middle) @ self.turn * rows.any(axis=1, keepdims=True))

    def refitted(self, rows: Floats, owners: Numbers, kept: Numbers) -> Floats:
        """Whitened rows as they would be if only the `kept` ones had been there to fit to."""
        plain = self._undone(rows)
        return Whitening.fit(plain[kept], owners[kept])(plain)

    def _undone(self, rows: Floats) -> Floats:
        """The rows of length one that were whitened to these: middle + s · apart, for the one s > 0 of that length."""
        apart = _unit(rows @ np.linalg.inv(self.turn))
        along = apart @ self.middle
        room = 1 - self.middle @ self.middle
        lengths = np.sqrt((along**2 + room).clip(min=0)) - along
        return np.asarray((self.middle + lengths[:, None] * apart) * rows.any(axis=1, keepdims=True), np.float32)


def _whole_entries(rows: Floats, owners: Numbers) -> tuple[Floats, Numbers]:
    """Some of the entries, evenly over the FAQ, with all their rows; owners count up from 0."""
    numbers = np.unique(owners, return_inverse=True)[1]
    some = numbers % (1 + len(rows) // MOST_FITTED) == 0
    return rows[some], np.unique(numbers[some], return_inverse=True)[1]


def _spread(rows: Floats, owners: Numbers) -> Floats:
    """How phrasings of one entry differ (dimensions × dimensions); where there are few, how all texts differ."""
    counts = np.bincount(owners)
    means = np.zeros((len(counts), rows.shape[1]), np.float32)
    np.add.at(means, owners, rows)
    apart = rows - (means / counts[:, None])[owners]
    freedom = len(rows) - len(counts)
    return np.asarray((apart.T @ apart + FEW * (rows.T @ rows) / len(rows)) / (freedom + FEW), np.float32)


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
    def fit(cls, texts: Sequence[str], owners: Numbers, sentences: Floats | None) -> Meaning:
        """From the normal forms of all phrasings, the entry of each and, with an encoder, their vectors."""
        if not texts:
            return cls(0, {}, _NOTHING, Whitening(_NOTHING, np.eye(0, dtype=np.float32)))
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
            Whitening.fit(unfitted._mean_of_words(texts), owners) if known else plain,
            Whitening.fit(sentences, owners) if sentences is not None else None,
        )

    def place(self, texts: Sequence[str], sentences: Floats | None) -> tuple[Floats, Floats]:
        """By words and by sentence; the latter is (texts × 0) without an encoder."""
        whole = self.sentences(sentences) if self.sentences and sentences is not None else np.zeros((len(texts), 0))
        return self.words(self._mean_of_words(texts)), whole.astype(np.float32)

    def refitted(self, words: Floats, whole: Floats, owners: Numbers, kept: Numbers) -> tuple[Floats, Floats]:
        """What `place` gave, as it would be if only the `kept` texts had been there to fit to."""
        again = self.sentences.refitted(whole, owners, kept) if self.sentences else whole
        return self.words.refitted(words, owners, kept), again

    def _mean_of_words(self, texts: Sequence[str]) -> Floats:
        """Each text's known words, the rare ones more, of length one; zeros where no word is known."""
        rows = np.zeros((len(texts), len(self.centre)), np.float32)
        for row, text in zip(rows, texts, strict=True):
            words = list(load_words().found_in(text.split()))
            if words:
                rarity = np.array([self._rarity(word) for word in words], np.float32)
                row[:] = rarity @ (load_words().vectors_of(words) - self.centre)
        return _unit(rows)

    def _rarity(self, word: str) -> float:
        """Inverse text frequency; a Chinese word is as rare as its rarest character."""
        parts = word if is_han(word) else (word,)
        return float(np.log((1 + self.texts) / (1 + min(self.texts_with.get(part, 0.5) for part in parts))))


def _unit(rows: NDArray[np.floating]) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)
