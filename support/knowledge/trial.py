"""Trying a question before customers do: what the bot would make of it, with the draft in its place or without."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from faq.entry import FaqEntry
from faq.matcher import Decision, Match, decide
from support.desk import Desk
from support.talk.personal import answer_for_anybody
from support.words.language import detect

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """`matches` are the nearest entries, best first.

    `answer` is Markdown, as a customer of whom nothing is known would read it; None where nothing would be answered.
    """

    decision: Decision
    matches: tuple[Match, ...]
    answer: str | None


async def try_question(desk: Desk, question: str, draft: FaqEntry | None) -> Trial:
    """Thinks in a thread, so the loop goes on answering; changes nothing."""
    matcher = await asyncio.to_thread(desk.faq.matcher.with_entry, draft) if draft else desk.faq.matcher
    matches = matcher.match(question, limit=MOST_SHOWN)
    decision = decide(matches, matcher.thresholds)
    answer = None
    if decision is Decision.ANSWER:
        entry = draft if draft and matches[0].entry_id == draft.id else desk.faq.entries[matches[0].entry_id]
        language = detect(question, chat=None, client=None, default=desk.default_language)
        answer = answer_for_anybody(desk, entry, language)
    return Trial(decision, tuple(matches), answer)
