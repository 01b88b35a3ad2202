"""What a look over an FAQ may find, as plain facts; whoever shows them words them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

EXAMPLES = 3
"""Wordings that stand in a finding for many."""


class Severity(StrEnum):
    """An error keeps customers from an answer, a warning may, a hint would make the FAQ better."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Kind(StrEnum):
    """What a finding is about. Below each: its facts (`other` is an entry's id, `n` and `of` are counts)."""

    SAME_WORDING = "same_wording"
    """wording, other"""
    UNREACHABLE = "unreachable"
    """wording, other ("" if nothing is found): asked as it stands, it does not lead to its own entry"""
    NO_PHRASING = "no_phrasing"
    NO_ANSWER = "no_answer"
    PLACEHOLDER = "placeholder"
    """language, code and written (see faq.placeholders.Fault), problem (the same as a sentence in English)"""
    INTERCEPTED = "intercepted"
    """wording, by (greeting, thanks, human, complaint, urgent): what a message of these words is taken for instead"""
    NEAR_WORDING = "near_wording"
    """wording, other, other_wording, n (such pairs between the two entries)"""
    TAKES = "takes"
    """n, others (ids, the most robbed first), examples (wordings): would answer what other entries are asked"""
    ALONE = "alone"
    """n, of, examples (wordings): in other words than these, the entry is neither answered nor offered"""
    NO_QUESTION_IN = "no_question_in"
    """language"""
    NO_ANSWER_IN = "no_answer_in"
    """language"""
    SHADOWED = "shadowed"
    """n (which variant, from 1), by (the variant before it that always comes first)"""
    FORM_LANGUAGE = "form_language"
    """language, slot"""
    SINGLE_PHRASING = "single_phrasing"
    """language, wording"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend; `facts` are those that its kind names, plain values only."""

    kind: Kind
    entry_id: str
    severity: Severity
    facts: Mapping[str, Any] = field(default_factory=dict)
