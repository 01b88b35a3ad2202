"""What a message may have taught us: facts in a customer's words, promises in an agent's; an agent decides on each.

Pure: text, language and moment in; proposals out. Each quotes the sentence it was heard in and invents nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from support.customers.fact_rules import RULES
from support.customers.fact_values import Value, plain_words
from support.words.due_words import due
from support.words.shortening import shortened

LONGEST_READ = 1000
"""Characters; what somebody wants remembered they do not bury in a longer message."""
LONGEST_QUOTE = 200
MOST_PROPOSALS = 3

_SENTENCE_END = re.compile(r"(?<=[!?。!?;；])\s*|(?<=[^.][\w]\.)\s+|\n+")
_WISHES = re.compile(r"\b(?:please|could you|would you|could we|can we)\b|好吗|行吗")
_PROMISE_EN = re.compile(
    r"\b(?:we|i)(?:'ll| will)\b(?! not\b| never\b).{3,80}?(?P<due>\b(?:by|before|until|within|on|tomorrow|today)\b.*)"
)
_PROMISE_ZH = re.compile(
    r"(?:^|[,、]|我们|我|这边|同事|会)在?(?P<due>(?:今天|明天|后天|[这本下]?(?:周|星期|礼拜)[1-6日天]|\d{1,2}月\d{1,2}[日号]?|"
    r"\d{1,2}个?(?:小时|工作日|天|周)内)[^,、]{0,6}?)(?:一定|就|会|可以|能)?(?:给|帮|为|替|向)[您你]"
)
_UNSURE = re.compile(
    r"\b(?:if|unless|once|when|as soon as|should|might|try to|hope)\b|如果|要是|假如|的话|尽量|争取|可能"
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fact for an agent to confirm or decline: `text` are the writer's own words, `rule` says how it was found.

    `kind`, `value` and `due_at` are those of crm_store.models.Fact.
    """

    kind: str
    rule: str
    text: str
    value: Value | None = None
    due_at: datetime | None = None


def proposals(text: str, language: str, now: datetime, *, by_agent: bool = False) -> list[Proposal]:
    """What a message says that should be remembered; mostly nothing, and one of each rule at the most.

    Of a customer: hours, days, channel, language, constraint and preference. `by_agent`: what it promises by a day.
    `language` is the chat's; `now` is aware, in the shop's zone.
    """
    text = text[:LONGEST_READ]
    heard = _promises(text, language, now) if by_agent else _facts(text, language)
    return list({proposal.rule: proposal for proposal in heard}.values())[:MOST_PROPOSALS]


def _facts(text: str, language: str) -> Iterator[Proposal]:
    """One of a sentence, because whoever decides on it reads all of the sentence."""
    for sentence, words in _sentences(text):
        found = ((rule, match) for rule in RULES if (match := rule.search(words)))
        for rule, match in islice(found, 1):
            yield Proposal(rule.kind, rule.name, shortened(sentence, LONGEST_QUOTE), rule.read(match, language))


def _promises(text: str, language: str, now: datetime) -> Iterator[Proposal]:
    """Nothing that hangs on a condition, and nothing without a day."""
    for sentence, words in _sentences(text):
        match = None if _UNSURE.search(words) else _PROMISE_EN.search(words) or _PROMISE_ZH.search(words)
        if match and (due_at := due(match["due"], language, now)):
            yield Proposal("promise", "promise", shortened(sentence, LONGEST_QUOTE), due_at=due_at)


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Each sentence as written and in plain words; questions only where they ask us to do something."""
    for sentence in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        words = plain_words(sentence)
        if not words.endswith(("?", "吗")) or _WISHES.search(words):
            yield sentence, words.rstrip("?")
