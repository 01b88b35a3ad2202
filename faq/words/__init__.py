"""What single words mean: a small table of vectors in which words of like meaning lie close together.

Distilled once from a sentence encoder (see faq/words/distil.py and docs/decisions/0014), so that "parcel" and
"package" are alike without any model at run time. It knows some 50,000 English and Chinese words and the commonest of
other European languages; a word that it does not know has no vector and is compared by its letters alone.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from faq.han import HAN

LONGEST_HAN = 4
"""Characters of the longest Chinese word in the table."""
REMEMBERED = 10_000
"""Words of which it is kept where they stand, or that they are unknown."""
_HAN = re.compile(f"[{HAN}]")
_FIRST, _COMMON = "〇", ("\u4e00", "\u9fff")
"""The first of these characters, and where nearly all of them lie: comparing takes a fraction of a pattern's time."""


@dataclass(frozen=True, slots=True)
class Words:
    """`sorted` are the words in UTF-8; row by row `vectors` (words × dimensions, int8) are theirs, which `scale`
    (dimensions) restores. A dictionary of the words would take more memory than all their vectors.
    """

    sorted: NDArray[np.bytes_]
    vectors: NDArray[np.int8]
    scale: NDArray[np.float32]
    _seen: dict[str, int | None] = field(default_factory=dict, compare=False, repr=False)

    def __contains__(self, word: str) -> bool:
        return self._row(word) is not None

    def vectors_of(self, words: list[str]) -> NDArray[np.float32]:
        """(words × dimensions), for words that are in the table."""
        rows = [row for row in map(self._row, words) if row is not None]
        return self.vectors[rows] * self.scale

    def _row(self, word: str) -> int | None:
        """Where a word stands; what was looked up is remembered, since people use few words."""
        if word not in self._seen:
            if len(self._seen) == REMEMBERED:
                self._seen.clear()
            self._seen[word] = self._looked_up(_key(word))
        return self._seen[word]

    def _looked_up(self, key: bytes) -> int | None:
        row = bisect_left(self.sorted, key)
        return row if row < len(self.sorted) and self.sorted[row] == key else None

    def found_in(self, tokens: Sequence[str]) -> Iterator[str]:
        """The known words of a normalised text, in order; runs of single Chinese characters by their longest words."""
        position = 0
        while position < len(tokens):
            longest = LONGEST_HAN if is_han(tokens[position]) else 1
            candidates = (tuple(tokens[position : position + size]) for size in range(longest, 0, -1))
            found = next((word for word in candidates if "".join(word) in self), ())
            if found:
                yield "".join(found)
            position += len(found) or 1


def is_han(token: str) -> bool:
    """Whether a token of a normalised text is a Chinese character (which stands alone there), or begins with one."""
    first = token[0]
    return _COMMON[0] <= first <= _COMMON[1] or (first >= _FIRST and bool(_HAN.match(first)))


def _key(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")


@cache
def load_words() -> Words:
    """The table that comes with the package; read once."""
    with files(__name__).joinpath("words.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
        return Words(kept["words"], kept["vectors"], kept["scale"])
