"""Wordings that stand in two entries, the same or nearly so: nobody can tell which of the two is meant."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from faq.entry import FaqEntry
from faq.normalise import normalise

NEARLY_SAME = 92
"""Per cent of letters alike, words in any order: two swapped letters in twelve, a plural, a particle; set by hand."""

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class Collision:
    """A wording of one entry and that of another."""

    entry_id: str
    wording: str
    other_id: str
    other_wording: str


@dataclass(frozen=True, slots=True)
class _Wording:
    entry_id: str
    text: str
    key: str


def same(entries: Sequence[FaqEntry]) -> Iterator[Collision]:
    """Each wording that several entries have once it is normalised, for each entry but the first."""
    holders: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for entry in entries:
        for wording in entry.wordings:
            holders[normalise(wording)].setdefault(entry.id, wording)
    holders.pop("", None)  # without a letter or digit: a matter of its own
    for held in holders.values():
        (first_id, first_wording), *others = held.items()
        for entry_id, wording in others:
            yield Collision(entry_id, wording, first_id, first_wording)


def near(entries: Sequence[FaqEntry]) -> Iterator[Collision]:
    """Pairs of wordings of different entries that differ by a few letters or the order of words only."""
    wordings = sorted(_wordings(entries), key=lambda wording: len(wording.key))
    lengths = [len(wording.key) for wording in wordings]
    keys = [wording.key for wording in wordings]
    for start in range(0, len(wordings), _CHUNK):
        end = min(start + _CHUNK, len(wordings))
        reach = bisect_right(lengths, _longest_alike(lengths[end - 1]))
        alike = process.cdist(
            keys[start:end], keys[start:reach], scorer=fuzz.ratio, score_cutoff=NEARLY_SAME, dtype=np.uint8
        )
        for row, column in np.argwhere(alike):
            one, other = wordings[start + row], wordings[start + column]
            if row < column and one.entry_id != other.entry_id:
                yield Collision(one.entry_id, one.text, other.entry_id, other.text)


def _wordings(entries: Sequence[FaqEntry]) -> Iterator[_Wording]:
    """The wordings that are not the very same as one of another entry, which is a matter of its own."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    normal = [(entry.id, wording, normalise(wording)) for entry in entries for wording in entry.wordings]
    for entry_id, _, text in normal:
        owners[text].add(entry_id)
    seen: set[tuple[str, str]] = set()
    for entry_id, wording, text in normal:
        if text and len(owners[text]) == 1 and (entry_id, text) not in seen:
            seen.add((entry_id, text))
            yield _Wording(entry_id, wording, "".join(sorted(text.split())))


def _longest_alike(length: int) -> float:
    """No longer text can reach NEARLY_SAME with one of this length: ratio = 2 × shared / (sum of lengths)."""
    share = NEARLY_SAME / 100
    return length * (2 - share) / share
