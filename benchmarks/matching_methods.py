"""What is compared: a way to find entries, made of an FAQ and asked many questions at once. Ours is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from faq.entry import FaqEntry
from faq.matcher import Decision, Match, Matcher, decide
from faq.space import Encoder

BEST = 3
"""Entries that are looked at for a question; as many as a customer is offered."""


@dataclass(frozen=True, slots=True)
class Finder:
    """`find` gives the best entries for each question; `answers` says whether a customer would be told the first."""

    find: Callable[[Sequence[str]], list[list[Match]]]
    answers: Callable[[Sequence[Match]], bool]


Method = Callable[[Sequence[FaqEntry]], Finder]


def ours(encoder: Encoder | None) -> Method:
    """Touchdesk's matcher, with the thresholds that it learns from the FAQ."""

    def build(entries: Sequence[FaqEntry]) -> Finder:
        matcher = Matcher.trained(entries, encoder=encoder)
        return Finder(
            lambda questions: [matcher.match(question, BEST) for question in questions],
            lambda found: decide(found, matcher.thresholds) is Decision.ANSWER,
        )

    return build
