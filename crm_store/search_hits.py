"""Where in a text the words are that somebody searched for, and the part of it that is worth showing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining

from crm_store.search_terms import LONGEST_TEXT, Phrase, fold, pieces, terms_of

EXCERPT_LENGTH = 160
BEFORE_THE_HIT = 40
CUT = "…"
REACHES = (1_000, 4_000, LONGEST_TEXT)
"""Characters that are looked through for the first hit, before more are. Of a long text with an early hit, as most are,
the rest is not even read."""
KNOWN_LETTERS = 10_000
_SPACE = re.compile(r"\s")
_REST_OF_WORD = re.compile(r"\S{0,15}\s")


class Span(NamedTuple):
    """Characters from `start` up to, but without, `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line out of a text; `hits` are the places of what was searched for in it, in order and apart."""

    text: str
    hits: tuple[Span, ...] = ()

    @property
    def parts(self) -> Iterator[tuple[str, bool]]:
        """The line in pieces, each with whether it is a hit."""
        done = 0
        for hit in self.hits:
            yield self.text[done : hit.start], False
            yield self.text[hit.start : hit.end], True
            done = hit.end
        yield self.text[done:], False


class _Placed(NamedTuple):
    """A term and its letters in the folded text."""

    term: str
    start: int
    end: int


def excerpt(text: str, phrases: Sequence[Phrase], longest: int = EXCERPT_LENGTH) -> Excerpt:
    """The first hit with what stands around it, in one line; the text's beginning if it has none."""
    found = _first_hits(text, phrases, longest)
    start = _word_from(text, found[0].start - BEFORE_THE_HIT) if found and found[0].end > longest else 0
    end = min(len(text), start + longest)
    before, after = CUT if start else "", CUT if end < len(text) else ""
    shift = len(before) - start
    within = (Span(hit.start + shift, min(hit.end, end) + shift) for hit in found if hit.start < end)
    return Excerpt(before + _SPACE.sub(" ", text[start:end]) + after, tuple(within))


def _first_hits(text: str, phrases: Sequence[Phrase], longest: int) -> list[Span]:
    """All hits up to so many characters behind the first one, and perhaps more.

    The second half of what was read is there so that no phrase which begins in the first is cut off.
    """
    found: list[Span] = []
    for reach in REACHES:
        found = hits(text[:reach], phrases)
        if len(text) <= reach or (found and found[0].end + longest <= reach // 2):
            break
    return found


def _word_from(text: str, start: int) -> int:
    """There, or where the next word begins if that is near."""
    rest_of_word = _REST_OF_WORD.match(text, max(0, start))
    return rest_of_word.end() if rest_of_word else max(0, start)


def hits(text: str, phrases: Sequence[Phrase]) -> list[Span]:
    """Every place of every phrase in the text as it was written, in order; those that touch are one."""
    folded, spans = _folded(text[:LONGEST_TEXT])
    found = _places(list(_placed(folded)), phrases)
    return _joined(sorted(Span(spans[hit.start].start, spans[hit.end - 1].end) for hit in found))


def _folded(text: str) -> tuple[str, list[Span]]:
    """The folded text, and for each of its letters those that it was made of: a letter with its accents at a time."""
    folded: list[str] = []
    spans: list[Span] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end == len(text) or not combining(text[end]):
            made = _folded_letter(text[start:end])
            folded.append(made)
            spans += [Span(start, end)] * len(made)
            start = end
    return "".join(folded), spans


_folded_letter = lru_cache(KNOWN_LETTERS)(fold)


def _placed(folded: str) -> Iterator[_Placed]:
    for piece in pieces(folded):
        for start, term in enumerate(terms_of(piece), piece.start):
            yield _Placed(term, start, start + (len(term) if piece.is_cjk else len(piece.text)))


def _places(placed: Sequence[_Placed], phrases: Sequence[Phrase]) -> Iterator[Span]:
    """Nearly all terms of a text begin no phrase: they are told by a single look."""
    begins = {phrase.terms[0] for phrase in phrases}
    opens = tuple(phrase.terms[0] for phrase in phrases if phrase.open_end and len(phrase.terms) == 1)
    for at, each in enumerate(placed):
        if each.term in begins or each.term.startswith(opens):
            yield from filter(None, (_place(placed[at : at + len(phrase.terms)], phrase) for phrase in phrases))


def _place(here: Sequence[_Placed], phrase: Phrase) -> Span | None:
    if len(here) < len(phrase.terms) or not all(_fits(each.term, phrase, n) for n, each in enumerate(here)):
        return None
    return Span(here[0].start, here[-1].start + 1 if phrase.open_end else here[-1].end)


def _fits(term: str, phrase: Phrase, n: int) -> bool:
    wanted = phrase.terms[n]
    return term.startswith(wanted) if phrase.open_end and n == len(phrase.terms) - 1 else term == wanted


def _joined(spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
