"""An FAQ entry as a revision and a draft keep it: plain values, ready for JSON, and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from faq.entry import FaqEntry, FormField, Variant


def content_of(entry: FaqEntry, *, withdrawn: bool = False) -> dict[str, Any]:
    """Everything that an entry says; the id is kept beside it."""
    return {
        "category": entry.category,
        "questions": {language: list(texts) for language, texts in entry.questions.items() if texts},
        "answers": {language: text for language, text in entry.answers.items() if text},
        "withdrawn": withdrawn,
        "form": [asdict(field) for field in entry.form],
        "variants": [asdict(variant) for variant in entry.variants],
    }


def entry_from(entry_id: str, content: Mapping[str, Any]) -> FaqEntry:
    """The entry that was kept; what an older content does not know yet is empty."""
    return FaqEntry(
        id=entry_id,
        phrasings={language: tuple(texts) for language, texts in content["questions"].items()},
        answers=dict(content["answers"]),
        category=content.get("category", ""),
        form=tuple(map(field_from, content.get("form", ()))),
        variants=tuple(map(variant_from, content.get("variants", ()))),
    )


def field_from(kept: Mapping[str, Any]) -> FormField:
    choices = {language: tuple(texts) for language, texts in kept.get("choices", {}).items()}
    return FormField(**{**kept, "choices": choices})


def variant_from(kept: Mapping[str, Any]) -> Variant:
    return Variant(kept["answers"], tuple(kept["tiers"]), tuple(kept["stages"]))


def stamp(*contents: object) -> int:
    """A number of 32 bits that tells one state from another: what somebody saw from what is there now.

    A checksum against accidents, small enough to sit behind a button; it need not withstand a forger, who could press
    the present button as well.
    """
    return zlib.crc32(json.dumps(contents, sort_keys=True, ensure_ascii=False).encode())
