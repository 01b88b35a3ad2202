"""Explains a match: what each phrasing adds to the score, and what the confidence loses without each part."""

import re
from collections.abc import Sequence

from faq.explain import Explanation, PartWeight, PhrasingWeight
from faq.han import CJK
from faq.matcher import Match, Matcher, decide

MOST_PHRASINGS = 8
MOST_PARTS = 40
"""Words and Chinese characters of a question that are left out in turn; each asks the FAQ once more."""

_PART = re.compile(rf"[{CJK}]|[^\W_{CJK}]+(?:['’][^\W_]+)*")


def explain(matcher: Matcher, entry_id: str, text: str) -> Explanation:
    """Why `text` matches an entry as it does."""
    of = len(matcher.entries)
    matches = matcher.match(text, limit=of)
    confidence = _confidence(matches, entry_id)
    return Explanation(
        entry_id=entry_id,
        confidence=confidence,
        second=max((match.confidence for match in matches if match.entry_id != entry_id), default=0.0),
        decision=decide(matches, matcher.thresholds),
        thresholds=matcher.thresholds,
        phrasings=_phrasings(matcher, entry_id, text),
        parts=tuple(
            PartWeight(part[0], confidence - _confidence(matcher.match(_without(text, part), limit=of), entry_id))
            for part in list(_PART.finditer(text))[:MOST_PARTS]
        ),
    )


def _phrasings(matcher: Matcher, entry_id: str, text: str) -> tuple[PhrasingWeight, ...]:
    """Those that count the most, for or against."""
    speaking = [
        PhrasingWeight(phrasing.text, phrasing.language, matcher.entries[phrasing.number].id, weight)
        for phrasing, weight in matcher.speaking_for(text, entry_id)
    ]
    weightiest = sorted(speaking, key=lambda phrasing: -abs(phrasing.weight))[:MOST_PHRASINGS]
    return tuple(sorted(weightiest, key=lambda phrasing: -phrasing.weight))


def _confidence(matches: Sequence[Match], entry_id: str) -> float:
    return next((match.confidence for match in matches if match.entry_id == entry_id), 0.0)


def _without(text: str, part: re.Match[str]) -> str:
    return text[: part.start()] + " " + text[part.end() :]
