"""Trying a question before customers do: what the bot would make of it, as the FAQ is or with a draft in its place."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from faq.entry import FaqEntry
from faq.matcher import Decision, Match, Matcher, decide
from support.desk import Desk
from support.talk.personal import answer_for_anybody
from support.words.language import detect

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """`matches` are the nearest entries, best first; `milliseconds` is what finding them took.

    `answer` is Markdown in `language`, as a customer of whom nothing is known would read it; None where nothing would
    be answered.
    """

    decision: Decision
    matches: tuple[Match, ...]
    language: str
    answer: str | None
    milliseconds: float


async def try_with_draft(desk: Desk, question: str, draft: FaqEntry) -> Trial:
    """The FAQ as it would be with the draft in it, trained as a whole (seconds in a large one). Changes nothing."""
    return try_question(desk, question, await desk.faq.rehearsed(list({**desk.faq.entries, draft.id: draft}.values())))


def try_question(desk: Desk, question: str, matcher: Matcher | None = None) -> Trial:
    """The live FAQ, or one that is not live; without a conversation."""
    matcher = matcher or desk.faq.matcher
    begun = perf_counter()
    matches = matcher.match(question, limit=MOST_SHOWN)
    decision = decide(matches, matcher.thresholds)
    milliseconds = (perf_counter() - begun) * 1000
    language = detect(question, chat=None, client=None, default=desk.default_language)
    entry_id = matches[0].entry_id if decision is Decision.ANSWER else None
    entry = next((entry for entry in matcher.entries if entry.id == entry_id), None)
    answer = answer_for_anybody(desk, entry, language) if entry else None
    return Trial(decision, tuple(matches), language, answer, milliseconds)
