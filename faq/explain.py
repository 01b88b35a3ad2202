"""Why a question matches an entry as surely as it does: its phrasings, its words, and the gates of the decision."""

from __future__ import annotations

from dataclasses import dataclass

from faq.matcher import Decision, Thresholds


@dataclass(frozen=True, slots=True)
class PhrasingWeight:
    """A phrasing of this entry or another (`entry_id`), and what it adds to the score; below 0 it speaks against."""

    text: str
    language: str
    entry_id: str
    weight: float


@dataclass(frozen=True, slots=True)
class PartWeight:
    """A part of the question, as it stands there, and what it adds to the confidence; below 0 it speaks against."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """What made the confidence of one entry, and the gates of the decision.

    `second` is the confidence of the best other entry, 0 if there is none; the margin gate compares the two. `decision`
    is what the question gets, from whichever entry is best. `phrasings` are the best first, `parts` in the question's
    order.
    """

    entry_id: str
    confidence: float
    second: float
    decision: Decision
    thresholds: Thresholds
    phrasings: tuple[PhrasingWeight, ...] = ()
    parts: tuple[PartWeight, ...] = ()
