"""Which FAQ entry a customer means, how surely, and whether that is sure enough to answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from faq.entry import FaqEntry
from faq.wordings import Wordings


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that the customer may mean; confidence lies in 0..1, and 1 means its very words.

    It orders well and is no probability yet: on the splits named at Thresholds the calibration error is .10 and .16,
    too low a figure above .55 and too high a one below .45.
    """

    entry_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to answer, when to ask back.

    `answer`: least confidence of an answer; `margin`: how far it must lead the next entry; `suggest`: least confidence
    of a choice offered with "did you mean".

    The defaults were chosen on splits of the training parts, ten wordings an entry. BANKING77 (77 intents): 39 %
    answered right, 7 % wrong, another 34 % have the right one among three choices; best match right 66 %
    (rapidfuzz's token_sort_ratio alone: 50 %). CLINC150 (150 intents): 50 % right, 4 % wrong, 32 % among the choices;
    of questions out of scope 3 % are answered and 20 % get choices.
    """

    answer: float = 0.50
    suggest: float = 0.40
    margin: float = 0.10


DEFAULT_THRESHOLDS = Thresholds()


class Decision(StrEnum):
    """What to do with a question."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    REFUSE = "refuse"


class Matcher:
    """Finds entries by the likeness of their best phrasing. Never changed after it is built, so safe to share."""

    def __init__(self, ids: Sequence[str], wordings: Wordings, thresholds: Thresholds) -> None:
        self.thresholds = thresholds
        self._ids = ids
        self._wordings = wordings

    @classmethod
    def build(cls, entries: Iterable[FaqEntry], thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Self:
        """A matcher over all phrasings in all languages; entries without phrasings are never found."""
        entries = list(entries)
        return cls([entry.id for entry in entries], Wordings([entry.wordings for entry in entries]), thresholds)

    def match(self, text: str, limit: int = 5) -> list[Match]:
        """At most `limit` entries, each once, best first; equal ones by id. Empty if nothing is alike. Never raises."""
        best: dict[str, float] = {}
        for number, likeness in self._wordings.likeness(text):
            entry_id = self._ids[number]
            best[entry_id] = max(likeness, best.get(entry_id, 0.0))
        ranked = sorted(best.items(), key=lambda found: (-found[1], found[0]))
        return [Match(entry_id, confidence) for entry_id, confidence in ranked[:limit]]


def decide(matches: Sequence[Match], thresholds: Thresholds) -> Decision:
    """Answer if the best match is sure and clearly ahead, or has the very words and alone; suggest if it is likely at
    least; else refuse. `matches` are best first.
    """
    best, second = [*(match.confidence for match in matches[:2]), 0.0, 0.0][:2]
    if best < thresholds.suggest:
        return Decision.REFUSE
    ahead = best - second >= thresholds.margin or second < best == 1.0
    return Decision.ANSWER if best >= thresholds.answer and ahead else Decision.SUGGEST


def suggestions(matches: Sequence[Match], thresholds: Thresholds, limit: int = 3) -> list[Match]:
    """The matches good enough to be offered as choices."""
    return [match for match in matches if match.confidence >= thresholds.suggest][:limit]
