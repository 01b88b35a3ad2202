"""From a gap to a draft: the questions that nobody could answer become an entry that still lacks its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crm_store.models import Agent
from crm_store.repositories import faq_drafts as draft_rows
from crm_store.unit import Unit
from faq.entry import LANGUAGES, FaqEntry
from faq.gaps import Gap, drafts_of
from support import faq_drafts
from support.faq_draft import Draft
from support.faq_errors import GapGoneError, NeedsTextError
from support.faq_snapshots import stamp
from support.faq_texts import LONGEST_ANSWER, wordings_of


def stamp_of(gap: Gap) -> int:
    """Tells one gap from another while their most typical question is the same."""
    return stamp(_texts(gap)[:1])


async def draft_gap(unit: Unit, agent: Agent, gaps: Sequence[Gap], number: int) -> Draft:
    """The draft of the gap with this stamp; the one that was made before, if there is one. Raises GapGoneError."""
    gap = next((gap for gap in gaps if stamp_of(gap) == number), None)
    if gap is None:
        raise GapGoneError
    drafts = await draft_rows.every(unit)
    known = next((entry_id for entry_id, texts in drafts.items() if texts.intersection(_texts(gap)[:1])), None)
    if known:
        return await faq_drafts.get(unit, known)
    taken = {*drafts, *await draft_rows.entry_ids(unit)}
    (entry,) = drafts_of([gap], taken)
    return await faq_drafts.begin(unit, agent, _readable(entry))


def missing_language(entry: FaqEntry) -> str | None:
    """The first language in which customers asked and nothing is answered."""
    asked = [language for language in LANGUAGES if entry.questions.get(language)]
    return next((language for language in asked if not entry.answers.get(language)), None)


def _texts(gap: Gap) -> list[str]:
    return [text for wordings in gap.examples.values() for text in wordings]


def _readable(entry: FaqEntry) -> FaqEntry:
    """Without wordings that no question could match and without empty or overlong answers.

    Raises GapGoneError if nothing is left of it.
    """
    phrasings = {}
    for language, texts in entry.questions.items():
        try:
            phrasings[language] = wordings_of(language, texts)
        except NeedsTextError:
            continue
    if not phrasings:
        raise GapGoneError
    answers = {language: text[:LONGEST_ANSWER] for language, text in entry.answers.items() if text}
    return replace(entry, phrasings=phrasings, answers=answers)
