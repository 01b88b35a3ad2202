"""From a gap to a draft: the questions that nobody could answer become an entry that still lacks its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crm_store.models import Agent
from crm_store.repositories import faq_drafts as draft_rows
from crm_store.unit import Unit
from faq.entry import LANGUAGES, LONGEST_ANSWER, FaqEntry
from faq.gaps import Gap, drafts_of
from support.knowledge import drafts as faq_drafts
from support.knowledge.draft import Draft
from support.knowledge.errors import GapGoneError, NeedsTextError
from support.knowledge.snapshots import stamp
from support.knowledge.wordings import wordings_of


def stamp_of(gap: Gap) -> int:
    """Tells one gap from another while their most typical question is the same."""
    return stamp(_texts(gap)[:1])


async def draft_gap(unit: Unit, agent: Agent, gaps: Sequence[Gap], number: int) -> Draft:
    """The draft of the gap with this stamp; the one that was made before, if there is one. Raises GapGoneError."""
    gap = next((gap for gap in gaps if stamp_of(gap) == number), None)
    if gap is None:
        raise GapGoneError
    if known := await _drafted(unit, _texts(gap)[0]):
        return await faq_drafts.get(unit, known)
    (entry,) = drafts_of([gap], await draft_rows.taken_ids(unit.session))
    return await faq_drafts.begin(unit, agent, _readable(entry))


async def _drafted(unit: Unit, question: str) -> str | None:
    """The id of a draft that has this wording."""
    for entry_id, content in (await draft_rows.contents(unit.session)).items():
        if any(question in wordings for wordings in content["questions"].values()):
            return entry_id
    return None


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
