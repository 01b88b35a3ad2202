"""Who reaches a human, and why: what is known of a message and its writer → what to do. Pure.

The rules are those of docs/architecture.md, "Who reaches a human"; weights order the reasons on the agent's card.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from faq.matcher import Decision
from support.words.signals import Signals

FAILURES_UNTIL_HUMAN = 2
PRIORITY_TIERS = {"vip": 1.0, "major": 0.7}

WEIGHTS = {
    "asked_human": 1.0,
    "complaint": 1.0,
    "urgent": 1.0,
    "failed_answers": 0.8,
    "at_risk": 0.9,
    "churned": 0.6,
    "no_answer": 0.3,
    "confident_answer": 0.1,
    "ticket_opened": 0.4,
    "reopened": 0.9,
    "agent": 0.1,
    "objection": 0.4,
    **PRIORITY_TIERS,
}
"""First weights, set by judgement: a person's own wish or complaint first, then who they are, then our failures."""


class Act(StrEnum):
    """What the bot does with a message."""

    SILENT = "silent"  # an agent holds the chat, or it is only recorded while in the queue
    GREET = "greet"
    THANK = "thank"
    ANSWER = "answer"
    SUGGEST = "suggest"
    REFUSE = "refuse"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody is in the queue. `facts` fill the sentence that an agent reads."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        return WEIGHTS[self.code]

    def data(self) -> dict[str, Any]:
        return {**asdict(self), "weight": self.weight}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the writer. `tier` and `stage` as analytics names them; unknown is None."""

    tier: str | None = None
    stage: str | None = None
    at_risk: bool = False
    queued: bool = False
    claimed: bool = False
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and the reasons to put the customer into the queue (none: they stay out of it)."""

    act: Act
    reasons: tuple[Reason, ...] = ()
    urgent: bool = False


def judge(who: Standing, signals: Signals, decision: Decision) -> Verdict:  # noqa: PLR0911 - a ladder of rules
    """The one place where it is decided what happens to a message."""
    if who.claimed:
        return Verdict(Act.SILENT)
    if signals.greeting:
        return Verdict(Act.GREET)
    if signals.thanks:
        return Verdict(Act.THANK)
    if reasons := _wants_human(who, signals):
        return Verdict(Act.HUMAN, reasons, urgent=signals.urgent or signals.complaint)
    if who.queued:
        return Verdict(Act.ANSWER if decision is Decision.ANSWER else Act.SILENT)
    if worth := priority_reasons(who):
        if decision is Decision.ANSWER:
            return Verdict(Act.ANSWER, (*worth, Reason("confident_answer")))
        return Verdict(Act.HUMAN, (*worth, Reason("no_answer")))
    return Verdict(Act(decision.value))


def _wants_human(who: Standing, signals: Signals) -> tuple[Reason, ...]:
    reasons = []
    if signals.wants_human:
        reasons.append(Reason("asked_human"))
    if signals.complaint:
        reasons.append(Reason("complaint"))
    if signals.urgent:
        reasons.append(Reason("urgent"))
    if who.failures >= FAILURES_UNTIL_HUMAN:
        reasons.append(Reason("failed_answers", {"count": who.failures}))
    return (*priority_reasons(who), *reasons) if reasons else ()


def priority_reasons(who: Standing) -> tuple[Reason, ...]:
    """Why this customer comes before others, whatever they ask."""
    reasons = []
    if who.tier in PRIORITY_TIERS:
        reasons.append(Reason(who.tier))
    if who.stage == "churn":
        reasons.append(Reason("churned"))
    elif who.at_risk:
        reasons.append(Reason("at_risk"))
    return tuple(reasons)
