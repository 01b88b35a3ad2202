"""The FAQ asked its own phrasings while they are held out: what shows how far its answers can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from faq.head import OUTSIDE
from faq.index import Index, Ranking, entries_of, ranked, train_for

Numbers = NDArray[np.intp]

FOLDS = 5
MOST_ASKED = 400
"""Phrasings of a large FAQ that are asked; a probability of two figures needs no more."""


def held_out(index: Index, rows: Sequence[int]) -> Iterator[tuple[int, Ranking]]:
    """(phrasing by number, what it finds when it is not itself in the FAQ) for each of `rows`."""
    if not len(index.entries):
        return
    if index.weights is None:
        yield from ((row, index.ask_itself(row)) for row in rows)
    else:
        wanted = np.zeros(len(index.owners), bool)
        wanted[list(rows)] = True
        yield from _by_folds(index, wanted)


def with_siblings(index: Index) -> list[int]:
    """Phrasings that can be held out; an entry's only one leaves nothing to be found by."""
    owners = index.owners[index.owners != OUTSIDE]
    counts = np.bincount(owners)
    return [row for row, owner in enumerate(owners) if counts[owner] > 1]


def sample(index: Index) -> list[int]:
    """Phrasings to be asked, evenly over the FAQ, and the everyday questions, which should find nothing."""
    rows = with_siblings(index)
    some = rows if index.weights is not None else rows[:: max(1, len(rows) // MOST_ASKED)]
    return [*some, *np.flatnonzero(index.owners == OUTSIDE).tolist()]


def _by_folds(index: Index, wanted: NDArray[np.bool_]) -> Iterator[tuple[int, Ranking]]:
    """Trains a head without each fold and asks it the fold. What the fold taught the space about meanings is left out
    too: with a vector of 512 directions a phrasing would else be nearer to its entry than any customer's question.
    """
    in_words = index.space.likeness_of_words(index.texts, index.texts)
    folds = _folds(index.owners)
    for fold in range(FOLDS):
        held, kept = np.flatnonzero((folds == fold) & wanted), np.flatnonzero(folds != fold)
        entries = entries_of(index.owners[kept])
        if not len(held) or not len(entries):
            continue
        teaching = kept[index.owners[kept] != OUTSIDE]
        dense = index.space.refitted(index.texts.dense, index.owners, teaching)
        likeness = in_words[np.ix_(kept, kept)]
        likeness += dense[kept] @ dense[kept].T
        weights = train_for(entries, index.owners[kept], likeness)
        for row in held:
            alike = in_words[row, kept] + dense[kept] @ dense[row]
            yield int(row), ranked(alike, index.owners[kept], weights, entries)


def _folds(owners: Numbers) -> Numbers:
    """Each entry's phrasings dealt out in turn, so that every fold has some of most entries."""
    return (np.arange(len(owners)) - np.searchsorted(owners, owners) + owners) % FOLDS
