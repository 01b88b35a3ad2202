"""Follow-ups ("and to Spain?", 那寄到香港呢): whether a text is one by its shape, and what it may mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from faq.han import HAN
from faq.matcher import Match
from faq.normalise import normalise
from support.talk.dialog import Dialog
from support.words import lexicon
from support.words.phrases import any_of, nothing_but, plain

WITHIN = timedelta(minutes=10)
"""Later than that, few words are a new matter."""
LONGEST_TEXT = 200
"""Characters, whatever they are."""
LONGEST = 8
LONGEST_CHINESE = 14
"""Words, and Chinese characters: whoever needs more says what they mean."""

_HAN = re.compile(f"[{HAN}]")
_OPENING = re.compile(rf"(?:{any_of(lexicon.FOLLOWING)}[ .]*)+")
_SHORT_OPENING = re.compile(any_of(lexicon.ABOUT_WHERE_AND_WHEN))
_ASKING_FURTHER = nothing_but(lexicon.ASKING_FURTHER)
_WHEN = re.compile(any_of(lexicon.WHEN))
_WHEN_AND_FURTHER = nothing_but(lexicon.WHEN, lexicon.ASKING_FURTHER)
_ENDING = re.compile(r"[呢吗]$")


def topic(dialog: Dialog, now: datetime) -> str | None:
    """The question that a follow-up said at `now` would be about."""
    fresh = dialog.answered_at is not None and now - dialog.answered_at <= WITHIN
    return dialog.topic if dialog.answered and fresh else None


def is_follow_up(text: str) -> bool:
    """By its shape: short, and opening or ending as one does who goes on with the last matter."""
    if len(text) > LONGEST_TEXT:
        return False
    words = plain(text)
    if len(normalise(text).split()) > (LONGEST_CHINESE if _HAN.search(words) else LONGEST):
        return False
    return bool(_OPENING.match(words) or _SHORT_OPENING.match(words) or words.endswith("呢"))


def after(question: str, text: str) -> str:
    """What to match: the last question with the words that the follow-up adds."""
    return f"{question} {_added(text)}".strip()


def leans(text: str) -> bool:
    """Whether it names no matter of its own: only where, when or for what (for grinders, 寄到香港), or how much."""
    added = _added(text)
    return bool(_SHORT_OPENING.match(added) or _ASKING_FURTHER.fullmatch(added) or asks_when(text))


def asks_when(text: str) -> bool:
    """Whether all that it names is a day or an hour (周日呢, and on Sundays?)."""
    words = named(text)
    return bool(_WHEN.search(words) and _WHEN_AND_FURTHER.fullmatch(words))


def named(text: str) -> str:
    """What it speaks of, without the words that tie it to the last question."""
    return _SHORT_OPENING.sub("", _added(text), count=1).strip()


def _added(text: str) -> str:
    return _ENDING.sub("", _OPENING.sub("", plain(text), count=1))


def likelier(before: Sequence[Match], now: Iterable[Match], answered: str) -> list[Match]:
    """The entries that the new words speak for: likelier now than by the last question; never the one just answered.

    Best first, each once with its best confidence.
    """
    was = {match.entry_id: match.confidence for match in before}
    found: dict[str, float] = {}
    for match in now:
        if match.entry_id != answered and match.confidence > was.get(match.entry_id, 0.0):
            found[match.entry_id] = max(match.confidence, found.get(match.entry_id, 0.0))
    return sorted((Match(*each) for each in found.items()), key=lambda match: (-match.confidence, match.entry_id))


def akin_first(
    matches: Sequence[Match], categories: Mapping[str, str], category: str | None, margin: float
) -> list[Match]:
    """Of the matches within `margin` of the best, those of the category are kept, if there are any."""
    close = [match for match in matches if matches[0].confidence - match.confidence <= margin]
    akin = [match for match in close if categories[match.entry_id] == category]
    return [*(akin or close), *matches[len(close) :]]
