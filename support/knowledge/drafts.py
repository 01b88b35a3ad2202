"""Drafts of the FAQ: an admin's changes gather beside what is published, until somebody publishes or discards them.

There is one draft an entry, which all admins share. A number (`Draft.stamp`) tells what an admin saw; who acts on
something else than is there now is told so, and nothing is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crm_store.models import Agent, FaqDraft
from crm_store.repositories import agents
from crm_store.repositories import faq_drafts as draft_rows
from crm_store.unit import Unit
from faq.entry import FaqEntry, is_entry_id
from support.audit import audit
from support.knowledge.changes import Action, put_entry, record
from support.knowledge.difference import Difference, difference
from support.knowledge.draft import Draft, check_seen, seen_answer, seen_category, seen_questions
from support.knowledge.entries import KeptEntry, add_row, find_row, kept, known_row, rows_of
from support.knowledge.errors import (
    BadEntryIdError,
    EntryExistsError,
    NoDraftError,
    UnfinishedDraftError,
)
from support.knowledge.snapshots import content_of, entry_from
from support.knowledge.wordings import answer_of, category_of, wordings_of
from support.pages import Page, page_from

DRAFTS_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class Published:
    """What has just become live, and the revision that says so; None if it was so already."""

    kept: KeptEntry
    revision_id: int | None


async def find(unit: Unit, entry_id: str) -> Draft | None:
    row = await draft_rows.get(unit, entry_id)
    return await _draft(unit, row) if row else None


async def get(unit: Unit, entry_id: str) -> Draft:
    """Raises NoDraftError."""
    return await _draft(unit, await _known(unit, entry_id))


async def meant(unit: Unit, entry_id: str) -> FaqEntry:
    """What an edit begins with: the draft, else what the store keeps. Raises UnknownEntryError."""
    row = await draft_rows.get(unit, entry_id)
    return entry_from(row.entry_id, row.content) if row else kept(await known_row(unit, entry_id)).entry


async def page(unit: Unit, number: int = 0) -> Page[Draft]:
    """The draft that was changed last first."""
    rows = await draft_rows.newest(unit, DRAFTS_A_PAGE + 1, number * DRAFTS_A_PAGE)
    return page_from(await _drafts(unit, rows), number, DRAFTS_A_PAGE)


async def check_new_id(unit: Unit, entry_id: str) -> None:
    """Raises BadEntryIdError and EntryExistsError."""
    if not is_entry_id(entry_id):
        raise BadEntryIdError(entry_id)
    if await draft_rows.get(unit, entry_id) or await find_row(unit, entry_id):
        raise EntryExistsError(entry_id)


async def begin(unit: Unit, agent: Agent, entry: FaqEntry) -> Draft:
    """A draft of an entry that is not there yet; what it lacks comes later. Raises as `check_new_id` does."""
    await check_new_id(unit, entry.id)
    row = FaqDraft(entry_id=entry.id, content=content_of(entry), at=unit.now, agent_id=agent.id)
    draft_rows.add(unit, row)
    return await _draft(unit, row)


async def set_answer(
    unit: Unit, agent: Agent, entry_id: str, language: str, text: str, seen: int | None = None
) -> Draft | None:
    """Drafts the answer in one language; `seen` is the stamp of the one it replaces (faq_draft.seen_answer).

    None if nothing differs any more from what is published. Raises UnknownEntryError, UnknownFaqLanguageError,
    NeedsTextError, TooLongError and ChangedMeanwhileError.
    """
    text = answer_of(language, text)
    entry = await meant(unit, entry_id)
    check_seen(entry_id, seen, seen_answer(entry, language))
    return await keep(unit, agent, replace(entry, answers={**entry.answers, language: text}))


async def set_questions(
    unit: Unit, agent: Agent, entry_id: str, language: str, texts: Sequence[str], seen: int | None = None
) -> Draft | None:
    """Drafts the wordings of one language (see `wordings_of`), the first being the canonical one.

    Gives and raises as `set_answer` does.
    """
    wordings = wordings_of(language, texts)
    entry = await meant(unit, entry_id)
    check_seen(entry_id, seen, seen_questions(entry, language))
    return await keep(unit, agent, replace(entry, phrasings={**entry.questions, language: wordings}))


async def set_category(unit: Unit, agent: Agent, entry_id: str, text: str, seen: int | None = None) -> Draft | None:
    """Drafts the category (see `category_of`); `seen` is the stamp of the one it replaces.

    Gives as `set_answer` does. Raises UnknownEntryError, NeedsTextError, LongCategoryError and ChangedMeanwhileError.
    """
    category = category_of(text)
    entry = await meant(unit, entry_id)
    check_seen(entry_id, seen, seen_category(entry))
    return await keep(unit, agent, replace(entry, category=category))


async def add_question(unit: Unit, agent: Agent, entry_id: str, language: str, text: str) -> Draft | None:
    """Drafts one more wording. Gives and raises as `set_questions` does."""
    present = (await meant(unit, entry_id)).questions.get(language, ())
    return await set_questions(unit, agent, entry_id, language, [*present, text])


async def keep(unit: Unit, agent: Agent, entry: FaqEntry) -> Draft | None:
    """Makes the entry's draft say this. One that says what is published is none: it goes, and None comes back."""
    row, published = await draft_rows.get(unit, entry.id), await find_row(unit, entry.id)
    if published and published.withdrawn_at is None and not difference(kept(published).entry, entry):
        if row:
            await draft_rows.remove(unit, row)
        return None
    if row is None:
        row = FaqDraft(entry_id=entry.id, content={}, at=unit.now)
        draft_rows.add(unit, row)
    row.content, row.at, row.agent_id = content_of(entry), unit.now, agent.id
    return await _draft(unit, row)


