"""What an FAQ entry is: one question in many wordings and languages, its answers, and the form that may follow."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
"""The languages (BCP 47) that an FAQ is kept in, in the order in which it is written."""

UNDETERMINED = "und"
"""BCP 47's tag for "language not stated": where a flat list of phrasings is kept."""

SLOT_TYPES = ("text", "number", "date", "email", "phone", "order_number", "choice", "yes_no")
"""What a form may ask for."""
CHOICE = "choice"
"""The one slot type that has choices, and always has them."""

TIERS = ("vip", "major", "ordinary", "small")
STAGES = ("awareness", "consideration", "purchase", "use", "loyalty", "churn", "at-risk")
"""Whom a variant may be for; at-risk is laid over the other stages."""

LONGEST_ANSWER = 4096
"""Characters. A messenger's limit for one message: an answer arrives in one piece."""

_SLOT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ID = re.compile(r"[a-z0-9-]{1,40}")


def is_entry_id(text: str) -> bool:
    """Whether an FAQ may name an entry so: small letters, digits and hyphens, short enough to sit behind a button."""
    return _ID.fullmatch(text) is not None


def is_slot(text: str) -> bool:
    """Whether a form may name a field so: a small letter, then small letters, digits and underscores, at most 40."""
    return _SLOT.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing asked after the answer; `ask` holds the question by language, `slot` names the ticket's field.

    `choices` are the possible answers by language, in the same order, for the type `choice` alone.
    """

    slot: str
    type: str = "text"
    required: bool = False
    ask: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Variant:
    """Other answers for some customers: those of one of these tiers and one of these stages; empty means any.

    Tiers are vip, major, ordinary, small; stages are awareness, consideration, purchase, use, loyalty, churn and the
    overlay at-risk. The first variant that fits is told.
    """

    answers: Mapping[str, str]
    tiers: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question that the shop answers.

    `phrasings` is a mapping of language (BCP 47: `en`, `zh-Hans`, `zh-Hant`) to wordings, or a flat list where
    languages do not matter; the first wording is the canonical one. `answers` maps language to plain text or a small
    Markdown. Nothing is checked here: what a file or an admin may write is checked where it is read.
    """

    id: str
    phrasings: Mapping[str, Sequence[str]] | Sequence[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    category: str = ""
    form: tuple[FormField, ...] = ()
    variants: tuple[Variant, ...] = ()

    @property
    def questions(self) -> dict[str, tuple[str, ...]]:
        """The phrasings by language; a flat list stands under `und`."""
        if isinstance(self.phrasings, Mapping):
            return {language: tuple(wordings) for language, wordings in self.phrasings.items()}
        return {UNDETERMINED: tuple(self.phrasings)} if self.phrasings else {}

    @property
    def wordings(self) -> tuple[str, ...]:
        """Every phrasing in every language, in the entry's order."""
        return tuple(wording for wordings in self.questions.values() for wording in wordings)
