"""What customers ask the bots that are measured, and an FAQ as large as any shop's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path
from random import Random

from benchmarks.matching_data import PHRASINGS_AN_ENTRY, chance
from faq.entry import FaqEntry
from faq.files import read_faq, write_faq

FAQ = Path("bot/sample/faq.yaml")
SEED = 6
VOCABULARY = 4_000
WORDS = 7
ENDS = ("", " please", " now", " today")
LONG_NUMBER = 1_000
"""From it on all numbers are the same to the matcher."""


def repeated(faq: Path, number: int) -> list[str]:
    """The FAQ's own English wordings, one after the other and over again: what a cache likes best."""
    return list(islice(cycle(_wordings(faq)), number))


def distinct(faq: Path, number: int) -> list[str]:
    """The same with a little more at their ends: no two alike, none that stands in the FAQ, and nearly as sure, because
    whoever is not understood twice is handed over to a colleague, who is not there to answer.
    """
    ends = (f"{end} {again}?" for end in ENDS for again in range(1, LONG_NUMBER))
    wordings = _wordings(faq)
    return list(islice((wording.rstrip("?") + end for end in ends for wording in wordings), number))


def _wordings(faq: Path) -> list[str]:
    return [text for entry in read_faq(faq) for text in entry.questions.get("en", ())]


def write_large_faq(path: Path, faq: Path, phrasings: int) -> Path:
    """The FAQ with entries of invented words beside its own, until it has so many phrasings: its answers stay."""
    entries = read_faq(faq)
    missing = phrasings - sum(len(entry.wordings) for entry in entries)
    made = islice(_invented(entries[0], chance(SEED)), max(0, missing) // PHRASINGS_AN_ENTRY)
    write_faq(path, [*entries, *made])
    return path


def _invented(like: FaqEntry, dice: Random) -> Iterator[FaqEntry]:
    """Entries whose phrasings share some of their words, as a real one's do."""
    vocabulary = ["".join(dice.choice(_SYLLABLES) for _ in range(3)) for _ in range(VOCABULARY)]
    for number in count():
        about = dice.sample(vocabulary, WORDS)
        questions = {"en": [_phrasing(about, vocabulary, dice) for _ in range(PHRASINGS_AN_ENTRY)]}
        yield replace(like, id=f"invented-{number}", phrasings=questions, form=(), variants=())


def _phrasing(about: Sequence[str], vocabulary: Sequence[str], dice: Random) -> str:
    return " ".join([*dice.sample(about, WORDS // 2), *dice.sample(vocabulary, WORDS // 2)])


_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
