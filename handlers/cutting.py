"""Cuts long words where a message's limit wants it: at the end of a line, else of a word, else between two signs.

A sign is what people see as one (a letter with its accents, a family, a flag): Unicode's grapheme cluster (UAX #29).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

import regex
from telegramify_markdown import MessageEntity

SIGN = regex.compile(r"\X")


def cut(text: str, entities: Sequence[MessageEntity], limit: int) -> Iterator[tuple[str, list[MessageEntity]]]:
    """Pieces of at most `limit` UTF-16 units, without the empty lines between them, each with its entities.

    An entity that reaches over a cut goes on in the next piece.
    """
    first = unit = 0
    while first < len(text):
        last = _end(text, first, limit)
        piece = text[first:last]
        kept = piece.strip("\n")
        begins = unit + len(piece) - len(piece.lstrip("\n"))
        yield kept, list(_within(entities, begins, begins + units(kept)))
        first, unit = last, unit + units(piece)


def units(text: str) -> int:
    """A text's length as Telegram counts it: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _end(text: str, first: int, limit: int) -> int:
    """Where a piece that begins at `first` ends."""
    last = _furthest(text, first, limit)
    if last == len(text):
        return last
    line, word = text.rfind("\n", first, last) + 1, text.rfind(" ", (first + last) // 2, last) + 1
    return (line if line > first else word) or _sign_end(text, first, last)


def _furthest(text: str, first: int, limit: int) -> int:
    last = min(len(text), first + limit)
    while units(text[first:last]) > limit:
        last -= -(-(units(text[first:last]) - limit) // 2)
    return last


def _sign_end(text: str, first: int, last: int) -> int:
    """The last end of a sign; inside a sign that is longer than any message there is no better place than another."""
    ends = (sign.end() for sign in SIGN.finditer(text, first))
    return max(takewhile(lambda end: end <= last, ends), default=last)


def _within(entities: Sequence[MessageEntity], begins: int, ends: int) -> Iterator[MessageEntity]:
    for entity in entities:
        first, last = max(entity.offset, begins), min(entity.offset + entity.length, ends)
        if first < last:
            yield entity.copy_with(offset=first - begins, length=last - first)
