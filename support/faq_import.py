"""A whole FAQ in and out: a file's entries go into the store in one unit, the published ones come out in order."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models import Agent, FaqEntryRow
from crm_store.repositories.faq import every, published
from crm_store.unit import Unit
from faq.entry import FaqEntry, is_entry_id
from support.faq_changes import new_row, put_entry, record
from support.faq_errors import BadEntryIdError
from support.faq_rows import entry_of
from support.import_result import ImportResult


async def import_entries(unit: Unit, entries: Iterable[FaqEntry], agent: Agent | None = None) -> ImportResult:
    """Adds and replaces entries so that the FAQ says what they say; entries that are not among them stay as they are.

    An imported entry is published, even if it was withdrawn. One that already says the same leaves no trace, so a
    second import changes nothing. New entries come after the present ones. Raises BadEntryIdError before any change.
    """
    entries = list(entries)
    for entry in entries:
        if not is_entry_id(entry.id):
            raise BadEntryIdError(entry.id)
    rows = await every(unit)
    end = max((row.position for row in rows.values()), default=0)
    added = changed = 0
    for entry in entries:
        known = rows.get(entry.id)
        if known and _says_the_same(known, entry):
            continue
        if known:
            changed += 1
        else:
            added += 1
            rows[entry.id] = new_row(unit, entry.id, end + added)
        _replace(unit, rows[entry.id], entry, agent)
    return ImportResult(added, changed, len(entries) - added - changed)


def _says_the_same(row: FaqEntryRow, entry: FaqEntry) -> bool:
    known = entry_of(row)
    return row.withdrawn_at is None and (
        known.questions,
        known.answers,
        known.category,
        known.form,
        known.variants,
    ) == (
        entry.questions,
        dict(entry.answers),
        entry.category,
        entry.form,
        entry.variants,
    )


def _replace(unit: Unit, row: FaqEntryRow, entry: FaqEntry, agent: Agent | None) -> None:
    put_entry(row, entry)
    row.withdrawn_at = None
    record(unit, row, agent, "imported")


async def export_entries(session: AsyncSession) -> list[FaqEntry]:
    """The published entries in the FAQ's own order."""
    return [entry_of(row) for row in await published(session)]
