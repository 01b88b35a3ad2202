"""An FAQ entry as the store keeps it, found again within the unit that has only just made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_store.models import FaqEntryRow
from crm_store.repositories import faq as faq_rows
from crm_store.repositories import faq_search
from crm_store.unit import Unit
from faq.entry import FaqEntry
from support.knowledge.changes import new_row
from support.knowledge.errors import UnknownEntryError
from support.knowledge.rows import entry_of


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry as the store keeps it; a withdrawn one answers nobody."""

    entry: FaqEntry
    withdrawn: bool

    @property
    def id(self) -> str:
        return self.entry.id


def kept(row: FaqEntryRow) -> KeptEntry:
    return KeptEntry(entry_of(row), row.withdrawn_at is not None)


async def known_row(unit: Unit, entry_id: str) -> FaqEntryRow:
    """Raises UnknownEntryError."""
    row = await find_row(unit, entry_id)
    if row is None:
        raise UnknownEntryError(entry_id)
    return row


async def find_row(unit: Unit, entry_id: str) -> FaqEntryRow | None:
    """Also what this unit has only just made, which no query finds yet."""
    row: FaqEntryRow | None = await unit.once(_key(entry_id), lambda: faq_rows.get(unit, entry_id))
    return row


async def rows_of(unit: Unit, ids: Sequence[str]) -> list[FaqEntryRow]:
    """In the order asked for, also what this unit has only just made; entries that are gone are left out."""
    unread = [entry_id for entry_id in ids if _key(entry_id) not in unit.memory]
    if unread:
        found = {row.id: row for row in await faq_search.by_ids(unit, unread)}
        unit.memory.update({_key(entry_id): found.get(entry_id) for entry_id in unread})
    return [row for entry_id in ids if (row := unit.memory[_key(entry_id)])]


async def add_row(unit: Unit, entry_id: str) -> FaqEntryRow:
    """A new entry without words, behind every stored entry and those of this unit."""
    fresh = [row.position for row in unit.session.new if isinstance(row, FaqEntryRow)]
    row = new_row(unit, entry_id, max([await faq_search.last_position(unit), *fresh]) + 1)
    unit.memory[_key(entry_id)] = row
    return row


def _key(entry_id: str) -> tuple[str, str]:
    return "faq_entry", entry_id
