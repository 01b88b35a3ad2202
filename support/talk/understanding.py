"""What the FAQ makes of a message: one question, several in one message, or a follow-up to the last. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from faq.entry import FaqEntry
from faq.matcher import Decision, Match, decide
from faq.questions import asks, foreign, matter, split
from support.knowledge.live_faq import LiveFaq
from support.talk import follow_up
from support.talk.dialog import Dialog
from support.words.signals import read

MOST_QUESTIONS = 3
REMEMBERED = 500
"""Messages that are kept taken apart: several times what one batch holds."""
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


def asked_in(text: str) -> Sequence[str]:
    """What `understand` will ask the FAQ, for whoever looks ahead."""
    parts, bare = _taken_apart(text)
    return (text, bare, *(parts if _are_several(parts) else ()))


def understand(faq: LiveFaq, text: str) -> Understanding:
    """A message by itself. Several questions count only if each is sure by itself; else the whole is one question."""
    parts, bare = _taken_apart(text)
    whole = _one(faq, text, bare)
    return _several(faq, whole, [_one(faq, part, matter(part)) for part in parts]) if _are_several(parts) else whole


@lru_cache(REMEMBERED)
def _taken_apart(text: str) -> tuple[Sequence[str], str]:
    """The sentences of a message that may be questions, and what they ask without those that only surround it."""
    parts = tuple(part for part in split(text) if not read(part).courtesy)
    return parts, matter(" ".join(parts) or text)


def _are_several(parts: Sequence[str]) -> bool:
    return 2 <= len(parts) <= MOST_QUESTIONS


def understand_after(faq: LiveFaq, dialog: Dialog, text: str, now: datetime) -> Understanding:
    """A message in its conversation: what is no question by itself may go on with the last one.

    A follow-up whose words leave the entry just answered the nearest is asked back at most: no answer is guessed. What
    that entry speaks of is said already ("and on Sundays?" after the opening hours).
    """
    own = understand(faq, text)
    topic = follow_up.topic(dialog, now)
    if topic is None or dialog.answered is None or not follow_up.is_follow_up(text):
        return own
    question = follow_up.after(topic, text)
    together = _understood(faq, question, faq.matcher.match(question), follows=True)
    if own.answers == (dialog.answered,):  # asked once more
        return replace(together, decision=Decision.REFUSE, answers=())
    if own.answers and own.matches[0].confidence == 1.0:  # an entry's very words need no last question
        return own
    if follow_up.asks_when(text):
        return _then(faq, dialog.answered, topic, text, own, together)
    if follow_up.leans(text):
        return _leaning(faq, dialog.answered, topic, text, own, together)
    return own if own.answers else _further(faq, dialog.answered, topic, text, own, together)


def _then(
    faq: LiveFaq, answered: str, topic: str, text: str, own: Understanding, together: Understanding
) -> Understanding:
    """A day or an hour is asked of the last topic: 周日呢 after the delivery times is not about opening hours, however
    surely an entry on those is the one that speaks of Sundays.
    """
    found = own if own.answers else _further(faq, answered, topic, text, own, together)
    categories = {faq.entries[entry_id].category for entry_id in (answered, *found.nearest) if entry_id in faq.entries}
    stays = bool(found.nearest) and len(categories) == 1 and "" not in categories
    return found if stays else replace(together, decision=Decision.REFUSE, answers=())


def _leaning(
    faq: LiveFaq, answered: str, topic: str, text: str, own: Understanding, together: Understanding
) -> Understanding:
    """A follow-up that names no matter of its own means first what it means after the last question.

    It may have an entry of its own by chance: "and what does it cost?" after a question about repairs, "and for
    grinders?" after one about the warranty.
    """
    nearest = together.nearest[:1]
    if together.answers and nearest != (answered,) and not _speaks_of_another(faq.entries[nearest[0]], text):
        return together
    if not own.answers:
        return _further(faq, answered, topic, text, own, together)
    if nearest != (answered,):
        return own
    decision = Decision.REFUSE if _is_said(faq, together, answered, text) else Decision.SUGGEST
    return replace(own, question=together.question, decision=decision, answers=(), parts=(), follows=True)


def _further(
    faq: LiveFaq, answered: str, topic: str, text: str, own: Understanding, together: Understanding
) -> Understanding:
    """A follow-up that is nothing by itself: the entries that its words have made likelier and are about."""
    sure = {match.entry_id for match in own.matches if match.confidence >= faq.matcher.thresholds.suggest}
    likelier = [
        match
        for match in follow_up.likelier(faq.matcher.match(topic, MANY), [*together.matches, *own.matches], answered)
        if match.entry_id in sure or not _speaks_of_another(faq.entries[match.entry_id], text)
    ]
    categories = {match.entry_id: faq.entries[match.entry_id].category for match in likelier}
    category = faq.entries[answered].category if answered in faq.entries else None
    matches = follow_up.akin_first(likelier, categories, category, faq.matcher.thresholds.margin)
    found = _understood(faq, together.question, matches, follows=True)
    if _is_said(faq, together, answered, text):
        return replace(found, decision=Decision.REFUSE, answers=())
    is_still_about_it = together.nearest[:1] == (answered,)
    return replace(found, decision=Decision.SUGGEST, answers=()) if found.answers and is_still_about_it else found


def _is_said(faq: LiveFaq, together: Understanding, answered: str, text: str) -> bool:
    """Whether a follow-up stays with the entry just answered and names nothing that it does not speak of."""
    stays = together.nearest[:1] == (answered,) and answered in faq.entries
    return stays and follow_up.leans(text) and not _speaks_of_another(faq.entries[answered], text)


def _speaks_of_another(entry: FaqEntry, text: str) -> bool:
    """Whether a follow-up names what the entry never does: "and to Portugal?" is not about Spain, however near."""
    return foreign(follow_up.named(text), *entry.wordings, *entry.answers.values())


def _one(faq: LiveFaq, text: str, bare: str) -> Understanding:
    """A question as it stands, or else what is asked in it, without the sentences that only surround it."""
    whole = _understood(faq, text, faq.matcher.match(text))
    if whole.answers or bare == text:
        return whole
    alone = _understood(faq, text, faq.matcher.match(bare))
    return alone if alone.answers else whole


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
        is_told = part.decision is not Decision.REFUSE and part.matches[0].entry_id in told_ids
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
