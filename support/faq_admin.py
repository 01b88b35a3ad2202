"""What an admin does with the FAQ: find, add, reword, answer, withdraw, publish again, look back.

Each change is one revision and one line of the audit, and is live when the unit is written. What already is as asked
leaves no trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from crm_store.models import Agent, FaqEntryRow
from crm_store.repositories import faq as faq_rows
from crm_store.repositories import faq_search
from crm_store.unit import Unit
from faq.entry import LANGUAGES, FaqEntry, is_entry_id
from faq.normalise import normalise
from support.errors import TooLongError
from support.faq_changes import new_row, put_answer, put_questions, record
from support.faq_errors import (
    BadEntryIdError,
    EntryExistsError,
    NeedsTextError,
    UnknownEntryError,
    UnknownFaqLanguageError,
)
from support.faq_rows import entry_of
from support.live_faq import LiveFaq

MOST_FOUND = 6
LONGEST_ANSWER = 4096
"""A messenger's limit for one message: an answer arrives in one piece."""


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry as the store keeps it; a withdrawn one answers nobody."""

    entry: FaqEntry
    withdrawn: bool

    @property
    def id(self) -> str:
        return self.entry.id


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change; `who` is None where no person made it. `action` is the rest of a key faq.what.*."""

    at: datetime
    who: str | None
    action: str


async def find(unit: Unit, query: str, faq: LiveFaq) -> list[KeptEntry]:
    """The entry of this id alone; else at most MOST_FOUND: like the words, best first, then those that hold them."""
    query = query.strip()
    exact = await _row(unit, query.lower())
    if exact:
        return [_kept(exact)]
    alike = [match.entry_id for match in faq.matcher.match(query, limit=MOST_FOUND)]
    holding = await faq_search.ids_with(unit, query, MOST_FOUND) if query else ()
    return [_kept(row) for row in await _rows(unit, list(dict.fromkeys([*alike, *holding]))[:MOST_FOUND])]


async def get(unit: Unit, entry_id: str) -> KeptEntry:
    """Raises UnknownEntryError."""
    return _kept(await _known(unit, entry_id))


async def check_new_id(unit: Unit, entry_id: str) -> None:
    """Raises BadEntryIdError and EntryExistsError."""
    if not is_entry_id(entry_id):
        raise BadEntryIdError(entry_id)
    if await _row(unit, entry_id):
        raise EntryExistsError(entry_id)


def wordings_of(language: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as an entry keeps them: each once, and none without a letter or digit, which no question could match.

    Raises UnknownFaqLanguageError and NeedsTextError.
    """
    _check_language(language)
    lines = [" ".join(text.split()) for text in texts]
    wordings = tuple(dict.fromkeys(line for line in lines if normalise(line)))
    if not wordings:
        raise NeedsTextError("question")
    return wordings


async def add_entry(unit: Unit, agent: Agent, entry_id: str, language: str, question: str, answer: str) -> KeptEntry:
    """Adds and publishes an entry; `question` holds one wording a line.

    Raises BadEntryIdError, EntryExistsError, UnknownFaqLanguageError, NeedsTextError and TooLongError.
    """
    await check_new_id(unit, entry_id)
    wordings, answer = wordings_of(language, question.splitlines()), _answer(language, answer)
    row = new_row(unit, entry_id, await _next_position(unit))
    unit.memory["faq_entry", entry_id] = row
    put_questions(row, language, wordings)
    put_answer(row, language, answer)
    record(unit, row, agent, "created", language=language)
    return _kept(row)


async def set_answer(unit: Unit, agent: Agent, entry_id: str, language: str, text: str) -> KeptEntry:
    """Raises UnknownEntryError, UnknownFaqLanguageError, NeedsTextError and TooLongError."""
    text = _answer(language, text)
    row = await _known(unit, entry_id)
    if entry_of(row).answers.get(language) != text:
        put_answer(row, language, text)
        record(unit, row, agent, "answer", language=language)
    return _kept(row)


async def add_question(unit: Unit, agent: Agent, entry_id: str, language: str, text: str) -> KeptEntry:
    """Adds one more wording. Raises as `set_questions` does."""
    row = await _known(unit, entry_id)
    return await set_questions(unit, agent, entry_id, language, [*entry_of(row).questions.get(language, ()), text])


async def set_questions(unit: Unit, agent: Agent, entry_id: str, language: str, texts: Sequence[str]) -> KeptEntry:
    """Replaces the wordings of one language (see `wordings_of`); the first is the canonical one.

    Raises UnknownEntryError, UnknownFaqLanguageError and NeedsTextError.
    """
    wordings = wordings_of(language, texts)
    row = await _known(unit, entry_id)
    if entry_of(row).questions.get(language) != wordings:
        put_questions(row, language, wordings)
        record(unit, row, agent, "wording", language=language)
    return _kept(row)


async def withdraw(unit: Unit, agent: Agent, entry_id: str) -> KeptEntry:
    """Keeps the entry but answers nobody with it any more. Raises UnknownEntryError."""
    row = await _known(unit, entry_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = unit.now
        record(unit, row, agent, "withdrawn")
    return _kept(row)


async def publish(unit: Unit, agent: Agent, entry_id: str) -> KeptEntry:
    """Answers with a withdrawn entry again. Raises UnknownEntryError."""
    row = await _known(unit, entry_id)
    if row.withdrawn_at is not None:
        row.withdrawn_at = None
        record(unit, row, agent, "published")
    return _kept(row)


async def history(unit: Unit, entry_id: str, limit: int = 10) -> list[HistoryLine]:
    """The newest change first. Raises UnknownEntryError."""
    await _known(unit, entry_id)
    revisions = await faq_rows.history(unit, entry_id, limit)
    ids = {revision.agent_id for revision in revisions if revision.agent_id is not None}
    names = dict((await unit.session.execute(select(Agent.id, Agent.name).where(Agent.id.in_(ids)))).all())
    return [HistoryLine(r.at, names.get(r.agent_id) if r.agent_id else None, r.action) for r in revisions]


def _answer(language: str, text: str) -> str:
    _check_language(language)
    text = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise NeedsTextError("answer")
    if len(text) > LONGEST_ANSWER:
        raise TooLongError(len(text))
    return text


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise UnknownFaqLanguageError(language)


async def _known(unit: Unit, entry_id: str) -> FaqEntryRow:
    row = await _row(unit, entry_id)
    if row is None:
        raise UnknownEntryError(entry_id)
    return row


async def _row(unit: Unit, entry_id: str) -> FaqEntryRow | None:
    """Also what this unit has only just made, which no query finds yet."""
    row: FaqEntryRow | None = await unit.once(("faq_entry", entry_id), lambda: faq_rows.get(unit, entry_id))
    return row


async def _rows(unit: Unit, ids: Sequence[str]) -> list[FaqEntryRow]:
    """In the order asked for; entries that are gone are left out."""
    found = {row.id: row for row in await faq_search.by_ids(unit, ids)}
    unit.memory.update({("faq_entry", entry_id): row for entry_id, row in found.items()})
    return [found[entry_id] for entry_id in ids if entry_id in found]


async def _next_position(unit: Unit) -> int:
    """Behind every stored entry and those of this unit."""
    fresh = [row.position for row in unit.session.new if isinstance(row, FaqEntryRow)]
    return max([await faq_search.last_position(unit), *fresh]) + 1


def _kept(row: FaqEntryRow) -> KeptEntry:
    return KeptEntry(entry_of(row), row.withdrawn_at is not None)
