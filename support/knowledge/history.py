"""The history of an FAQ entry: what it was after each change, and the way back there.

Going back is one change more: nothing is ever taken out of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crm_store.models import Agent, FaqRevision
from crm_store.repositories import agents, faq_revisions
from crm_store.repositories import faq_drafts as draft_rows
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.knowledge import drafts as faq_drafts
from support.knowledge.changes import Action, put_entry, record
from support.knowledge.difference import difference
from support.knowledge.draft import Draft
from support.knowledge.drafts import Published
from support.knowledge.entries import kept, known_row
from support.knowledge.errors import ChangedMeanwhileError, DraftExistsError, UnknownRevisionError
from support.knowledge.snapshots import entry_from
from support.pages import Page, page_from

LINES_A_PAGE = 8


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One change; `who` is None where no person made it. `action` is the rest of a key faq.what.*."""

    id: int
    at: datetime
    who: str | None
    action: str


@dataclass(frozen=True, slots=True)
class Former:
    """What the entry said after one change, and whether it was withdrawn then."""

    line: HistoryLine
    entry: FaqEntry
    withdrawn: bool


async def page(unit: Unit, entry_id: str, number: int = 0) -> Page[HistoryLine]:
    """The newest change first. Raises UnknownEntryError."""
    await known_row(unit, entry_id)
    revisions = await faq_revisions.newest(unit, entry_id, LINES_A_PAGE + 1, number * LINES_A_PAGE)
    names = await agents.names(unit, [revision.agent_id for revision in revisions])
    return page_from([_line(revision, names) for revision in revisions], number, LINES_A_PAGE)


async def former(unit: Unit, revision_id: int) -> Former:
    """Raises UnknownRevisionError."""
    return await _former(unit, await _known(unit, revision_id))


async def draft_of(unit: Unit, agent: Agent, revision_id: int) -> Draft | None:
    """Drafts what the entry said then; None if it says so now. Raises UnknownRevisionError and DraftExistsError."""
    entry = (await former(unit, revision_id)).entry
    if await draft_rows.get(unit, entry.id):
        raise DraftExistsError(entry.id)
    return await faq_drafts.keep(unit, agent, entry)


async def restore(unit: Unit, agent: Agent, revision_id: int) -> Published:
    """Answers again with what the entry said then. Raises UnknownRevisionError and UnknownEntryError."""
    found = await former(unit, revision_id)
    return await _put_back(unit, agent, found, withdrawn=False)


async def undo(unit: Unit, agent: Agent, revision_id: int) -> Published:
    """Takes back the newest change, if it still is this one: the entry is what it was before, or withdrawn if new.

    Raises UnknownRevisionError, UnknownEntryError and ChangedMeanwhileError.
    """
    entry_id = (await _known(unit, revision_id)).entry_id
    newest, *before = await faq_revisions.newest(unit, entry_id, 2)
    if newest.id != revision_id:
        raise ChangedMeanwhileError(entry_id)
    found = await _former(unit, before[0] if before else newest)
    return await _put_back(unit, agent, found, withdrawn=found.withdrawn or not before)


async def _put_back(unit: Unit, agent: Agent, found: Former, *, withdrawn: bool) -> Published:
    row = await known_row(unit, found.entry.id)
    present = kept(row)
    if present.withdrawn == withdrawn and not difference(present.entry, found.entry):
        return Published(present, None)
    put_entry(row, found.entry)
    row.withdrawn_at = unit.now if withdrawn else None
    action: Action = "withdrawn" if withdrawn and not present.withdrawn else "restored"
    revision = record(unit, row, agent, action, revision=found.line.id)
    return Published(kept(row), revision.id)


async def _known(unit: Unit, revision_id: int) -> FaqRevision:
    revision = await faq_revisions.get(unit, revision_id)
    if revision is None:
        raise UnknownRevisionError(revision_id)
    return revision


async def _former(unit: Unit, revision: FaqRevision) -> Former:
    line = _line(revision, await agents.names(unit, [revision.agent_id]))
    entry = entry_from(revision.entry_id, revision.snapshot)
    return Former(line, entry, withdrawn=bool(revision.snapshot.get("withdrawn")))


def _line(revision: FaqRevision, names: dict[int, str]) -> HistoryLine:
    who = names.get(revision.agent_id) if revision.agent_id is not None else None
    return HistoryLine(revision.id, revision.at, who, revision.action)
