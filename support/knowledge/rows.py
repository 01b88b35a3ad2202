"""From the FAQ's rows in the store to the entries that are matched and written to files."""

from __future__ import annotations

from collections import defaultdict

from crm_store.models import FaqEntryRow
from faq.entry import FaqEntry
from support.knowledge.snapshots import field_from, variant_from


def entry_of(row: FaqEntryRow) -> FaqEntry:
    """The entry as the matcher knows it."""
    phrasings: dict[str, list[str]] = defaultdict(list)
    for phrasing in sorted(row.phrasings, key=lambda p: (p.language, p.position)):
        phrasings[phrasing.language].append(phrasing.text)
    return FaqEntry(
        id=row.id,
        phrasings={language: tuple(texts) for language, texts in phrasings.items()},
        answers={answer.language: answer.text for answer in row.answers},
        category=row.category,
        form=tuple(map(field_from, row.form)),
        variants=tuple(map(variant_from, row.variants)),
    )
