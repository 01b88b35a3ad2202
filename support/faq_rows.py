"""Between the FAQ's rows in the store and the entries that are matched and written to files."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from crm_store.models import FaqEntryRow
from faq.entry import FaqEntry, FormField, Variant


def entry_of(row: FaqEntryRow) -> FaqEntry:
    """The entry as the matcher knows it."""
    phrasings: dict[str, list[str]] = defaultdict(list)
    for phrasing in sorted(row.phrasings, key=lambda p: (p.language, p.position)):
        phrasings[phrasing.language].append(phrasing.text)
    return FaqEntry(
        id=row.id,
        phrasings=dict(phrasings),
        answers={answer.language: answer.text for answer in row.answers},
        category=row.category,
        form=tuple(FormField(**field) for field in row.form),
        variants=tuple(map(_variant, row.variants)),
    )


def _variant(kept: dict[str, Any]) -> Variant:
    return Variant(kept["answers"], tuple(kept["tiers"]), tuple(kept["stages"]))


def snapshot(entry: FaqEntry, *, withdrawn: bool) -> dict[str, Any]:
    """The entry as a revision keeps it."""
    return {
        "category": entry.category,
        "questions": {language: list(texts) for language, texts in entry.questions.items()},
        "answers": dict(entry.answers),
        "withdrawn": withdrawn,
    }
