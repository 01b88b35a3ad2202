"""Questions of public data sets, split into an FAQ and what is asked of it; the same for the same seed.

Entries have no answers: only the wordings count. Where the files come from stands in README.md.
"""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, islice, zip_longest
from pathlib import Path
from string import ascii_lowercase

from faq.entry import FaqEntry

Wordings = Mapping[str, Sequence[str]]
"""What people wrote, by what they meant."""

BANKING = "banking77-train.csv"
CLINC = "clinc150-train-val.csv"
OUT_OF_SCOPE = "oos"
"""What CLINC150 calls the intent of questions that none of its 150 intents is about."""
CHOOSING, REPORTING = "oos_train", "oos_val"
"""A hundred of these questions to choose the matcher's constants by, and another hundred to report on."""
PHRASINGS_AN_ENTRY = 10
"""Of an FAQ that is made for speed; what a good FAQ looks like."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the id of the entry that is right; None where every answer is wrong."""

    text: str
    means: str | None


@dataclass(frozen=True, slots=True)
class Split:
    """An FAQ and the questions that are asked of it; none of them is one of its phrasings' rows."""

    entries: Sequence[FaqEntry]
    questions: Sequence[Question]

    def with_typing_errors(self, seed: int) -> Split:
        """The same with one or two errors in each question."""
        dice = chance(seed)
        return replace(
            self, questions=[replace(question, text=misspelt(question.text, dice)) for question in self.questions]
        )


def chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same in every run is what is wanted


def read_banking(folder: Path) -> dict[str, list[str]]:
    """BANKING77's training part: 10,003 questions to a bank, 77 intents."""
    return _by_intent((row["category"], row["text"]) for row in _rows(folder / BANKING))