async def publish(unit: Unit, agent: Agent, entry_id: str, seen: int) -> Published:
    """Makes the draft what customers are answered from; a withdrawn entry answers again.

    Raises NoDraftError, ChangedMeanwhileError and UnfinishedDraftError.
    """
    row = await _known(unit, entry_id)
    draft = await _draft(unit, row)
    check_seen(entry_id, seen, draft.stamp)
    if not draft.entry.wordings or not (draft.entry.answers or draft.entry.variants):
        raise UnfinishedDraftError(entry_id)
    entry_row = await find_row(unit, entry_id) or await add_row(unit, entry_id)
    put_entry(entry_row, draft.entry)
    entry_row.withdrawn_at = None
    revision = record(unit, entry_row, agent, _action(draft), **_languages(draft.difference))
    await draft_rows.remove(unit, row)
    return Published(kept(entry_row), revision.id)


async def discard(unit: Unit, agent: Agent, entry_id: str, seen: int) -> None:
    """Throws the draft away; what is published stays. Raises NoDraftError and ChangedMeanwhileError."""
    row = await _known(unit, entry_id)
    check_seen(entry_id, seen, (await _draft(unit, row)).stamp)
    audit(unit, "faq.discarded", "faq_entry", entry_id, agent_id=agent.id)
    await draft_rows.remove(unit, row)


def _action(draft: Draft) -> Action:
    """The history's word for what the draft does."""
    change = draft.difference
    if draft.published is None:
        return "created"
    if not change:
        return "published"
    kinds: dict[Action, object] = {"wording": change.questions, "answer": change.answers, "category": change.category}
    changed = [kind for kind, found in kinds.items() if found]
    return changed[0] if len(changed) == 1 and not change.more else "changed"


def _languages(change: Difference) -> Mapping[str, object]:
    found = [*(each.language for each in change.questions), *(each.language for each in change.answers)]
    return {"languages": list(dict.fromkeys(found))} if found else {}


async def _known(unit: Unit, entry_id: str) -> FaqDraft:
    row = await draft_rows.get(unit, entry_id)
    if row is None:
        raise NoDraftError(entry_id)
    return row


async def _draft(unit: Unit, row: FaqDraft) -> Draft:
    return (await _drafts(unit, [row]))[0]


async def _drafts(unit: Unit, rows: Sequence[FaqDraft]) -> list[Draft]:
    """However many, by the same few statements."""
    names = await agents.names(unit, [row.agent_id for row in rows])
    published = {row.id: kept(row) for row in await rows_of(unit, [row.entry_id for row in rows])}
    return [
        Draft(entry_from(row.entry_id, row.content), published.get(row.entry_id), row.at, names.get(row.agent_id or 0))
        for row in rows
    ]
