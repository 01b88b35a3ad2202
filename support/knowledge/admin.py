"""What an admin does with the published FAQ: find, look at, withdraw, publish again.

Each change is one revision and one line of the audit, and is live when the unit is written. What already is as asked
leaves no trace. An admin's own words go into a draft first (support.knowledge.drafts); former ones come back by
support.knowledge.history.
"""

from __future__ import annotations

from crm_store.models import Agent
from crm_store.repositories import faq_search
from crm_store.unit import Unit
from support.knowledge.changes import record
from support.knowledge.entries import KeptEntry, find_row, kept, known_row, rows_of
from support.knowledge.live_faq import LiveFaq

MOST_FOUND = 6
LIKELY = 0.05
"""Least confidence of an entry that is listed as alike."""


async def find(unit: Unit, query: str, faq: LiveFaq) -> list[KeptEntry]:
    """The entry of this id alone; else at most MOST_FOUND: like the words, best first, then those that hold them."""
    query = query.strip()
    exact = await find_row(unit, query.lower())
    if exact:
        return [kept(exact)]
    matches = faq.matcher.match(query, limit=MOST_FOUND)
    alike = [match.entry_id for match in matches if match.confidence >= LIKELY]
    holding = await faq_search.ids_with(unit, query, MOST_FOUND) if query else ()
    return [kept(row) for row in await rows_of(unit, list(dict.fromkeys([*alike, *holding]))[:MOST_FOUND])]


async def get(unit: Unit, entry_id: str) -> KeptEntry:
    """Raises UnknownEntryError."""
    return kept(await known_row(unit, entry_id))


async def withdraw(unit: Unit, agent: Agent, entry_id: str) -> KeptEntry:
    """Keeps the entry but answers nobody with it any more. Raises UnknownEntryError."""
    row = await known_row(unit, entry_id)
    if row.withdrawn_at is None:
        row.withdrawn_at = unit.now
        record(unit, row, agent, "withdrawn")
    return kept(row)


async def publish(unit: Unit, agent: Agent, entry_id: str) -> KeptEntry:
    """Answers with a withdrawn entry again. Raises UnknownEntryError."""
    row = await known_row(unit, entry_id)
    if row.withdrawn_at is not None:
        row.withdrawn_at = None
        record(unit, row, agent, "published")
    return kept(row)
