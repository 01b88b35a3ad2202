"""What a text is made of, for comparing it letter by letter and word by word.

Two kinds of parts: pieces of words (three or four letters, the word's ends marked; one to three Chinese characters),
which survive inflection and typing errors, and whole words alone and in pairs, which keep the sense. Parts are known
by a number: a checksum instead of a vocabulary, so that an index is arrays alone.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from faq.words import is_han

LETTERS = (3, 4)
"""Sizes of a word's pieces. On splits of the training data 2–5 do alike and are three times as many."""
HAN = (1, 2, 3)
SPACE = 1 << 24
"""Numbers for parts; with a million different parts one in thirty shares its number with another."""

REMEMBERED = 10_000
"""Words whose pieces are kept by number, which takes some megabytes; numbering them anew takes longer than the rest."""

_PIECE, _WORD = crc32(b"piece"), crc32(b"word")
"""Where a checksum begins, so that parts of different kinds do not meet."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What some texts are made of, one text behind the other: the different parts by number, how often (`times`) each
    stands there, and how many different ones each text has of each kind (`sizes`: texts × kinds).
    """

    numbers: NDArray[np.int32]
    times: NDArray[np.int32]
    sizes: NDArray[np.int32]


def parts_of(texts: Sequence[str]) -> Parts:
    """The parts of normalised texts. The kinds are pieces and words."""
    numbers, times, sizes = array("i"), array("i"), array("i")
    for text in texts:
        tokens = text.split()
        for parts in (pieces(tokens), words(tokens)):
            counted = Counter(parts)
            numbers.extend(counted)
            times.extend(counted.values())
            sizes.append(len(counted))
    return Parts(np.array(numbers), np.array(times), np.array(sizes).reshape(-1, 2))


def pieces(tokens: Sequence[str]) -> Iterator[int]:
    """Pieces of words of a normalised text, by number."""
    for han, run in groupby(tokens, key=is_han):
        if han:
            yield from _numbered("".join(run), HAN)
        else:
            for token in run:
                yield from _pieces_of_word(token)


@lru_cache(REMEMBERED)
def _pieces_of_word(token: str) -> tuple[int, ...]:
    return tuple(_numbered(f" {token} ", LETTERS))


def _numbered(text: str, sizes: tuple[int, ...]) -> Iterator[int]:
    return (number_of(_PIECE, part) for part in _grams(text, sizes))


def _grams(text: str, sizes: tuple[int, ...]) -> Iterator[str]:
    """Runs of these sizes; a shorter text is one run."""
    if len(text) < sizes[0]:
        yield text
    for size in sizes:
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def words(tokens: Sequence[str]) -> Iterator[int]:
    """Words of a normalised text, alone and in pairs, by number."""
    for token in tokens:
        yield number_of(_WORD, token)
    for first, second in pairwise(tokens):
        yield number_of(_WORD, f"{first} {second}")


def number_of(kind: int, part: str) -> int:
    """The part's number, the same in every process."""
    return crc32(part.encode("utf-8", "surrogatepass"), kind) % SPACE
