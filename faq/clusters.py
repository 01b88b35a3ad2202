"""Puts questions together that are about one matter, by the words and the pieces of words that they share."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from faq.normalise import normalise
from faq.sparse import Floats, Sparse
from faq.stop_words import STOP_WORDS

MOST = 2_000
"""Different texts that are compared, each with each: time and memory grow with the square (under a second, 100 MB)."""
APART = 0.8
"""Mean distance (1 − cosine) beyond which two groups are two matters. On samples of BANKING77 (40 intents, 1 to 12
questions of each) nine in ten of a group belong together and a matter falls into two groups; .75 splits it into three.
"""
PIECE = 3


def clusters(texts: Sequence[str]) -> list[list[int]]:
    """Groups of indexes, each index in one group, the same for the same texts; beyond MOST different texts, those
    without a like one stand alone. A group begins with its most typical text.
    """
    places: defaultdict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(texts):
        places[normalise(text)].append(index)
    different = list(places)
    compared, rest = different[:MOST], different[MOST:]
    groups = [[compared[number] for number in group] for group in _grouped(compared)]
    return [[index for text in group for index in places[text]] for group in [*groups, *([text] for text in rest)]]


def _grouped(texts: Sequence[str]) -> list[list[int]]:
    if len(texts) < 2:
        return [[number] for number in range(len(texts))]
    likeness = _likeness(texts)
    return [_typical_first(group, likeness) for group in _linked(1 - likeness)]


def _linked(distance: Floats) -> list[list[int]]:
    """Groups whose mean distance is at most APART, by average linkage; `distance` (texts × texts) is used up.

    Whoever follows the nearest of the nearest comes to two groups that are each other's nearest, and may join them at
    once: the order does not matter (the nearest-neighbour chain, after Murtagh 1983).
    """
    groups = [[number] for number in range(len(distance))]
    np.fill_diagonal(distance, np.inf)
    for start in range(len(groups)):
        chain = [start] if groups[start] else []
        while chain:
            here = chain[-1]
            nearest = int(distance[here].argmin())
            if len(chain) > 1 and distance[here, chain[-2]] <= distance[here, nearest]:
                *chain, other, one = chain
                _join(groups, distance, one, other)
                chain = chain or [other]
            elif distance[here, nearest] <= APART:
                chain.append(nearest)
            else:
                break
    return sorted(group for group in groups if group)


def _join(groups: list[list[int]], distance: Floats, one: int, other: int) -> None:
    """Makes one group part of the other, which is as far from all others as both are on the average."""
    sizes = np.array([len(groups[one]), len(groups[other])], np.float32)
    mean = sizes @ distance[[one, other]] / sizes.sum()
    mean[other] = np.inf
    distance[other], distance[:, other] = mean, mean
    distance[one], distance[:, one] = np.inf, np.inf
    groups[other], groups[one] = sorted(groups[other] + groups[one]), []


def _typical_first(group: list[int], likeness: Floats) -> list[int]:
    return sorted(group, key=lambda number: (-round(float(likeness[number, group].sum()), 4), number))


def _likeness(texts: Sequence[str]) -> Floats:
    """Cosines of the texts' pieces, weighed by rarity."""
    counts = [Counter(_pieces(text)) for text in texts]
    spread = Counter(piece for count in counts for piece in count)
    columns = {piece: number for number, piece in enumerate(spread)}
    cells = [(columns[piece], n, spread[piece]) for count in counts for piece, n in count.items()]
    places, times, texts_with = np.array(cells, np.int32).reshape(-1, 3).T
    weights = (1 + np.log(times)) * np.log(1 + len(texts) / texts_with)
    rows = Sparse.of(weights.astype(np.float32), places, np.array([len(count) for count in counts]), len(columns))
    lengths = np.sqrt(np.bincount(rows.rows, weights**2, len(texts))).astype(np.float32)
    return np.clip(rows.times_each(rows) / np.maximum(np.outer(lengths, lengths), np.float32(1e-12)), 0, 1)


def _pieces(text: str) -> Iterator[str]:
    """Words, their letters by threes, and pairs of neighbours (which are the words of Chinese)."""
    words = [word for word in text.split() if word not in STOP_WORDS] or text.split()
    for word in words:
        yield word
        if word.isascii():
            padded = f"<{word}>"
            yield from (padded[at : at + PIECE] for at in range(len(padded) - PIECE + 1))
    yield from map(" ".join, pairwise(words))
