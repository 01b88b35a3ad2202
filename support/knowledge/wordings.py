"""What an admin writes of an FAQ entry, as it is kept: checked, and without what nobody could read."""

from __future__ import annotations

from collections.abc import Sequence

from faq.entry import LANGUAGES, LONGEST_ANSWER
from faq.normalise import normalise
from faq.placeholders import faults
from support.errors import TooLongError
from support.knowledge.errors import (
    BrokenPlaceholderError,
    LongCategoryError,
    NeedsTextError,
    UnknownFaqLanguageError,
)

LONGEST_CATEGORY = 60
NO_CATEGORY = "-"
"""What an admin writes who wants none: a message cannot be empty."""


def wordings_of(language: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as an entry keeps them: each once, and none without a letter or digit, which no question could match.

    Raises UnknownFaqLanguageError and NeedsTextError.
    """
    check_language(language)
    lines = [" ".join(text.split()) for text in texts]
    wordings = tuple(dict.fromkeys(line for line in lines if normalise(line)))
    if not wordings:
        raise NeedsTextError("question")
    return wordings


def answer_of(language: str, text: str) -> str:
    """The answer as it is told.

    Raises UnknownFaqLanguageError, NeedsTextError, TooLongError and BrokenPlaceholderError.
    """
    check_language(language)
    text = text.strip()
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise NeedsTextError("answer")
    if len(text) > LONGEST_ANSWER:
        raise TooLongError(len(text))
    if broken := faults(text):
        raise BrokenPlaceholderError(broken[0])
    return text


def category_of(text: str) -> str:
    """The category in one line; empty for NO_CATEGORY. Raises NeedsTextError and LongCategoryError."""
    line = " ".join(text.split())
    if line == NO_CATEGORY:
        return ""
    if not any(map(str.isalnum, line)):
        raise NeedsTextError("category")
    if len(line) > LONGEST_CATEGORY:
        raise LongCategoryError(LONGEST_CATEGORY)
    return line


def check_language(language: str) -> None:
    """Raises UnknownFaqLanguageError."""
    if language not in LANGUAGES:
        raise UnknownFaqLanguageError(language)
