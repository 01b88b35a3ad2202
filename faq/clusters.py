"""Puts questions together that are about one matter, by the words and the pieces of words that they share."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_matrix
from scipy.spatial.distance import squareform

from faq.normalise import normalise
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
    distance = 1 - likeness
    np.fill_diagonal(distance, 0)
    labels = fcluster(linkage(squareform(distance, checks=False), "average"), APART, "distance")
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for number, label in enumerate(labels):
        groups[int(label)].append(number)
    return [_typical_first(group, likeness) for group in groups.values()]


def _typical_first(group: list[int], likeness: NDArray[np.float64]) -> list[int]:
    return sorted(group, key=lambda number: (-float(likeness[number, group].sum()), number))


def _likeness(texts: Sequence[str]) -> NDArray[np.float64]:
    """Cosines of the texts' pieces, weighed by rarity."""
    counts = [Counter(_pieces(text)) for text in texts]
    spread = Counter(piece for count in counts for piece in count)
    columns = {piece: number for number, piece in enumerate(spread)}
    cells = [
        (row, columns[piece], (1 + np.log(n)) * np.log(1 + len(texts) / spread[piece]))
        for row, count in enumerate(counts)
        for piece, n in count.items()
    ]
    rows, places, weights = zip(*cells, strict=True) if cells else ((), (), ())
    matrix = csr_matrix((weights, (rows, places)), shape=(len(texts), len(columns)), dtype=np.float64)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    cosines = (matrix @ matrix.T).toarray() / np.maximum(np.outer(lengths, lengths), 1e-12)
    clipped: NDArray[np.float64] = np.clip(cosines, 0, 1)
    return clipped


def _pieces(text: str) -> Iterator[str]:
    """Words, their letters by threes, and pairs of neighbours (which are the words of Chinese)."""
    words = [word for word in text.split() if word not in STOP_WORDS] or text.split()
    for word in words:
        yield word
        if word.isascii():
            padded = f"<{word}>"
            yield from (padded[at : at + PIECE] for at in range(len(padded) - PIECE + 1))
    yield from map(" ".join, pairwise(words))
