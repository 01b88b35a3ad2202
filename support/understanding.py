"""What the FAQ makes of a message: one question, several in one message, or a follow-up to the last. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from faq.entry import FaqEntry
from faq.matcher import Decision, Match, decide
from faq.questions import asks, foreign, split
from support import follow_up
from support.dialog import Dialog
from support.live_faq import LiveFaq
from support.signals import read

MOST_QUESTIONS = 3
MANY = 50
"""Matches of the last question: enough to know how likely it made whatever a follow-up may mean."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """`answers` are the entries to tell, in the order in which they were asked for; none unless the decision is ANSWER.

    `question` is what was matched, `matches` are best first, `unknown` is a question that came along and that nothing
    answers, `parts` are the questions of a message that holds several, `follows` says that it goes on with the last
    topic.
    """

    question: str
    decision: Decision
    matches: Sequence[Match]
    answers: tuple[str, ...] = ()
    unknown: str | None = None
    parts: tuple[Understanding, ...] = ()
    follows: bool = False

    @property
    def nearest(self) -> tuple[str, ...]:
        """The entries to tell, or else the likeliest one."""
        return self.answers or tuple(match.entry_id for match in self.matches[:1])


def understand(faq: LiveFaq, text: str) -> Understanding:
    """A message by itself. Several questions count only if each is sure by itself; else the whole is one question."""
    whole = _one(faq, text)
    parts = [part for part in split(text) if not read(part).courtesy]
    if not 2 <= len(parts) <= MOST_QUESTIONS:
        return whole
    return _several(faq, whole, [_one(faq, part) for part in parts])


def understand_after(faq: LiveFaq, dialog: Dialog, text: str, now: datetime) -> Understanding:
    """A message in its conversation: what is no question by itself may go on with the last one.

    A follow-up whose words leave the entry just answered the nearest is asked back at most: no answer is guessed.
    """
    own = understand(faq, text)
    topic = follow_up.topic(dialog, now)
    speaks_for_itself = own.decision is Decision.ANSWER and own.answers != (dialog.answered,)
    if topic is None or dialog.answered is None or speaks_for_itself or not follow_up.is_follow_up(text):
        return own
    question = follow_up.after(topic, text)
    together = faq.matcher.match(question)
    if own.answers:  # asked once more
        return Understanding(question, Decision.REFUSE, together, follows=True)
    likelier = follow_up.likelier(faq.matcher.match(topic, MANY), [*together, *own.matches], dialog.answered)
    categories = {match.entry_id: faq.entries[match.entry_id].category for match in likelier}
    category = faq.entries[dialog.answered].category if dialog.answered in faq.entries else None
    matches = follow_up.akin_first(likelier, categories, category, faq.matcher.thresholds.margin)
    found = _understood(faq, question, matches, follows=True)
    is_still_about_it = any(match.entry_id == dialog.answered for match in together[:1])
    return replace(found, decision=Decision.SUGGEST, answers=()) if found.answers and is_still_about_it else found


def _one(faq: LiveFaq, text: str) -> Understanding:
    return _understood(faq, text, faq.matcher.match(text))


def _understood(faq: LiveFaq, text: str, matches: Sequence[Match], *, follows: bool = False) -> Understanding:
    decision = decide(matches, faq.matcher.thresholds)
    answers = (matches[0].entry_id,) if decision is Decision.ANSWER else ()
    return Understanding(text, decision, matches, answers, follows=follows)


def _several(faq: LiveFaq, whole: Understanding, parts: Sequence[Understanding]) -> Understanding:
    """The parts' answers, unless the whole is sure of another; with one answer, what else was asked and is unknown."""
    known = tuple(dict.fromkeys(entry_id for part in parts for entry_id in part.answers))
    if not known or (whole.answers and whole.answers[0] not in known):
        return whole
    unknown = _unknown(parts, [faq.entries[entry_id] for entry_id in known])
    agreed = any(match.entry_id in known for match in whole.matches[:1])
    if len(known) == 1 and unknown is None and not agreed:
        return whole
    asked = tuple(part for part in parts if part.answers or part.question == unknown)
    return Understanding(whole.question, Decision.ANSWER, _by_likelihood(asked), known, unknown, asked)


def _unknown(parts: Sequence[Understanding], told: Sequence[FaqEntry]) -> str | None:
    """The first question among the parts that nothing told has to do with."""
    told_ids = {entry.id for entry in told}
    spoken_of = [words for entry in told for words in (*entry.wordings, *entry.answers.values())]
    for part in parts:
        is_told = not told_ids.isdisjoint(match.entry_id for match in part.matches[:1])
        if not (part.answers or is_told) and asks(part.question) and foreign(part.question, *spoken_of):
            return part.question
    return None


def _by_likelihood(parts: Sequence[Understanding]) -> list[Match]:
    """Each entry once, with its best confidence in any part."""
    best: dict[str, float] = {}
    for part in parts:
        for match in part.matches:
            best[match.entry_id] = max(match.confidence, best.get(match.entry_id, 0.0))
    return sorted((Match(*found) for found in best.items()), key=lambda match: (-match.confidence, match.entry_id))
