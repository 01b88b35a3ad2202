"""Text as Telegram measures it: UTF-16 units, emptiness, entities cut to fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

Entity = dict[str, Any]

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BRAILLE_BLANK = "\u2800"


def units(text: str) -> int:
    """Length in UTF-16 code units, Telegram's measure for offsets and limits."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Whether nobody would see anything: white space, zero-width and format characters only."""
    return not any(unicodedata.category(sign)[0] not in "ZC" and sign != BRAILLE_BLANK for sign in text)


def trimmed(text: str, entities: Iterable[Entity]) -> tuple[str, list[Entity]]:
    """The text as Telegram keeps it, without outer white space, and the entities that lie within.

    Entities that reach outside the text are dropped without a word, as Telegram does.
    """
    whole = units(text)
    kept = text.strip()
    lead = units(text[: len(text) - len(text.lstrip())])
    end = lead + units(kept)
    fitted = []
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if start < 0 or stop > whole or start >= stop:
            continue
        start, stop = max(start, lead), min(stop, end)
        if start < stop:
            fitted.append({**entity, "offset": start - lead, "length": stop - start})
    return kept, fitted