def read_clinc(folder: Path, foreign: str = REPORTING) -> tuple[dict[str, list[str]], list[str]]:
    """CLINC150's training and validation parts: questions of 150 intents, and one half of those out of scope."""
    rows = list(_rows(folder / CLINC))
    wordings = _by_intent((row["intent"], row["text"]) for row in rows if row["intent"] != OUT_OF_SCOPE)
    return wordings, [row["text"] for row in rows if row["split"] == foreign]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _by_intent(rows: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    wordings: defaultdict[str, list[str]] = defaultdict(list)
    for intent, text in rows:
        wordings[intent].append(text)
    return dict(wordings)


def shots(wordings: Wordings, each: int, most_questions: int, seed: int) -> Split:
    """`each` random phrasings an entry, and at most so many of the rest as questions."""
    dice = chance(seed)
    mixed = {intent: dice.sample(texts, len(texts)) for intent, texts in wordings.items()}
    rest = [Question(text, intent) for intent, texts in mixed.items() for text in texts[each:]]
    entries = [FaqEntry(intent, texts[:each]) for intent, texts in mixed.items()]
    return Split(entries, dice.sample(rest, min(most_questions, len(rest))))


def all_but(wordings: Wordings, questions: int, seed: int) -> Split:
    """So many random questions, and an FAQ of all the others."""
    everything = [(intent, place) for intent, texts in wordings.items() for place in range(len(texts))]
    held = set(chance(seed).sample(everything, min(questions, len(everything) // 2)))
    kept = {
        intent: [text for place, text in enumerate(texts) if (intent, place) not in held]
        for intent, texts in wordings.items()
    }
    entries = [FaqEntry(intent, texts) for intent, texts in kept.items() if texts]
    return Split(entries, [Question(wordings[intent][place], intent) for intent, place in sorted(held)])


def misspelt(text: str, dice: random.Random) -> str:
    """With one or two random errors: a character replaced, dropped, added, or swapped with the next."""
    for _ in range(dice.choice((1, 2))):
        text = dice.choice((_replaced, _dropped, _added, _swapped))(text, dice.randrange(max(len(text), 1)), dice)
    return text


def _replaced(text: str, place: int, dice: random.Random) -> str:
    return text[:place] + dice.choice(ascii_lowercase) + text[place + 1 :]


def _dropped(text: str, place: int, _: random.Random) -> str:
    return text[:place] + text[place + 1 :]


def _added(text: str, place: int, dice: random.Random) -> str:
    return text[:place] + dice.choice(ascii_lowercase) + text[place:]


def _swapped(text: str, place: int, _: random.Random) -> str:
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def of_size(pools: Sequence[Wordings], phrasings: int, questions: int, seed: int) -> Split:
    """An FAQ of so many phrasings, ten an entry, and questions that are held out of it.

    Of all intents in turn, first their own wordings, then the same again with a word or two changed at random, until
    there are enough. Raises ValueError if no intent has ten left.
    """
    dice = chance(seed)
    held, kept = _parted([(intent, list(texts)) for pool in pools for intent, texts in pool.items()], questions, dice)
    if all(len(texts) < PHRASINGS_AN_ENTRY for _, texts in kept):
        raise ValueError("too few wordings: no intent has ten beside the questions held out")
    tens = islice(_tens(kept, dice), max(1, phrasings // PHRASINGS_AN_ENTRY))
    return Split([FaqEntry(f"{number}-{intent}"[:40], texts) for number, (intent, texts) in enumerate(tens)], held)


def _parted(
    wordings: Sequence[tuple[str, list[str]]], questions: int, dice: random.Random
) -> tuple[list[Question], list[tuple[str, list[str]]]]:
    """Some questions, evenly of the intents, and what is left."""
    each = -(-questions // len(wordings))
    mixed = [(intent, dice.sample(texts, len(texts))) for intent, texts in wordings]
    held = [Question(text, None) for _, texts in mixed for text in texts[:each]]
    return dice.sample(held, min(questions, len(held))), [(intent, texts[each:]) for intent, texts in mixed]


def _tens(wordings: Sequence[tuple[str, list[str]]], dice: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Without end: intents with ten phrasings each."""
    vocabulary = sorted({word for _, texts in wordings for text in texts for word in text.split()})
    for again in count():
        in_tens = [[(intent, ten) for ten in _by_ten(texts)] for intent, texts in wordings]
        for one_each in zip_longest(*in_tens):
            for intent, ten in filter(None, one_each):
                yield intent, [reworded(text, vocabulary, dice) for text in ten] if again else ten


def _by_ten(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    ends = range(PHRASINGS_AN_ENTRY, len(texts) + 1, PHRASINGS_AN_ENTRY)
    return (texts[end - PHRASINGS_AN_ENTRY : end] for end in ends)


def reworded(text: str, vocabulary: Sequence[str], dice: random.Random) -> str:
    """With one or two of its words replaced by any others."""
    words = text.split()
    for place in dice.sample(range(len(words)), min(dice.choice((1, 2)), len(words))):
        words[place] = dice.choice(vocabulary)
    return " ".join(words)


def bad_inputs(seed: int, each: int = 20) -> dict[str, list[str]]:
    """Messages that nobody writes in good faith, some of each kind: what may not slow a bot down."""
    dice = chance(seed)
    kinds: dict[str, Callable[[], str]] = {
        "100 kB of words": lambda: _long(dice, lambda: "".join(_some(dice, ascii_lowercase, 8)) + " "),
        "100 kB of Chinese": lambda: _long(dice, lambda: chr(dice.randrange(0x4E00, 0x9FA5))),
        "100 kB without a space": lambda: _long(dice, lambda: dice.choice(ascii_lowercase)),
        "one character 10,000 times": lambda: dice.choice("aZ0 哈啊!?.\n😀\u0301\u200b") * 10_000,
        "hidden and combining characters": lambda: "".join(
            _some(dice, "ab哈\u0301\u0338\u200b\u200d\u2060\ufe0f\u202e", 3000)
        ),
        "punctuation and emoji": lambda: "".join(_some(dice, "?!…，。·~-_*()😀🎉👍🏽❤️🇹🇼", 500)),
        "any Unicode": lambda: "".join(chr(dice.randrange(0x110000)) for _ in range(3000)),
    }
    return {kind: [make() for _ in range(each)] for kind, make in kinds.items()}


def _some(dice: random.Random, characters: str, most: int) -> list[str]:
    return dice.choices(characters, k=dice.randint(1, most))


def _long(dice: random.Random, part: Callable[[], str]) -> str:
    text = "".join(part() for _ in range(200))
    return (text * (100_000 // len(text) + 1))[:100_000]
