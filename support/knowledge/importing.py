"""A whole FAQ in and out: a file's entries go into the store in one unit, the published ones come out in order."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.ids import new_id
from crm_store.models import Agent, Audit, FaqRevision
from crm_store.repositories import faq_bulk
from crm_store.repositories.faq import published
from crm_store.repositories.faq_bulk import EntryState
from crm_store.unit import Unit
from faq.entry import FaqEntry, is_entry_id
from support.imports.records import Progress, in_chunks, no_progress
from support.imports.result import ImportResult
from support.knowledge.errors import BadEntryIdError
from support.knowledge.rows import entry_of
from support.knowledge.snapshots import content_of

ENTRIES_AT_ONCE = 1_000
"""Written by the same statements; between them the progress is told."""


async def import_entries(
    unit: Unit,
    entries: Iterable[FaqEntry],
    agent: Agent | None = None,
    *,
    silent: Collection[str] = (),
    progress: Progress = no_progress,
) -> ImportResult:
    """Adds and replaces entries so that the FAQ says what they say; entries that are not among them stay as they are.

    An imported entry is published, even if it was withdrawn. One that already says the same leaves no trace, so a
    second import changes nothing. New entries come after the present ones. The fields named in `silent` (see FaqFile)
    stay as they are in an entry that exists. All or nothing: one transaction, which takes some seconds for 10,000
    entries. Raises BadEntryIdError before any change, and StaleDataError if an admin was faster.
    """
    wanted = _by_id(entries)
    known = await faq_bulk.states(unit)
    changes = list(_changes(wanted, known, silent))
    unchanged, added = len(wanted) - len(changes), len(wanted.keys() - known.keys())
    await _write(unit, changes, agent, lambda done, _: progress(unchanged + done, len(wanted)))
    return ImportResult(added, len(changes) - added, unchanged)


def _by_id(entries: Iterable[FaqEntry]) -> dict[str, FaqEntry]:
    """Each id once, as it comes last. Raises BadEntryIdError."""
    wanted = {entry.id: entry for entry in entries}
    for entry_id in wanted:
        if not is_entry_id(entry_id):
            raise BadEntryIdError(entry_id)
    return wanted


def _changes(
    wanted: Mapping[str, FaqEntry], known: Mapping[str, EntryState], silent: Collection[str]
) -> Iterator[EntryState]:
    """Entries that are to say something else than they do, and new ones, which stand behind those of the store."""
    places = count(max((state.position for state in known.values()), default=0) + 1)
    for entry in wanted.values():
        before, content = known.get(entry.id), _content(entry)
        if before is None:
            yield EntryState(entry.id, next(places), content)
        elif (content := content | {name: before.content[name] for name in silent}) != before.content:
            yield replace(before, content=content)


def _content(entry: FaqEntry) -> dict[str, Any]:
    """What the entry is to say, in the very shape in which the store gives it back."""
    content: dict[str, Any] = json.loads(json.dumps(content_of(entry)))
    return content


async def _write(unit: Unit, changes: list[EntryState], agent: Agent | None, progress: Progress) -> None:
    done = 0
    progress(done, len(changes))
    for some in in_chunks(changes, ENTRIES_AT_ONCE):
        await faq_bulk.write(unit, some)
        for state in some:
            _record(unit, state, agent.id if agent else None)
        done += len(some)
        progress(done, len(changes))
    if changes:
        unit.touch("faq")


def _record(unit: Unit, state: EntryState, agent_id: int | None) -> None:
    """The trace that every change of an entry leaves, for bulk statements (see support.knowledge.changes.record)."""
    unit.insert(
        FaqRevision,
        id=new_id(),
        entry_id=state.id,
        at=unit.now,
        agent_id=agent_id,
        action="imported",
        snapshot=dict(state.content),
    )
    unit.insert(
        Audit,
        id=new_id(),
        at=unit.now,
        agent_id=agent_id,
        action="faq.imported",
        object_kind="faq_entry",
        object_id=state.id,
        data=None,
    )


async def export_entries(session: AsyncSession) -> list[FaqEntry]:
    """The published entries in the FAQ's own order."""
    return [entry_of(row) for row in await published(session)]
